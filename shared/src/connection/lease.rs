//! The lease of a connection: whoever uses or rotates the org's refresh token, or writes to the org, holds it.
//!
//! One conditional write takes it; it ends by itself, so a crash blocks nobody for long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConnectionId, LedgerError};
use crate::clock::{Deadline, Timestamp, plus};
use crate::random;
use crate::service::Services;
use crate::store::{Expect, Key, Record, StoreError};

/// How long a lease lasts unless it is given back; longer than the longest invocation that takes one.
pub(crate) const LIFE: Duration = Duration::from_secs(100);
/// How often a busy lease is asked for again.
const PAUSE: Duration = Duration::from_millis(250);

/// A lease that is held.
#[derive(Debug)]
pub struct Lease {
    key: Key,
    version: u64,
    holder: String,
}

/// Why there is no lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseFault {
    /// Somebody else holds it.
    #[error("somebody else is working on this connection")]
    Busy,
    /// A store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for LeaseFault {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

#[derive(Serialize, Deserialize)]
struct Holder {
    holder: String,
    until: Timestamp,
}

fn key(connection: &ConnectionId) -> Key {
    Key::new(format!("connection#{connection}"), "lease")
}

impl Lease {
    /// Takes the lease if it is free or has run out.
    ///
    /// # Errors
    /// [`LeaseFault::Busy`], [`LeaseFault::Ledger`].
    pub async fn take(services: &Services, connection: &ConnectionId) -> Result<Self, LeaseFault> {
        let key = key(connection);
        let now = services.clock.now();
        let expect = match services.records.get(&key).await? {
            None => Expect::Absent,
            Some(record) if record.is_live(now) => return Err(LeaseFault::Busy),
            Some(record) => Expect::Version(record.version),
        };
        let until = plus(now, LIFE);
        let holder = random::identifier(&*services.random, 8);
        let mut record = Record::new(
            key.clone(),
            &Holder {
                holder: holder.clone(),
                until,
            },
        )?;
        record.expires_at = Some(until);
        match services.records.put(&record, expect).await {
            Ok(version) => Ok(Self { key, version, holder }),
            Err(StoreError::Conflict) => Err(LeaseFault::Busy),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the lease, waiting for it until the deadline.
    ///
    /// # Errors
    /// [`LeaseFault::Busy`] when the deadline passes first; [`LeaseFault::Ledger`].
    pub async fn wait(services: &Services, connection: &ConnectionId, deadline: Deadline) -> Result<Self, LeaseFault> {
        loop {
            match Self::take(services, connection).await {
                Err(LeaseFault::Busy) if !deadline.has_passed() => tokio::time::sleep(deadline.slice(PAUSE)).await,
                other => return other,
            }
        }
    }

    /// Ends a connection's lease, whoever holds it. Only for a place where nobody can hold it any more.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub async fn end(services: &Services, connection: &ConnectionId) -> Result<(), LedgerError> {
        Ok(services.records.delete(&key(connection)).await?)
    }

    /// Gives the lease back. If that fails it ends by itself.
    pub async fn release(self, services: &Services) {
        let past = services.clock.now();
        let Ok(mut record) = Record::new(
            self.key,
            &Holder {
                holder: self.holder,
                until: past,
            },
        ) else {
            return;
        };
        record.expires_at = Some(past);
        if let Err(error) = services.records.put(&record, Expect::Version(self.version)).await {
            tracing::warn!(error = %error, "lease was not given back; it ends by itself");
        }
    }
}
