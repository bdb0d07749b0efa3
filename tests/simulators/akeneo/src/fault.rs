//! Faults: what happens to single requests, whatever the PIM would have answered (facts/akeneo 10.3).
//!
//! They imitate gateways, networks and hosting; they never change what the PIM knows, except that `reset_after` and `delay` let the work be done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// This status instead of the answer; the request is not worked on.
    Status,
    /// The connection is reset before anything is done.
    ResetBefore,
    /// The work is done, then the connection is reset without an answer: the lost answer.
    ResetAfter,
    /// The work is done, the answer starts `delay_ms` later.
    Delay,
    /// The work is done, the answer trickles: `size` bytes (default 1), then `delay_ms` (default 100) of silence, and so on.
    Drip,
    /// A well-formed answer of `size` bytes (default 16 MiB) instead of the real one; the request is not worked on.
    Oversized,
}

/// A fault and the requests that it hits. `/_simulator/` is never hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only this method; every method without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only paths that start like this.
    pub path_prefix: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// HTTP status of `status` (default 503) and `oversized` (default 200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// More headers of `status` and `oversized`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Body of `status`; without it 429 has the documented body and Retry-After, everything else an HTML page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Content type of `body` (default `text/html`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Milliseconds of `delay` and `drip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Bytes of `oversized` and `drip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// How many requests it hits; nothing is for ever.
    #[serde(default)]
    pub count: Option<u32>,
}

impl Fault {
    /// A fault that hits every request below this path, for ever.
    #[must_use]
    pub fn new(kind: FaultKind, path_prefix: &str) -> Self {
        Self {
            method: None,
            path_prefix: path_prefix.to_owned(),
            kind,
            status: None,
            headers: BTreeMap::new(),
            body: None,
            content_type: None,
            delay_ms: None,
            size: None,
            count: None,
        }
    }

    /// The same, for so many requests.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self {
            count: Some(count),
            ..self
        }
    }

    fn hits(&self, method: &str, path: &str) -> bool {
        self.count != Some(0)
            && self
                .method
                .as_deref()
                .is_none_or(|only| only.eq_ignore_ascii_case(method))
            && path.starts_with(&self.path_prefix)
    }
}

/// The faults that wait for their requests, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Those that still wait.
    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.0.clone()
    }

    /// The first fault that hits this request; one of its hits is used up.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let index = self.0.iter().position(|fault| fault.hits(method, path))?;
        let fault = self.0.get_mut(index)?;
        if let Some(count) = &mut fault.count {
            *count -= 1;
        }
        let taken = fault.clone();
        if taken.count == Some(0) {
            self.0.remove(index);
        }
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_its_requests_and_is_used_up() {
        let mut faults = Faults::default();
        let post_only = Fault {
            method: Some("post".into()),
            ..Fault::new(FaultKind::Status, "/connect")
        };
        faults.add(post_only.times(2));
        assert!(faults.take("GET", "/connect/apps").is_none());
        assert!(faults.take("POST", "/api").is_none());
        assert!(faults.take("POST", "/connect/apps").is_some());
        assert!(faults.take("POST", "/connect/apps").is_some());
        assert!(faults.take("POST", "/connect/apps").is_none());
        assert!(faults.waiting().is_empty());
    }
}
