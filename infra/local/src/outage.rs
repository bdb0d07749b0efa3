//! Stores that can be made to fail, as a region or a network would make them.
//!
//! Nothing is lost by it: what was stored before is there again when the outage ends. It must not decide what fails by what is
//! in a document.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use connector::clock::Timestamp;
use connector::secret::SecretDocument;
use connector::service::Stores;
use connector::store::{Claim, Expect, Key, Page, Queue, Record, Records, SecretName, Secrets, Stage, StoreError};

/// Always.
const FOR_EVER: u32 = u32::MAX;

/// What fails, and how many times more.
#[derive(Debug, Clone, Default)]
pub struct Outage {
    table: Arc<AtomicU32>,
    secret_reads: Arc<AtomicU32>,
    secret_writes: Arc<AtomicU32>,
}

/// A part of the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Every verb of the table.
    Table,
    /// Reading secrets.
    SecretReads,
    /// Writing secrets.
    SecretWrites,
}

impl Outage {
    fn counter(&self, part: Part) -> &AtomicU32 {
        match part {
            Part::Table => &self.table,
            Part::SecretReads => &self.secret_reads,
            Part::SecretWrites => &self.secret_writes,
        }
    }

    /// This part fails from now on.
    pub fn begin(&self, part: Part) {
        self.begin_for(part, FOR_EVER);
    }

    /// This part fails so many times.
    pub fn begin_for(&self, part: Part, times: u32) {
        self.counter(part).store(times, Ordering::SeqCst);
    }

    /// This part works again.
    pub fn end(&self, part: Part) {
        self.begin_for(part, 0);
    }

    fn strike(&self, part: Part) -> Result<(), StoreError> {
        let fewer = |left: u32| {
            if left == FOR_EVER {
                Some(left)
            } else {
                left.checked_sub(1)
            }
        };
        let struck = self
            .counter(part)
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        if struck.is_ok() {
            Err(StoreError::Unavailable("the outage that was ordered".into()))
        } else {
            Ok(())
        }
    }

    /// Puts the stores behind this outage.
    #[must_use]
    pub fn before(&self, (records, secrets): Stores) -> Stores {
        let outage = self.clone();
        (
            Arc::new(Behind {
                inner: records,
                outage: outage.clone(),
            }),
            Arc::new(Behind { inner: secrets, outage }),
        )
    }
}

#[derive(Debug)]
struct Behind<T: ?Sized> {
    outage: Outage,
    inner: Arc<T>,
}

#[async_trait]
impl Records for Behind<dyn Records> {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.outage.strike(Part::Table)?;
        self.inner.get(key).await
    }

    async fn put(&self, record: &Record, expect: Expect) -> Result<u64, StoreError> {
        self.outage.strike(Part::Table)?;
        self.inner.put(record, expect).await
    }

    async fn claim(&self, key: &Key, now: Timestamp) -> Result<Claim, StoreError> {
        self.outage.strike(Part::Table)?;
        self.inner.claim(key, now).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.outage.strike(Part::Table)?;
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
        self.outage.strike(Part::Table)?;
        self.inner.list(pk, prefix, newest_first, limit, after).await
    }

    async fn due(&self, queue: Queue, until: Timestamp, limit: u32, after: Option<&str>) -> Result<Page, StoreError> {
        self.outage.strike(Part::Table)?;
        self.inner.due(queue, until, limit, after).await
    }
}

#[async_trait]
impl Secrets for Behind<dyn Secrets> {
    async fn read(&self, name: &SecretName, stage: Stage) -> Result<Option<SecretDocument>, StoreError> {
        self.outage.strike(Part::SecretReads)?;
        self.inner.read(name, stage).await
    }

    async fn write(&self, name: &SecretName, stage: Stage, document: &SecretDocument) -> Result<(), StoreError> {
        self.outage.strike(Part::SecretWrites)?;
        self.inner.write(name, stage, document).await
    }

    async fn delete(&self, name: &SecretName) -> Result<(), StoreError> {
        self.outage.strike(Part::SecretWrites)?;
        self.inner.delete(name).await
    }
}
