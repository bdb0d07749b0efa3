//! Whose turn it is to sweep, and how the last sweep went: one record, so that two sweeps never call the same PIM at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, plus};
use crate::service::Services;
use crate::store::{Expect, Key, Record, StoreError};

/// The latest sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepStatus {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; nothing while it runs, or when it was cut off.
    pub ended_at: Option<Timestamp>,
    /// Until when nobody else begins one, while it runs.
    pub runs_until: Option<Timestamp>,
    /// What it did.
    pub did: SweepCounts,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepCounts {
    /// Connections looked at.
    pub checked: usize,
    /// Connections that could not be looked at because one of our stores failed.
    pub failed: usize,
    /// Connections that somebody else was working on.
    pub busy: usize,
    /// Reminders that were told: stuck connections, links and grants that end soon.
    pub reminded: usize,
    /// Whether the deadline ended the sweep before the queue was empty.
    pub unfinished: bool,
}

/// The turn to sweep.
#[derive(Debug)]
pub struct SweepTurn {
    version: u64,
    started_at: Timestamp,
}

fn key() -> Key {
    Key::new("sweep", "status")
}

fn record(status: &SweepStatus) -> Result<Record, StoreError> {
    Record::new(key(), status)
}

impl SweepTurn {
    /// Takes the turn for at most `life`. `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take(services: &Services, life: Duration) -> Result<Option<Self>, StoreError> {
        let now = services.clock.now();
        let expect = match services.records.get(&key()).await? {
            None => Expect::Absent,
            Some(found) => {
                let status: SweepStatus = found.parse()?;
                if status.runs_until.is_some_and(|until| now < until) {
                    return Ok(None);
                }
                Expect::Version(found.version)
            }
        };
        let begun = SweepStatus {
            started_at: now,
            ended_at: None,
            runs_until: Some(plus(now, life)),
            did: SweepCounts::default(),
        };
        match services.records.put(&record(&begun)?, expect).await {
            Ok(version) => Ok(Some(Self {
                version,
                started_at: now,
            })),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the turn back and notes what was done. If that fails the turn ends by itself.
    pub async fn end(self, services: &Services, did: SweepCounts) {
        let ended = SweepStatus {
            started_at: self.started_at,
            ended_at: Some(services.clock.now()),
            runs_until: None,
            did,
        };
        let Ok(record) = record(&ended) else { return };
        if let Err(error) = services.records.put(&record, Expect::Version(self.version)).await {
            tracing::warn!(name: "health.sweep_not_noted", error = %error);
        }
    }
}

/// The latest sweep; `None` before the first.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep_status(services: &Services) -> Result<Option<SweepStatus>, StoreError> {
    let found = services.records.get(&key()).await?;
    found.map(|record| record.parse()).transpose()
}

/// Ends the turn of a sweep that was cut off. Only for a place where nobody can be sweeping.
///
/// # Errors
/// [`StoreError`].
pub async fn end_turn(services: &Services) -> Result<(), StoreError> {
    services.records.delete(&key()).await
}
