//! Sending a call: the rules, the right client, the tries, and one span.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use http::StatusCode;
use tracing::{Instrument, Span, field::Empty};

use super::client::{self, OutboundError, Tls};
use super::resolver::SystemLookup;
use super::retry::{Pace, repeated};
use super::{Answer, Call, CallError, Permit, check_url};
use crate::clock::Deadline;

/// The way out. Cheap to clone: the clients behind it, and the connections that they keep, are shared.
#[derive(Debug, Clone)]
pub struct Outbound {
    permit: Permit,
    tls: Tls,
    strict: reqwest::Client,
    permitted: reqwest::Client,
    pace: Pace,
}

impl Outbound {
    /// Builds both clients.
    ///
    /// # Errors
    /// When the HTTP library refuses its settings, which is a fault of the build.
    pub fn new(permit: Permit) -> Result<Self, OutboundError> {
        let tls = Tls::new()?;
        Ok(Self {
            permit,
            strict: client::strict(&tls, SystemLookup)?,
            permitted: client::permitted(&tls)?,
            tls,
            pace: Pace::default(),
        })
    }

    /// The same way out for one visit of a caller that comes back by itself and has others waiting behind it. A hiccup of the network is
    /// tried once more, and a time-out, a wish for fewer calls and a `Retry-After` are answers. Its connections are its own and close
    /// with it: a sweep meets thousands of hosts, each once, and a function may have 1,024 files open. TLS sessions are still resumed.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn hurried(&self) -> Result<Self, OutboundError> {
        Ok(Self {
            strict: client::strict(&self.tls, SystemLookup)?,
            permitted: client::permitted(&self.tls)?,
            pace: Pace::Hurried,
            ..self.clone()
        })
    }

    /// The origins that are exempt from the https and public-address rules.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Sends a call and reads its answer, whatever the status. Redirects are answers; they are not followed.
    /// The whole of it, repetitions and pauses included, ends at the deadline.
    ///
    /// # Errors
    /// [`CallError`] when there is no answer.
    pub async fn send(&self, call: &Call, deadline: Deadline) -> Result<Answer, CallError> {
        let span = tracing::info_span!(
            "outbound.call",
            call.name = call.name,
            method = %call.method,
            host = call.url.host_str().unwrap_or_default(),
            status = Empty,
            outcome = Empty,
            duration_ms = Empty,
            tries = Empty,
        );
        self.send_within(call, deadline).instrument(span).await
    }

    async fn send_within(&self, call: &Call, deadline: Deadline) -> Result<Answer, CallError> {
        let before = deadline.remaining();
        let tries = AtomicU32::new(0);
        let result = match self.client_for(call) {
            Some(client) => {
                repeated(call.retry, self.pace, deadline, || {
                    tries.fetch_add(1, Relaxed);
                    one_try(client, call, deadline)
                })
                .await
            }
            None => Err(CallError::Forbidden),
        };
        note(
            &result,
            before.saturating_sub(deadline.remaining()),
            tries.load(Relaxed),
        );
        result
    }

    /// The client that may call this URL, if any may.
    fn client_for(&self, call: &Call) -> Option<&reqwest::Client> {
        check_url(&call.url, &self.permit).ok()?;
        Some(if self.permit.permits(&call.url) {
            &self.permitted
        } else {
            &self.strict
        })
    }
}

async fn one_try(client: &reqwest::Client, call: &Call, deadline: Deadline) -> Result<Answer, CallError> {
    let limit = deadline.slice(call.timeout);
    if limit.is_zero() {
        return Err(CallError::TimedOut);
    }
    client::try_once(client, call, limit).await
}

/// Writes the outcome into the span and one line about it: status and duration, never a URL, header or body.
fn note(result: &Result<Answer, CallError>, took: Duration, tries: u32) {
    let span = Span::current();
    match result {
        Ok(answer) => span.record("status", answer.status.as_u16()),
        Err(fault) => span.record("outcome", fault.to_string()),
    };
    span.record("duration_ms", u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    span.record("tries", tries);
    // Twenty small calls that went well are no news; one that did not is.
    let well = result
        .as_ref()
        .is_ok_and(|answer| !answer.status.is_server_error() && answer.status != StatusCode::TOO_MANY_REQUESTS);
    if well {
        tracing::debug!(name: "outbound.call", "outbound call ended");
    } else {
        tracing::info!(name: "outbound.call", "outbound call ended");
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use http::{HeaderValue, Method, header};
    use tracing_subscriber::fmt::MakeWriter;

    use super::super::Body;
    use super::super::mini_server::{MiniServer, answer};
    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// At DEBUG, with the lines of all libraries: TRACE is forbidden in production.
    #[tokio::test]
    async fn a_call_leaves_one_line_without_secrets() {
        let lines = Lines::default();
        let log = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(lines.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(log);
        let server = MiniServer::answering(answer("404 Not Found", &[("X-Canary", "canary")], "canary")).await;
        let mut call = Call::new(
            "test.named",
            Method::POST,
            server.origin().join("/canary?canary=canary#canary").unwrap(),
        );
        call.headers
            .insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer canary"));
        call.body = Body::Form(vec![("canary", "canary".to_owned())]);
        let outbound = server.outbound();
        outbound
            .send(&call, Deadline::after(Duration::from_secs(5)))
            .await
            .unwrap();
        call.url = "https://canary:canary@127.0.0.1/canary".parse().unwrap();
        outbound
            .send(&call, Deadline::after(Duration::from_secs(5)))
            .await
            .unwrap_err();

        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("canary"), "{text}");
        let ended: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let spans: Vec<_> = ended
            .iter()
            .filter(|line| line["fields"]["message"] == "outbound call ended")
            .map(|line| &line["span"])
            .collect();
        assert_eq!(spans.len(), 2, "{text}");
        assert_eq!(
            (&spans[0]["call.name"], &spans[0]["host"]),
            (&"test.named".into(), &"127.0.0.1".into())
        );
        assert_eq!((&spans[0]["status"], &spans[0]["tries"]), (&404.into(), &1.into()));
        assert!(spans[0]["duration_ms"].is_u64());
        assert_eq!(
            (&spans[1]["outcome"], &spans[1]["tries"]),
            (&"the address may not be called".into(), &0.into())
        );
    }
}
