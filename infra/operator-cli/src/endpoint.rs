//! Where the API is, and one request to it.

use std::time::Duration;

use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use url::{Host, Url};

use crate::arguments::Arguments;
use crate::fault::Fault;
use crate::request::Call;
use crate::signature::Signer;

/// For one request; API Gateway gives up after half of it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The API.
#[derive(Debug)]
pub struct Endpoint {
    client: Client,
    origin: Url,
    signer: Option<Signer>,
}

/// What came back.
pub(crate) struct Answer {
    /// Where the next page begins, where the answer is no JSON.
    pub(crate) next_cursor: Option<String>,
    /// The body.
    pub(crate) text: String,
}

impl Endpoint {
    /// The endpoint that the command line names.
    ///
    /// # Errors
    /// [`Fault`], if it is none, or nothing can be signed for it.
    pub async fn open(arguments: &Arguments) -> Result<Self, Fault> {
        let origin = arguments.endpoint.clone().ok_or(Fault::NoEndpoint)?;
        let bare = origin.path() == "/" && origin.query().is_none() && origin.username().is_empty();
        if !bare || !origin.has_host() || !matches!(origin.scheme(), "http" | "https") {
            return Err(Fault::NotAnOrigin);
        }
        if !arguments.unsigned && origin.scheme() != "https" && !is_here(&origin) {
            return Err(Fault::InTheClear(origin.origin().ascii_serialization()));
        }
        let signer = match arguments.unsigned {
            true => None,
            false => Some(Signer::find(arguments.region.as_deref()).await?),
        };
        let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
        let client = client.map_err(|error| unreachable(&origin, error))?;
        Ok(Self { client, origin, signer })
    }

    /// Sends a request and reads its JSON.
    pub(crate) async fn send(&self, call: Call) -> Result<Value, Fault> {
        let answer = self.answer(call).await?;
        serde_json::from_str(&answer.text).map_err(|_| Fault::NotUnderstood)
    }

    /// Sends a request; an answer that is a refusal is a fault.
    pub(crate) async fn answer(&self, call: Call) -> Result<Answer, Fault> {
        let lost = |error: reqwest::Error| unreachable(&self.origin, error);
        let url = self.origin.join(&call.target()).map_err(|_| Fault::NotAnOrigin)?;
        let body = call.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut headers = vec![("accept", "application/json, text/csv")];
        if call.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let mut request = self.client.request(call.method.clone(), url.clone());
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        if let Some(signer) = &self.signer {
            let signed = signer.headers(call.method.as_str(), url.as_str(), &headers, body.as_bytes());
            for (name, value) in signed.await? {
                request = request.header(name, value);
            }
        }
        let answer = request.body(body).send().await.map_err(lost)?;
        let status = answer.status();
        let next = answer
            .headers()
            .get("next-cursor")
            .and_then(|value| value.to_str().ok());
        let next_cursor = next.map(str::to_owned);
        let text = answer.text().await.map_err(lost)?;
        if status.is_success() {
            return Ok(Answer { next_cursor, text });
        }
        let body = serde_json::from_str(&text).unwrap_or_default();
        Err(Fault::refused(status.as_u16(), &body))
    }
}

fn is_here(origin: &Url) -> bool {
    match origin.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn unreachable(origin: &Url, error: reqwest::Error) -> Fault {
    let error = error.without_url();
    let mut cause = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(deeper) = source {
        cause = format!("{cause}: {deeper}");
        source = deeper.source();
    }
    Fault::Unreachable {
        origin: origin.origin().ascii_serialization(),
        cause,
    }
}
