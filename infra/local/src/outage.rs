//! Stores that can be made to fail, as a region or a network would make them.
//!
//! Nothing is lost by it: what was stored before is there again when the outage ends. It must not decide what fails by what is
//! in a document.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use connector::service::Stores;
use connector::store::StoreError;

use crate::watched::{Verb, Watch, watched};

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
    pub fn before(&self, stores: Stores) -> Stores {
        watched(stores, Arc::new(self.clone()))
    }
}

impl Watch for Outage {
    fn before(&self, verb: Verb<'_>) -> Result<(), StoreError> {
        self.strike(match verb {
            Verb::ReadSecret => Part::SecretReads,
            Verb::WriteSecret | Verb::DeleteSecret => Part::SecretWrites,
            _ => Part::Table,
        })
    }
}
