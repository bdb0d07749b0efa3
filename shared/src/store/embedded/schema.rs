//! The SQLite file: how it is opened, and its tables.
//!
//! `records` follows the DynamoDB table of `template.yaml` (keys, and the index by queue and due time); `changes` is what its
//! stream would carry, written by triggers in the transaction of the change itself; `secrets` is Secrets Manager's part.

use std::{fs::OpenOptions, path::Path, thread, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::fault;
use crate::store::StoreError;

/// The schema's number, kept in the file.
const VERSION: i64 = 1;
/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// Switching a new file to write-ahead mode does not wait for others who do the same, so it is tried again.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// The stream keeps this many changes; DynamoDB keeps a day's. A reader that falls further behind misses some, and the
/// reconciler's schedule finds what they were about.
const TABLES: &str = "
CREATE TABLE records (
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    expires_at INTEGER, claimed_at INTEGER, queue TEXT, due_at INTEGER,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID;
CREATE INDEX by_due ON records (queue, due_at, pk, sk) WHERE queue IS NOT NULL;
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    expires_at INTEGER, claimed_at INTEGER, queue TEXT, due_at INTEGER
);
CREATE TRIGGER record_inserted AFTER INSERT ON records BEGIN
    INSERT INTO changes (pk, sk, version, body, expires_at, claimed_at, queue, due_at)
    VALUES (NEW.pk, NEW.sk, NEW.version, NEW.body, NEW.expires_at, NEW.claimed_at, NEW.queue, NEW.due_at);
END;
CREATE TRIGGER record_updated AFTER UPDATE ON records BEGIN
    INSERT INTO changes (pk, sk, version, body, expires_at, claimed_at, queue, due_at)
    VALUES (NEW.pk, NEW.sk, NEW.version, NEW.body, NEW.expires_at, NEW.claimed_at, NEW.queue, NEW.due_at);
END;
CREATE TRIGGER changes_trimmed AFTER INSERT ON changes BEGIN
    DELETE FROM changes WHERE sequence <= NEW.sequence - 5000;
END;
CREATE TABLE secrets (
    name TEXT NOT NULL, stage TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (name, stage)
) WITHOUT ROWID;
";

/// The file was made by another version of this code.
#[derive(Debug, thiserror::Error)]
#[error("the store's file has schema {0}, this program knows {VERSION}")]
struct UnknownSchema(i64);

/// Opens or makes the file.
pub(super) fn open_file(path: &Path) -> Result<Connection, StoreError> {
    make_private(path).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    let mut tries = 1;
    loop {
        match prepare(&mut connection) {
            Err(error) if is_busy(&error) && tries < TRIES => {
                tries += 1;
                thread::sleep(PAUSE);
            }
            outcome => return outcome.map(|()| connection),
        }
    }
}

/// Makes a store without a file.
pub(super) fn open_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory().map_err(fault)?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// SQLite gives its side files the mode of the main file, so it is made before SQLite sees it.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY).map_err(fault)?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
    // A killed process loses nothing in this mode; a machine that loses power may lose the last writes, never the file.
    connection.pragma_update(None, "synchronous", "normal").map_err(fault)?;
    connection.pragma_update(None, "secure_delete", true).map_err(fault)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    let version = transaction
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(fault)?;
    match version {
        0 => {
            transaction.execute_batch(TABLES).map_err(fault)?;
            transaction
                .pragma_update(None, "user_version", VERSION)
                .map_err(fault)?;
        }
        VERSION => {}
        other => return Err(StoreError::Malformed(Box::new(UnknownSchema(other)))),
    }
    transaction.commit().map_err(fault)
}

fn is_busy(error: &StoreError) -> bool {
    let StoreError::Unavailable(source) = error else {
        return false;
    };
    let code = source
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
