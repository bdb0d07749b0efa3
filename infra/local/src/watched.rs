//! Stores with somebody in front of them who sees every verb, and may refuse it: to count what a sweep costs, or to play an outage.
//!
//! What passes, passes unchanged.

use std::sync::Arc;

use async_trait::async_trait;
use connector::clock::Timestamp;
use connector::secret::SecretDocument;
use connector::service::Stores;
use connector::store::{Claim, Expect, Key, Page, Queue, Record, Records, SecretName, Secrets, Stage, StoreError};

/// What a store is asked to do.
#[derive(Debug, Clone, Copy)]
pub enum Verb<'a> {
    /// Read one record.
    Get,
    /// Write one record.
    Put(&'a Record),
    /// Claim one record.
    Claim,
    /// Delete one record.
    Delete,
    /// Read a page of a partition.
    List,
    /// Read a page of a queue.
    Due,
    /// Read a secret.
    ReadSecret,
    /// Write a secret.
    WriteSecret,
    /// Delete a secret.
    DeleteSecret,
}

/// Sees every verb before it is carried out.
pub trait Watch: Send + Sync + std::fmt::Debug {
    /// Lets it pass, or refuses it.
    ///
    /// # Errors
    /// Whatever the caller of the store is to get instead of an answer.
    fn before(&self, verb: Verb<'_>) -> Result<(), StoreError>;
}

/// Puts `watch` in front of the stores.
#[must_use]
pub fn watched((records, secrets): Stores, watch: Arc<dyn Watch>) -> Stores {
    (
        Arc::new(Watched {
            inner: records,
            watch: watch.clone(),
        }),
        Arc::new(Watched { inner: secrets, watch }),
    )
}

#[derive(Debug)]
struct Watched<T: ?Sized> {
    watch: Arc<dyn Watch>,
    inner: Arc<T>,
}

#[async_trait]
impl Records for Watched<dyn Records> {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.watch.before(Verb::Get)?;
        self.inner.get(key).await
    }

    async fn put(&self, record: &Record, expect: Expect) -> Result<u64, StoreError> {
        self.watch.before(Verb::Put(record))?;
        self.inner.put(record, expect).await
    }

    async fn claim(&self, key: &Key, now: Timestamp) -> Result<Claim, StoreError> {
        self.watch.before(Verb::Claim)?;
        self.inner.claim(key, now).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.watch.before(Verb::Delete)?;
        self.inner.delete(key).await
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        newest_first: bool,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page, StoreError> {
        self.watch.before(Verb::List)?;
        self.inner.list(pk, prefix, newest_first, limit, after).await
    }

    async fn due(&self, queue: Queue, until: Timestamp, limit: u32, after: Option<&str>) -> Result<Page, StoreError> {
        self.watch.before(Verb::Due)?;
        self.inner.due(queue, until, limit, after).await
    }
}

#[async_trait]
impl Secrets for Watched<dyn Secrets> {
    async fn read(&self, name: &SecretName, stage: Stage) -> Result<Option<SecretDocument>, StoreError> {
        self.watch.before(Verb::ReadSecret)?;
        self.inner.read(name, stage).await
    }

    async fn write(&self, name: &SecretName, stage: Stage, document: &SecretDocument) -> Result<(), StoreError> {
        self.watch.before(Verb::WriteSecret)?;
        self.inner.write(name, stage, document).await
    }

    async fn delete(&self, name: &SecretName) -> Result<(), StoreError> {
        self.watch.before(Verb::DeleteSecret)?;
        self.inner.delete(name).await
    }
}
