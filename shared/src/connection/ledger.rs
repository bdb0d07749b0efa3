//! Reading and changing connections: optimistic, with a bounded number of tries.
//!
//! Every write of a connection goes through [`update_connection`], which also keeps its place in the queue in step with its facts.

use std::time::Duration;

use super::standing::note_standing;
use super::{AuditEvent, Connection, ConnectionId, record_audit};
use crate::clock::{Timestamp, plus};
use crate::service::Services;
use crate::store::{Due, Expect, Key, Queue, Record, StoreError};

/// How often a write is tried against concurrent writers.
const TRIES: usize = 8;

/// A hundred years. The very end of time cannot be read back from milliseconds.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

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

/// An idle connection waits for a person, and is due only when they are to be reminded.
fn reminded(services: &Services, connection: &Connection) -> Timestamp {
    connection
        .reminded_next(services.config.stuck_after)
        .unwrap_or_else(|| plus(connection.created_at, NEVER))
}

/// Writes a new connection.
pub(super) async fn create_connection(
    services: &Services,
    mut connection: Connection,
) -> Result<Connection, StoreError> {
    note_standing(&mut connection, services.clock.now());
    let due = Due {
        queue: Queue::Idle,
        at: reminded(services, &connection),
    };
    services.records.put(&record(&connection, due)?, Expect::Absent).await?;
    Ok(connection)
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
        note_standing(&mut connection, services.clock.now());
        let present = found.due.unwrap_or(Due {
            queue: Queue::Idle,
            at: connection.created_at,
        });
        let mut place = queue(&connection, present);
        if place.queue == Queue::Idle {
            place.at = reminded(services, &connection);
        }
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

/// [`update_connection`] for terms: what they say about our access to the org is done at once, not with the next repair.
///
/// # Errors
/// [`LedgerError`].
pub async fn update_terms(
    services: &Services,
    id: &ConnectionId,
    change: impl FnMut(&mut Connection),
) -> Result<Option<Connection>, LedgerError> {
    let now = services.clock.now();
    update_and_queue(services, id, change, |connection, due| match due.queue {
        Queue::Health | Queue::Idle if connection.owes_grant() => Due {
            queue: Queue::Wiring,
            at: now,
        },
        _ => due,
    })
    .await
}

/// Every connection with its place in the queue, queue by queue, at most `limit` of each.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn list_connections(services: &Services, limit: u32) -> Result<Vec<(Connection, Due)>, LedgerError> {
    let mut all = Vec::new();
    for queue in Queue::CONNECTIONS {
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

/// Tells people what they have to be reminded of, once: an entry of the trail for each, which other systems hear of too.
///
/// # Errors
/// [`LedgerError`].
pub async fn remind(services: &Services, id: &ConnectionId) -> Result<usize, LedgerError> {
    let (now, after) = (services.clock.now(), services.config.stuck_after);
    let mut due: Vec<AuditEvent> = Vec::new();
    update_connection(services, id, |connection| due = connection.take_reminders(after, now)).await?;
    let told = due.len();
    for what in due {
        record_audit(services, id, what).await?;
    }
    Ok(told)
}
