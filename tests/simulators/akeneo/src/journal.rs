//! The journal: every request to `/connect/apps/` and `/api/`, so that tests can prove what was and was not asked.
//!
//! It holds secrets on purpose; the simulator serves tests only.

use std::collections::VecDeque;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::fault::FaultKind;

/// Older entries than this many are dropped.
const LONGEST: usize = 20_000;

/// One request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// Counts from 1.
    pub id: u64,
    /// When, by the simulator's clock, RFC 3339.
    pub at: String,
    /// HTTP method.
    pub method: String,
    /// Path, not decoded.
    pub path: String,
    /// Query parameters in their order, decoded, repeated names included.
    pub query: Vec<(String, String)>,
    /// Form fields in their order, decoded; empty unless the body is a form.
    pub form: Vec<(String, String)>,
    /// Size of the body in bytes.
    pub body_bytes: usize,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `Accept`.
    pub accept: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// Status that the PIM decided on; nothing if it did no work.
    pub status: Option<u16>,
    /// The fault that hit the request.
    pub fault: Option<FaultKind>,
}

impl RecordedRequest {
    /// The only value of a query parameter; nothing if it is absent or repeated.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        only(&self.query, name)
    }

    /// The only value of a form field; nothing if it is absent or repeated.
    #[must_use]
    pub fn form_value(&self, name: &str) -> Option<&str> {
        only(&self.form, name)
    }

    /// Reads a request; nothing if it is none of those that are recorded.
    pub(crate) fn read(parts: &Parts, body: &[u8], at: String) -> Option<Self> {
        let path = parts.uri.path();
        if !(path.starts_with("/connect/apps/") || path == "/api" || path.starts_with("/api/")) {
            return None;
        }
        let header = |name| {
            parts
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let content_type = header(CONTENT_TYPE);
        let is_form = content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        Some(Self {
            id: 0,
            at,
            method: parts.method.to_string(),
            path: path.to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            form: if is_form { pairs(body) } else { Vec::new() },
            body_bytes: body.len(),
            content_type,
            authorization: header(AUTHORIZATION),
            accept: header(ACCEPT),
            user_agent: header(USER_AGENT),
            status: None,
            fault: None,
        })
    }
}

fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = pairs
        .iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.as_str());
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// The recorded requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<RecordedRequest>,
    count: u64,
}

impl Journal {
    /// Adds an entry.
    pub(crate) fn add(&mut self, mut request: RecordedRequest) {
        self.count += 1;
        request.id = self.count;
        if self.entries.len() == LONGEST {
            self.entries.pop_front();
        }
        self.entries.push_back(request);
    }

    /// Forgets all; counting goes on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// All entries.
    pub(crate) fn entries(&self) -> Vec<RecordedRequest> {
        self.entries.iter().cloned().collect()
    }
}
