//! Where things are kept: two small traits, each with an AWS and an embedded implementation.
//!
//! [`Records`] is one table of versioned JSON records (DynamoDB, or SQLite); [`Secrets`] holds secret documents in a
//! current and a pending version (Secrets Manager, or SQLite). Both implementations pass one contract suite.
//! This room knows nothing of connections or OAuth; the meaning of a record is its caller's.

pub mod aws;
mod bounds;
#[cfg(feature = "embedded")]
pub mod embedded;
mod paging;
mod records;
mod secrets;
mod stream;

pub use paging::ForgedToken;
pub use records::{Claim, Due, Expect, Key, Page, Queue, Record, Records};
pub use secrets::{SecretName, Secrets, Side, Stage};
pub use stream::{Written, written};

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record was written by someone else since it was read, or exists when it should not.
    #[error("the record has changed since it was read")]
    Conflict,
    /// The store could not be reached or refused for now; trying again later may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored could not be understood.
    #[error("a stored document has an unknown shape")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Whether it was the caller's paging token that was not understood: the one fault here that a caller's caller can mend.
    #[must_use]
    pub fn is_forged_token(&self) -> bool {
        matches!(self, Self::Malformed(source) if source.is::<ForgedToken>())
    }
}
