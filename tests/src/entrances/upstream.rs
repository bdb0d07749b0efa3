//! Answers of the PIM and of the org, over a real socket: whatever status, type and body they have, each call ends in time.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use connector::akeneo::{self, ChallengePair, CodeExchange, PimUrl, Scopes};
use connector::clock::Deadline;
use connector::outbound::{Outbound, Permit};
use connector::salesforce::api::Org;
use connector::salesforce::oauth::{App, TokenEndpoint};
use connector::salesforce::record::{Discovery, FullName, PackagedRecord};
use connector::salesforce::record_id::{PrincipalId, RecordId};
use connector::salesforce::version::{self, ApiVersion};
use connector::salesforce::{OrgUrl, UserId, external_credential, grant, identity_provider, named_credential};
use connector::salesforce::{organization, package, permission, provider_credential, record};
use connector::secret::{AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, RefreshToken};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Fault;

/// For one call: short enough that nothing is tried again.
const EACH: Duration = Duration::from_millis(900);
/// After which a call hangs.
const HANGS: Duration = Duration::from_secs(10);
/// The app's secret, which signs Salesforce's token answers.
const SECRET: &str = "F8D2A1C7E0B94D5F";
const STATUSES: [u16; 12] = [200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 422];
const KINDS: [&str; 4] = [
    "application/json",
    "text/html; charset=utf-8",
    "application/xml",
    "\u{e9}",
];

/// What the server answers to everything.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
}

/// A server that plays both sides, and what is needed to call it.
#[derive(Debug)]
pub struct Upstream {
    answer: Arc<Mutex<Answer>>,
    outbound: Outbound,
    pim: PimUrl,
    org: OrgUrl,
    record: PackagedRecord,
    user: UserId,
    principal: PrincipalId,
    server: JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Upstream {
    /// Starts the server on loopback.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> Result<Self, Fault> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let permit = Permit::parse(&origin)?;
        let answer = Arc::new(Mutex::new(Answer {
            status: 200,
            kind: KINDS[0],
            body: Vec::new(),
        }));
        let router = Router::new().fallback(play).with_state(answer.clone());
        let server = tokio::spawn(async move {
            // It ends when it is aborted.
            axum::serve(listener, router).await.ok();
        });
        Ok(Self {
            answer,
            pim: PimUrl::parse(&origin, &permit)?,
            org: OrgUrl::parse(&origin, &permit)?,
            outbound: Outbound::new(permit)?,
            record: PackagedRecord {
                id: RecordId::parse("0XA4H000000TNRhWAO")?,
                full_name: FullName::new("ns", "Akeneo"),
            },
            user: UserId::parse("005xx000001Sv6e")?,
            principal: PrincipalId::parse("0pu4H000000TNRhQAO")?,
            server,
        })
    }

    /// Which call is made, how it is answered, and with what. The first byte chooses the call, the second status and type.
    ///
    /// # Panics
    /// When a call does not end.
    pub async fn answer_with(&self, call: u8, shape: u8, body: &[u8]) {
        let signed = if shape >= 128 { signed(body) } else { None };
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Answer {
            status: STATUSES[usize::from(shape) % STATUSES.len()],
            kind: KINDS[usize::from(shape / 16) % KINDS.len()],
            body: signed.unwrap_or_else(|| body.to_vec()),
        };
        let shown = tokio::time::timeout(HANGS, self.call(call)).await;
        let Ok(shown) = shown else {
            unreachable!("the call hangs")
        };
        assert!(
            shown.len() < 64 * 1024 + 8 * body.len(),
            "what is kept of an answer is bounded"
        );
    }

    /// Makes one call and shows what came of it.
    async fn call(&self, call: u8) -> String {
        let (outbound, deadline) = (&self.outbound, Deadline::after(EACH));
        let app = App {
            client_id: "key".to_owned(),
            client_secret: ClientSecret::new(SECRET),
        };
        let endpoint = TokenEndpoint::new(outbound, self.org.url().clone(), &app, deadline);
        let session = AccessToken::new("00Dxx0000001gER!AQ.x");
        let org = Org::new(
            outbound,
            self.org.clone(),
            session.clone(),
            ApiVersion::NEWEST,
            deadline,
        );
        match call % 16 {
            0 => {
                let pair =
                    ChallengePair::with_identifier(connector::secret::CodeIdentifier::new("i"), &app.client_secret);
                let code = AuthorizationCode::new("c");
                let request = CodeExchange {
                    pim: &self.pim,
                    client_id: "id",
                    code,
                    pair: &pair,
                };
                format!("{:?}", akeneo::exchange(outbound, request, deadline).await)
            }
            1 => {
                let all = Scopes::required();
                format!(
                    "{:?}",
                    akeneo::probe(outbound, &self.pim, &session, &all, &all, deadline).await
                )
            }
            2 => format!("{:?}", akeneo::recognise(outbound, &self.pim, deadline).await),
            3 => {
                let code = AuthorizationCode::new("c");
                format!(
                    "{:?}",
                    endpoint.exchange(&code, CodeVerifier::new("v"), self.org.url()).await
                )
            }
            4 => format!("{:?}", endpoint.refresh(&RefreshToken::new("r")).await),
            5 => format!("{:?}", endpoint.revoke_access(&session).await),
            6 => format!("{:?}", version::discover(outbound, &self.org, deadline).await),
            7 => format!("{:?}", organization::read(&org).await),
            8 => format!("{:?}", record::discover(&org, None).await),
            9 => format!("{:?}", permission::preflight(&org).await),
            10 => format!("{:?}", identity_provider::read(&org, &self.record).await),
            11 => format!("{:?}", provider_credential::read(&org, &self.record.full_name).await),
            12 => format!("{:?}", external_credential::read(&org, &self.record).await),
            13 => format!("{:?}", named_credential::read(&org, &self.record).await),
            14 => format!("{:?}", package::detect(&org, &Discovery::Missing, None).await),
            _ => format!(
                "{:?}",
                grant::observe(&org, &self.principal, std::slice::from_ref(&self.user)).await
            ),
        }
    }
}

async fn play(State(answer): State<Arc<Mutex<Answer>>>) -> Response<Body> {
    let Answer { status, kind, body } = answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if let Ok(kind) = HeaderValue::from_bytes(kind.as_bytes()) {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

/// The same token answer with a signature that holds, so that what stands behind the signature is reached.
fn signed(body: &[u8]) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).ok()?;
    mac.update(answer["id"].as_str()?.as_bytes());
    mac.update(answer["issued_at"].as_str()?.as_bytes());
    answer["signature"] = Value::String(STANDARD.encode(mac.finalize().into_bytes()));
    serde_json::to_vec(&answer).ok()
}
