//! [`Records`] as rows: the same answers as the DynamoDB table gives.

use async_trait::async_trait;
use rusqlite::{
    Connection, OptionalExtension, Params, Row, ToSql, TransactionBehavior, named_params, params, types::Type,
};

use super::{EmbeddedStore, fault};
use crate::{
    clock::Timestamp,
    store::{
        Claim, Due, Expect, Key, Page, Queue, Record, Records, StoreError, bounds,
        paging::{self, DuePosition, ListPosition},
    },
};

/// The columns that [`record`] reads, in its order.
pub(super) const COLUMNS: &str = "pk, sk, version, body, expires_at, claimed_at, queue, due_at";

#[async_trait]
impl Records for EmbeddedStore {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        bounds::check_key(key)?;
        let key = key.clone();
        self.run(move |connection| find(connection, &key)).await
    }

    async fn put(&self, record: &Record, expect: Expect) -> Result<u64, StoreError> {
        bounds::check_key(&record.key)?;
        let body = bounds::body_text(&record.body)?;
        let record = Record {
            body: serde_json::Value::Null,
            ..record.clone()
        };
        let (statement, version) = match expect {
            Expect::Absent => (
                "INSERT INTO records (pk, sk, version, body, expires_at, claimed_at, queue, due_at)
                 VALUES (:pk, :sk, :version, :body, :expires_at, :claimed_at, :queue, :due_at)
                 ON CONFLICT DO NOTHING",
                1,
            ),
            Expect::Version(found) => (
                "UPDATE records SET version = :version, body = :body, expires_at = :expires_at, claimed_at = :claimed_at,
                 queue = :queue, due_at = :due_at WHERE pk = :pk AND sk = :sk AND version = :version - 1",
                found.saturating_add(1),
            ),
        };
        // A version that SQLite cannot hold is one that no record has.
        let Ok(stored) = i64::try_from(version) else {
            return Err(StoreError::Conflict);
        };
        let written = self.change(move |connection| {
            let values = named_params! {
                ":pk": record.key.pk,
                ":sk": record.key.sk,
                ":version": stored,
                ":body": body,
                ":expires_at": record.expires_at.map(Timestamp::as_millisecond),
                ":claimed_at": record.claimed_at.map(Timestamp::as_millisecond),
                ":queue": record.due.map(|due| due.queue.as_str()),
                ":due_at": record.due.map(|due| due.at.as_millisecond()),
            };
            connection.execute(statement, values).map_err(fault)
        });
        if written.await? == 1 {
            Ok(version)
        } else {
            Err(StoreError::Conflict)
        }
    }

    async fn claim(&self, key: &Key, now: Timestamp) -> Result<Claim, StoreError> {
        bounds::check_key(key)?;
        let key = key.clone();
        let claimed = self.change(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
            let won = transaction.execute(
                "UPDATE records SET claimed_at = ?3, version = version + 1 WHERE pk = ?1 AND sk = ?2 AND claimed_at IS NULL",
                params![key.pk, key.sk, now.as_millisecond()],
            );
            let won = won.map_err(fault)? == 1;
            let standing = find(&transaction, &key)?;
            transaction.commit().map_err(fault)?;
            Ok((won, standing))
        });
        Ok(match claimed.await? {
            (_, None) => Claim::Absent,
            (true, Some(record)) => Claim::Won(record),
            (false, Some(record)) => Claim::Lost(record),
        })
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        bounds::check_key(key)?;
        let Key { pk, sk } = key.clone();
        let deleted = self.run(move |connection| {
            connection
                .execute("DELETE FROM records WHERE pk = ?1 AND sk = ?2", params![pk, sk])
                .map_err(fault)
        });
        deleted.await.map(drop)
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        newest_first: bool,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page, StoreError> {
        bounds::check_partition(pk)?;
        bounds::check_prefix(prefix)?;
        let start = ListPosition::read(after, pk, prefix)?.map(|position| position.sk);
        let size = bounds::page_size(limit);
        let (pk, prefix) = (pk.to_owned(), prefix.to_owned());
        let (beyond, order) = if newest_first { ("<", "DESC") } else { (">", "ASC") };
        // Prefixes are compared as bytes: SQLite's text functions end at a NUL.
        let statement = format!(
            "SELECT {COLUMNS} FROM records WHERE pk = :pk AND sk >= :prefix
             AND substr(CAST(sk AS BLOB), 1, length(CAST(:prefix AS BLOB))) = CAST(:prefix AS BLOB)
             AND (:start IS NULL OR sk {beyond} :start) ORDER BY sk {order} LIMIT :limit"
        );
        let found = self.run(move |connection| {
            let limit = row_limit(size);
            let values: &[(&str, &dyn ToSql)] =
                named_params! { ":pk": pk, ":prefix": prefix, ":start": start, ":limit": limit };
            select(connection, &statement, values)
        });
        let (records, more) = page(found.await?, size);
        let next = records.last().filter(|_| more).map(ListPosition::of);
        let next = next.map(|position| paging::encode(&position)).transpose()?;
        Ok(Page { records, next })
    }

    async fn due(&self, queue: Queue, until: Timestamp, limit: u32, after: Option<&str>) -> Result<Page, StoreError> {
        let until = until.as_millisecond();
        let start = DuePosition::read(after, queue, until)?;
        let size = bounds::page_size(limit);
        let statement = format!(
            "SELECT {COLUMNS} FROM records WHERE queue = :queue AND due_at <= :until
             AND (:at IS NULL OR (due_at, pk, sk) > (:at, :pk, :sk)) ORDER BY due_at, pk, sk LIMIT :limit"
        );
        let found = self.run(move |connection| {
            let (at, pk, sk) = match start {
                Some(start) => (Some(start.due_at), Some(start.pk), Some(start.sk)),
                None => (None, None, None),
            };
            let (queue, limit) = (queue.as_str(), row_limit(size));
            let values: &[(&str, &dyn ToSql)] = named_params! {
                ":queue": queue, ":until": until, ":at": at, ":pk": pk, ":sk": sk, ":limit": limit,
            };
            select(connection, &statement, values)
        });
        let (records, more) = page(found.await?, size);
        let last = records
            .last()
            .filter(|_| more)
            .and_then(|last| Some(DuePosition::of(last, last.due?)));
        let next = last.map(|position| paging::encode(&position)).transpose()?;
        Ok(Page { records, next })
    }
}

fn find(connection: &Connection, key: &Key) -> Result<Option<Record>, StoreError> {
    let statement = format!("SELECT {COLUMNS} FROM records WHERE pk = ?1 AND sk = ?2");
    let mut statement = connection.prepare_cached(&statement).map_err(fault)?;
    statement
        .query_row(params![key.pk, key.sk], record)
        .optional()
        .map_err(fault)
}

/// The records that a statement over [`COLUMNS`] finds.
pub(super) fn select(connection: &Connection, statement: &str, values: impl Params) -> Result<Vec<Record>, StoreError> {
    let mut statement = connection.prepare_cached(statement).map_err(fault)?;
    let rows = statement.query_map(values, record).map_err(fault)?;
    rows.collect::<Result<_, _>>().map_err(fault)
}

/// One more than the page has, so that the last page is known as the last one.
fn row_limit(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
}

fn page(mut records: Vec<Record>, size: usize) -> (Vec<Record>, bool) {
    let more = records.len() > size;
    records.truncate(size);
    (records, more)
}

/// Reads [`COLUMNS`].
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let body: String = row.get(3)?;
    Ok(Record {
        key: Key {
            pk: row.get(0)?,
            sk: row.get(1)?,
        },
        version: u64::try_from(row.get::<_, i64>(2)?).map_err(|error| unreadable(2, Type::Integer, error))?,
        body: serde_json::from_str(&body).map_err(|error| unreadable(3, Type::Text, error))?,
        expires_at: instant(row, 4)?,
        claimed_at: instant(row, 5)?,
        due: match (row.get::<_, Option<String>>(6)?, instant(row, 7)?) {
            (Some(name), Some(at)) => Some(Due {
                queue: queue(&name)?,
                at,
            }),
            _ => None,
        },
    })
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let Some(milliseconds) = row.get(column)? else {
        return Ok(None);
    };
    Timestamp::from_millisecond(milliseconds)
        .map(Some)
        .map_err(|error| unreadable(column, Type::Integer, error))
}

fn queue(name: &str) -> rusqlite::Result<Queue> {
    let queue = Queue::ALL.into_iter().find(|queue| queue.as_str() == name);
    queue.ok_or_else(|| unreadable(6, Type::Text, "no such queue"))
}

fn unreadable(
    column: usize,
    kind: Type,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, error.into())
}
