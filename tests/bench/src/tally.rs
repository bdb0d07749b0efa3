//! What a sweep asks of the stores, so that its cost is known before a bill comes.
//!
//! DynamoDB is billed by the size of what is written (a unit for each KB begun) and read (a unit for each 4 KB begun), and a record with a place
//! in the index is written there as well: its old place is removed and its new one added when it moves.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use connector::store::{Record, StoreError};
use connector_local::watched::{Verb, Watch};
use serde::Serialize;

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    gets: AtomicU64,
    puts: AtomicU64,
    put_units: AtomicU64,
    pages: AtomicU64,
    others: AtomicU64,
    secret_reads: AtomicU64,
    secret_writes: AtomicU64,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Tallied {
    /// Records read one by one.
    pub(crate) gets: u64,
    /// Records written.
    pub(crate) puts: u64,
    /// Units of a write, the index included.
    pub(crate) write_units: u64,
    /// Pages of a queue or a partition.
    pub(crate) pages: u64,
    /// Claims and deletions.
    pub(crate) others: u64,
    /// Secrets read.
    pub(crate) secret_reads: u64,
    /// Secrets written.
    pub(crate) secret_writes: u64,
}

impl Tally {
    /// What was counted by now.
    pub(crate) fn read(&self) -> Tallied {
        Tallied {
            gets: self.gets.load(Relaxed),
            puts: self.puts.load(Relaxed),
            write_units: self.put_units.load(Relaxed),
            pages: self.pages.load(Relaxed),
            others: self.others.load(Relaxed),
            secret_reads: self.secret_reads.load(Relaxed),
            secret_writes: self.secret_writes.load(Relaxed),
        }
    }
}

impl Tallied {
    /// What was counted since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            gets: self.gets - before.gets,
            puts: self.puts - before.puts,
            write_units: self.write_units - before.write_units,
            pages: self.pages - before.pages,
            others: self.others - before.others,
            secret_reads: self.secret_reads - before.secret_reads,
            secret_writes: self.secret_writes - before.secret_writes,
        }
    }
}

/// The table's and the index's units; the index holds whole records, and is written with each of them.
fn write_units(record: &Record) -> u64 {
    let bytes = record.body.to_string().len() + record.key.pk.len() + record.key.sk.len();
    let units = u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(1024).max(1);
    if record.due.is_some() { 2 * units } else { units }
}

impl Watch for Tally {
    fn before(&self, verb: Verb<'_>) -> Result<(), StoreError> {
        let counter = match verb {
            Verb::Get => &self.gets,
            Verb::Put(record) => {
                self.put_units.fetch_add(write_units(record), Relaxed);
                &self.puts
            }
            Verb::List | Verb::Due => &self.pages,
            Verb::Claim | Verb::Delete => &self.others,
            Verb::ReadSecret => &self.secret_reads,
            Verb::WriteSecret | Verb::DeleteSecret => &self.secret_writes,
        };
        counter.fetch_add(1, Relaxed);
        Ok(())
    }
}
