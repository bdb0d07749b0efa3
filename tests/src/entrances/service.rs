//! Whole requests and events, through the functions' own handlers and the embedded store.

use std::sync::Arc;
use std::time::Duration;

use connector::config::Config;
use connector::service::Services;
use connector::store::embedded::EmbeddedStore;
use connector::web::Request;
use http::{HeaderMap, HeaderValue, Method, header};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use tempfile::TempDir;

use crate::Fault;

/// After which a request hangs.
const HANGS: Duration = Duration::from_secs(30);

/// The service with a store that goes away and without a way out.
#[derive(Debug)]
pub struct Service {
    services: Services,
    _folder: TempDir,
}

impl Service {
    /// Builds it.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn build() -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("store.db");
        let pairs = [
            ("CONNECTOR_PUBLIC_URL", "https://setup.example.com"),
            ("CONNECTOR_STORE", "embedded:given"),
            ("CONNECTOR_SALESFORCE_CLIENT_ID", "key"),
            ("CONNECTOR_SALESFORCE_APP_SECRET", "app"),
        ];
        let config = Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))?;
        let store = Arc::new(EmbeddedStore::open(path.to_string_lossy().as_ref())?);
        let services = Services::with_stores(config, (store.clone(), store))?;
        Ok(Self {
            services,
            _folder: folder,
        })
    }

    /// The body of a new invitation.
    pub async fn operator_json(&self, body: &[u8]) {
        let request = request(
            Method::POST,
            "/operator/invitations",
            "",
            &[("content-type", b"application/json")],
            body,
        );
        let reply = in_time(operator::respond(&self.services, &request)).await;
        assert!(
            reply.status().as_u16() == 201 || reply.status().is_client_error(),
            "{}",
            reply.status()
        );
        assert!(serde_json::from_str::<Value>(reply.body()).is_ok(), "an answer is JSON");
        assert!(reply.body().len() < 4096 + 64 * body.len(), "an answer is bounded");
    }

    /// What invokes `salesforce-patch`.
    pub async fn stream_event(&self, event: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Value>(event) else {
            return;
        };
        let handled = in_time(salesforce_patch::handle(
            &self.services,
            LambdaEvent::new(event, Context::default()),
        ))
        .await;
        let answer = handled.map_err(|error| error.to_string());
        assert!(
            matches!(&answer, Ok(Value::Object(_))),
            "no event makes the function fail: {answer:?}"
        );
    }

    /// A request of a browser: target, cookies, content type and body.
    pub async fn http_request(&self, method: u8, target: &str, cookies: &[u8], body: &[u8]) {
        let methods = [Method::GET, Method::POST, Method::HEAD, Method::DELETE];
        let method = methods[usize::from(method) % methods.len()].clone();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let kind: &[u8] = b"application/x-www-form-urlencoded";
        let request = request(
            method,
            path,
            query,
            &[("content-type", kind), ("cookie", cookies)],
            body,
        );
        for reply in [
            in_time(setup_start::respond(&self.services, &request)).await,
            in_time(oauth_callback::respond(&self.services, &request)).await,
            in_time(operator::respond(&self.services, &request)).await,
        ] {
            assert!(!reply.status().is_server_error(), "{} for {path}", reply.status());
            assert_eq!(
                reply.headers().get(header::REFERRER_POLICY).map(HeaderValue::as_bytes),
                Some(b"no-referrer".as_slice())
            );
            if let Some(place) = reply.headers().get(header::LOCATION) {
                assert!(place.as_bytes().starts_with(b"/setup"), "no open redirect");
            }
        }
    }
}

fn request(method: Method, path: &str, query: &str, pairs: &[(&'static str, &[u8])], body: &[u8]) -> Request {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(*name, value);
        }
    }
    Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.to_vec().into(),
    }
}

async fn in_time<T>(answer: impl Future<Output = T>) -> T {
    let Ok(answer) = tokio::time::timeout(HANGS, answer).await else {
        unreachable!("the request hangs")
    };
    answer
}
