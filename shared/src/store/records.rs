//! The table: versioned JSON records with an optional time to live and an optional place in a queue.

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::StoreError;
use crate::clock::Timestamp;

/// Where a record lives: partition and sort key, the table's `pk` and `sk`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// The record `sk` of the partition `pk`.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// The queues of the index `by-due`: what a connection is waiting for, and the outbox of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Queue {
    /// The org has to be reconciled; the table's stream invokes `salesforce-patch` for these.
    Wiring,
    /// The connection works; `health-check` looks at it when it is due.
    Health,
    /// A person has to act first; due when they are to be reminded of it.
    Idle,
    /// Revoked or offboarded.
    Closed,
    /// Entries of the audit trail that other systems have not been told yet; the table's stream invokes `health-check` for these.
    Events,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 5] = [Self::Wiring, Self::Health, Self::Idle, Self::Closed, Self::Events];
    /// The queues that connections are in, one at a time.
    pub const CONNECTIONS: [Self; 4] = [Self::Wiring, Self::Health, Self::Idle, Self::Closed];

    /// The value of the table's `queue` attribute.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wiring => "wiring",
            Self::Health => "health",
            Self::Idle => "idle",
            Self::Closed => "closed",
            Self::Events => "events",
        }
    }
}

/// A record's place in the index `by-due`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which queue.
    pub queue: Queue,
    /// When it is due; stored in milliseconds since the epoch.
    pub at: Timestamp,
}

/// One record of the table. Its instants are kept to the millisecond.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it lives.
    pub key: Key,
    /// Counts the writes; the first one makes it 1.
    pub version: u64,
    /// The document.
    pub body: Value,
    /// After this the record counts as gone. The store may keep it a while longer (DynamoDB's TTL is lazy), so readers check.
    pub expires_at: Option<Timestamp>,
    /// Set once by [`Records::claim`].
    pub claimed_at: Option<Timestamp>,
    /// Its place in the index, if it has one.
    pub due: Option<Due>,
}

impl Record {
    /// A record that has not been written yet.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] when `body` does not serialise to JSON.
    pub fn new(key: Key, body: &impl Serialize) -> Result<Self, StoreError> {
        let body = serde_json::to_value(body).map_err(|error| StoreError::Malformed(error.into()))?;
        Ok(Self {
            key,
            version: 0,
            body,
            expires_at: None,
            claimed_at: None,
            due: None,
        })
    }

    /// The document as `T`.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] when the document has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        // The error of serde_json can quote a stored value, so it does not travel on.
        let unreadable = || StoreError::Malformed(format!("the record is not a {}", std::any::type_name::<T>()).into());
        T::deserialize(&self.body).map_err(|_| unreadable())
    }

    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// What a write expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// No record under that key (an expired one that is still there counts as there).
    Absent,
    /// The record with exactly this version.
    Version(u64),
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// The caller, and no one else, has it now. The record is as it was written, with `claimed_at` set.
    Won(Record),
    /// Someone else claimed it before; here is what stands there.
    Lost(Record),
    /// There is no such record.
    Absent,
}

/// Some records and where to go on.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// In the order of the sort key (by its bytes), or of the due time; which of two that are due at once comes first is not promised.
    pub records: Vec<Record>,
    /// Opaque; pass it to get the next page. `None` at the end.
    pub next: Option<String>,
}

/// The table. Six verbs, which the functions' IAM policies mirror (GetItem, PutItem, UpdateItem, DeleteItem, Query, Query on the index).
///
/// A key, a document or a paging token that no table could hold is [`StoreError::Malformed`] before anything is sent: 1 to 2048 bytes of
/// partition key, 1 to 1024 of sort key, 396 KiB of JSON text. For a token, [`StoreError::is_forged_token`] says so. A page has at least one
/// record, if there is one, and at most 1000, whatever the limit says.
#[async_trait]
pub trait Records: Send + Sync + std::fmt::Debug {
    /// The record under `key`, read with strong consistency.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Malformed`].
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError>;

    /// Writes the whole record, if `expect` holds, with the version after the expected one (1 after `Absent`); `record.version` is ignored. Returns the new version.
    /// The whole record is replaced, a claim and a place in a queue included. A write whose answer was lost on the way is found out, not reported as a conflict.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `expect` does not hold; [`StoreError::Unavailable`].
    async fn put(&self, record: &Record, expect: Expect) -> Result<u64, StoreError>;

    /// Claims a record: one conditional write that also returns it. Exactly one caller wins, however many race. The version is counted up.
    /// Whether the record has expired is for the caller to look at.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Malformed`].
    async fn claim(&self, key: &Key, now: Timestamp) -> Result<Claim, StoreError>;

    /// Deletes the record; nothing happens if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;

    /// Records of one partition whose sort key starts with `prefix`, in order (descending if `newest_first`), at most `limit` a page.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Malformed`].
    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        newest_first: bool,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page, StoreError>;

    /// Records of a queue that are due at `until` or before, earliest first, at most `limit` a page. Eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Malformed`].
    async fn due(&self, queue: Queue, until: Timestamp, limit: u32, after: Option<&str>) -> Result<Page, StoreError>;
}
