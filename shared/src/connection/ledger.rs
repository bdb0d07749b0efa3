//! Reading and changing connections: optimistic, with a bounded number of tries.
//!
//! Every write of a connection goes through [`update_connection`], which also keeps its place in the queue in step with its facts.

use std::time::Duration;

use super::{Connection, ConnectionId};
use crate::clock::{Timestamp, plus};
use crate::service::Services;
use crate::store::{Due, Expect, Key, Queue, Record, StoreError};

/// How often a write is tried against concurrent writers.
const TRIES: usize = 8;

/// Why a connection could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many others wrote the connection at the same time.
    #[error("the connection is being changed by too many at once")]
    Contended,
}

fn key(id: &ConnectionId) -> Key {
    Key::new(format!("connection#{id}"), "connection")
}

fn record(connection: &Connection, due: Due) -> Result<Record, StoreError> {
    let mut record = Record::new(key(&connection.id), connection)?;
    record.due = Some(due);
    Ok(record)
}

/// Writes a new connection.
pub(super) async fn create_connection(services: &Services, connection: &Connection) -> Result<(), StoreError> {
    let due = Due {
        queue: Queue::Idle,
        at: connection.created_at,
    };
    services
        .records
        .put(&record(connection, due)?, Expect::Absent)
        .await
        .map(|_| ())
}

/// The connection, read with strong consistency.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn load_connection(services: &Services, id: &ConnectionId) -> Result<Option<Connection>, LedgerError> {
    let record = services.records.get(&key(id)).await?;
    Ok(record.map(|record| record.parse()).transpose()?)
}

/// When a connection is due and for what, as stored.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn due(services: &Services, id: &ConnectionId) -> Result<Option<Due>, LedgerError> {
    Ok(services.records.get(&key(id)).await?.and_then(|record| record.due))
}

/// Changes a connection and leaves its place in the queue as it is. Returns it as written; `None` if there is none.
/// `change` may run several times, each time on a fresh copy.
///
/// # Errors
/// [`LedgerError`].
pub async fn update_connection(
    services: &Services,
    id: &ConnectionId,
    change: impl FnMut(&mut Connection),
) -> Result<Option<Connection>, LedgerError> {
    update_and_queue(services, id, change, |_, due| due).await
}

/// [`update_connection`], and puts the connection in the queue for wiring at once. This one write is what triggers `salesforce-patch`.
///
/// # Errors
/// [`LedgerError`].
pub async fn update_and_wire(
    services: &Services,
    id: &ConnectionId,
    mut change: impl FnMut(&mut Connection),
) -> Result<Option<Connection>, LedgerError> {
    let now = services.clock.now();
    let change = |connection: &mut Connection| {
        change(connection);
        // Later than any request before, so that a run can tell those that came while it worked from the one it answers.
        let after = connection
            .wiring
            .requested_at
            .map_or(now, |former| plus(former, Duration::from_micros(1)));
        connection.wiring.requested_at = Some(now.max(after));
    };
    update_and_queue(services, id, change, |_, _| Due {
        queue: Queue::Wiring,
        at: now,
    })
    .await
}

/// [`update_connection`] with a new place in the queue, chosen from the changed connection and its present place.
///
/// # Errors
/// [`LedgerError`].
pub async fn update_and_queue(
    services: &Services,
    id: &ConnectionId,
    mut change: impl FnMut(&mut Connection),
    mut queue: impl FnMut(&Connection, Due) -> Due,
) -> Result<Option<Connection>, LedgerError> {
    for _ in 0..TRIES {
        let Some(found) = services.records.get(&key(id)).await? else {
            return Ok(None);
        };
        let mut connection: Connection = found.parse()?;
        change(&mut connection);
        let present = found.due.unwrap_or(Due {
            queue: Queue::Idle,
            at: connection.created_at,
        });
        let place = queue(&connection, present);
        match services
            .records
            .put(&record(&connection, place)?, Expect::Version(found.version))
            .await
        {
            Ok(_) => return Ok(Some(connection)),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(LedgerError::Contended)
}

/// Every connection with its place in the queue, queue by queue, at most `limit` of each.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn list_connections(services: &Services, limit: u32) -> Result<Vec<(Connection, Due)>, LedgerError> {
    let mut all = Vec::new();
    for queue in Queue::ALL {
        let mut after = None;
        let mut left = limit;
        while left > 0 {
            let page = services
                .records
                .due(queue, Timestamp::MAX, left.min(100), after.as_deref())
                .await?;
            left = left.saturating_sub(u32::try_from(page.records.len()).unwrap_or(u32::MAX));
            for record in &page.records {
                if let Some(due) = record.due {
                    all.push((record.parse()?, due));
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(all)
}
