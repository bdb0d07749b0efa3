//! The HTTP clients themselves: how they are built, and how one try is made with them.
//!
//! Certificates are checked against the bundled Mozilla roots, for permitted origins too; there is no switch that turns
//! this off. Nothing is read from the environment. This is the only room that names the HTTP library.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rustls::crypto::aws_lc_rs;
use tokio::time::timeout;

use super::fault::classify;
use super::resolver::{Lookup, PublicOnly};
use super::{Answer, Body, Call, CallError};

/// Longest wait for a connection, name look-up and TLS included.
const CONNECT: Duration = Duration::from_secs(3);
/// Longest silence in the middle of a body.
const READ: Duration = Duration::from_secs(5);
/// A frozen Lambda wakes up with dead connections; few are kept, and not for long.
const IDLE: Duration = Duration::from_secs(5);

/// Why no client could be built. A fault of the build, not of the network.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// TLS settings were refused.
    #[error("the TLS settings are not usable")]
    Tls(#[from] rustls::Error),
    /// The client was refused.
    #[error("the http client cannot be built")]
    Client(#[from] reqwest::Error),
}

/// A client that speaks https to public addresses only.
pub(super) fn strict(tls: &Tls, lookup: impl Lookup) -> Result<reqwest::Client, OutboundError> {
    Ok(builder(tls.clone())
        .https_only(true)
        .dns_resolver(PublicOnly(lookup))
        .build()?)
}

/// A client for origins that the permit names; see [`super::check_url`].
pub(super) fn permitted(tls: &Tls) -> Result<reqwest::Client, OutboundError> {
    Ok(builder(tls.clone()).build()?)
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds HTTP clients")]
fn builder(Tls(tls): Tls) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("akeneo-connector-setup/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(2)
        .pool_idle_timeout(IDLE)
}

/// What clients share: the roots, and the sessions that can be resumed. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Tls(rustls::ClientConfig);

impl Tls {
    /// Trusts the bundled roots.
    pub(super) fn new() -> Result<Self, OutboundError> {
        Self::trusting(rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        })
    }

    fn trusting(roots: rustls::RootCertStore) -> Result<Self, OutboundError> {
        let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(config))
    }
}

/// Sends a call once and reads its whole answer, within `limit`.
pub(super) async fn try_once(client: &reqwest::Client, call: &Call, limit: Duration) -> Result<Answer, CallError> {
    timeout(limit, exchange(client, call))
        .await
        .unwrap_or(Err(CallError::TimedOut))
}

async fn exchange(client: &reqwest::Client, call: &Call) -> Result<Answer, CallError> {
    let request = client
        .request(call.method.clone(), call.url.clone())
        .headers(call.headers.clone());
    let request = match &call.body {
        Body::Empty => request,
        Body::Form(fields) => request.form(fields),
        Body::Json(document) => request.json(document),
        Body::Raw { content_type, bytes } => request
            .header(http::header::CONTENT_TYPE, content_type)
            .body(bytes.clone()),
    };
    let mut response = request.send().await.map_err(classify)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    Ok(Answer {
        status,
        headers,
        body: read_capped(response).await?,
    })
}

async fn read_capped(mut response: reqwest::Response) -> Result<Bytes, CallError> {
    let mut body = BytesMut::new();
    loop {
        let chunk = timeout(READ, response.chunk()).await.map_err(|_| CallError::TimedOut)?;
        let Some(chunk) = chunk.map_err(classify)? else {
            return Ok(body.freeze());
        };
        if chunk.len() > Answer::CAP - body.len() {
            return Err(CallError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
}

/// For tests: a permitted client that trusts one certificate and nothing else.
#[cfg(test)]
pub(super) fn trusting(root: rustls::pki_types::CertificateDer<'static>) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root).unwrap();
    builder(Tls::trusting(roots).unwrap()).build().unwrap()
}
