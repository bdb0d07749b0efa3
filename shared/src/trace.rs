//! The correlation id: one short random id for each piece of work, from the page that a person reads to the last log line.
//!
//! A request gets a fresh one; it is never read from what a stranger sends. The write that makes wiring due carries it to the run
//! that follows, entries of the audit trail keep it, and the events that are made of them pass it on. Where the work goes,
//! [`Services`] go, so they carry it. It opens nothing and says nothing about anybody.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use tracing::{Instrument, Span};

use crate::clock::Deadline;
use crate::random::{Random, identifier};
use crate::service::Services;
use crate::web::{Reply, Request};

/// Random bytes of an id: a year's work of a large fleet does not meet twice.
const BYTES: usize = 8;
/// Longer than any request takes.
const LONGEST: Duration = Duration::from_secs(3600);

/// A correlation id: 16 lowercase hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Trace(String);

impl Trace {
    /// A new one.
    #[must_use]
    pub fn fresh(random: &dyn Random) -> Self {
        Self(identifier(random, BYTES))
    }

    /// The id in a text; `None` for anything but 16 lowercase hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 2 * BYTES && text.bytes().all(digit)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a stored id. Records from before there were ids have none, and one of another shape counts as none: a reference is never a
/// reason not to read what it belongs to.
///
/// # Errors
/// When what is stored is no value at all.
pub fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Trace>, D::Error> {
    let found = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(found.and_then(|found| Trace::parse(found.as_str()?)))
}

impl Services {
    /// The same services for work under a fresh id.
    #[must_use]
    pub fn traced(&self) -> Self {
        self.carrying(None)
    }

    /// The same services for work that goes on under an id that was carried here, or under a fresh one where none was.
    #[must_use]
    pub fn carrying(&self, trace: Option<Trace>) -> Self {
        Self {
            trace: Some(trace.unwrap_or_else(|| Trace::fresh(&*self.random))),
            ..self.clone()
        }
    }

    /// The span around a piece of work: every log line in it carries the id as `trace`.
    #[must_use]
    pub fn span(&self) -> Span {
        tracing::info_span!("work", trace = self.trace.as_ref().map(Trace::as_str))
    }
}

/// Answers a request in its span and writes one line about it: what was asked for, without what is secret in a path, and how it ended.
pub async fn served(services: &Services, request: &Request, answer: impl Future<Output = Reply>) -> Reply {
    let began = Deadline::after(LONGEST);
    let work = async {
        let reply = answer.await;
        let took = LONGEST.saturating_sub(began.remaining());
        tracing::info!(name: "request", method = request.known_method(), route = request.route(), status = reply.status().as_u16(),
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        reply
    };
    work.instrument(services.span()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Deserialize)]
    struct Noted {
        #[serde(default, deserialize_with = "stored")]
        trace: Option<Trace>,
    }

    #[test]
    fn what_is_stored_is_an_id_or_nothing() {
        let check = |stored: serde_json::Value, expect: Option<&str>| {
            let noted: Noted = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(noted.trace.as_ref().map(Trace::as_str), expect, "{stored}");
        };
        check(json!({ "trace": "0123456789abcdef" }), Some("0123456789abcdef"));
        for other in [
            json!({}),
            json!({ "trace": null }),
            json!({ "trace": "" }),
            json!({ "trace": "0123456789ABCDEF" }),
            json!({ "trace": "0123456789abcdef0" }),
            json!({ "trace": "0123456789abcde\n" }),
            json!({ "trace": 7 }),
            json!({ "trace": ["0123456789abcdef"] }),
        ] {
            check(other, None);
        }
    }

    #[test]
    fn a_fresh_id_is_read_back() {
        let fresh = Trace::fresh(&crate::random::SystemRandom);
        assert_eq!(Trace::parse(fresh.as_str()), Some(fresh));
    }
}
