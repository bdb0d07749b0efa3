//! The change feed: what the DynamoDB table's stream would carry, so that the local stack can play it.

use std::{collections::VecDeque, time::Duration};

use rusqlite::params;
use tokio::{sync::watch, time::timeout};

use super::{
    EmbeddedStore, fault,
    rows::{COLUMNS, record},
};
use crate::store::{Record, StoreError};

/// How often another process's writes are looked for; our own are noticed at once.
const POLL: Duration = Duration::from_millis(200);
/// Changes that are read at a time.
const BATCH: i64 = 100;

/// The records as they were after each write since the feed was opened, in order, from this and any other process.
///
/// Deletions are not told: the table's stream carries new images only, and the functions look at nothing else.
#[derive(Debug)]
pub struct Changes {
    store: EmbeddedStore,
    written: watch::Receiver<()>,
    after: i64,
    read: VecDeque<Record>,
}

impl EmbeddedStore {
    /// Opens the feed at this moment.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn changes(&self) -> Result<Changes, StoreError> {
        let written = self.0.written.subscribe();
        let after = self.run(|connection| {
            let newest = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes'";
            connection.query_row(newest, [], |row| row.get(0)).map_err(fault)
        });
        Ok(Changes {
            store: self.clone(),
            written,
            after: after.await?,
            read: VecDeque::new(),
        })
    }
}

impl Changes {
    /// The next change; waits until there is one. Nothing is lost when the caller stops waiting.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Malformed`].
    pub async fn next(&mut self) -> Result<Record, StoreError> {
        loop {
            if let Some(record) = self.read.pop_front() {
                return Ok(record);
            }
            // Marked as seen before the look, so that a write during the look wakes the wait below.
            self.written.mark_unchanged();
            if !self.fetch().await? {
                // Either way there is another look: at once after a write of ours, later for those of others.
                let _ = timeout(POLL, self.written.changed()).await;
            }
        }
    }

    async fn fetch(&mut self) -> Result<bool, StoreError> {
        let after = self.after;
        let found = self.store.run(move |connection| {
            let statement =
                format!("SELECT {COLUMNS}, sequence FROM changes WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");
            let mut statement = connection.prepare_cached(&statement).map_err(fault)?;
            let rows = statement
                .query_map(params![after, BATCH], |row| Ok((record(row)?, row.get(8)?)))
                .map_err(fault)?;
            rows.collect::<Result<Vec<(Record, i64)>, _>>().map_err(fault)
        });
        for (record, sequence) in found.await? {
            self.after = sequence;
            self.read.push_back(record);
        }
        Ok(!self.read.is_empty())
    }
}
