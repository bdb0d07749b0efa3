//! The journal of requests: what came in, in order, and how it was answered.
//!
//! Bodies are kept as they came, secrets included: the orgs and the secrets here are made up, and tests prove with the journal what was
//! sent and, more often, what was not. Control requests are not recorded.

use serde::Serialize;

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct JournalEntry {
    /// Position since the start, never reused.
    pub sequence: u64,
    /// The org's clock, milliseconds since the epoch.
    pub at_ms: i64,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent, without the question mark; empty if none.
    pub query: String,
    /// Body as text.
    pub body: String,
    /// `Content-Type` of the request.
    pub content_type: Option<String>,
    /// Status of the answer; `null` while the answer is under way and when the connection was reset.
    pub status: Option<u16>,
}

/// All requests since the start or the last clearing.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    next: u64,
    entries: Vec<JournalEntry>,
}

impl Journal {
    /// Notes a request and returns its number.
    pub(crate) fn open(&mut self, mut entry: JournalEntry) -> u64 {
        self.next += 1;
        entry.sequence = self.next;
        self.entries.push(entry);
        self.next
    }

    /// Notes how a request was answered.
    pub(crate) fn close(&mut self, sequence: u64, status: u16) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.sequence == sequence) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.entries.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
