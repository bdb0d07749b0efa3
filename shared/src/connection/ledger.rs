//! Reading and changing connections: optimistic, with a bounded number of tries.
//!
//! Every write of a connection goes through [`update_connection`], which also keeps its place in the queue in step with its facts.

use std::time::Duration;

use super::audit::record_reminder;
use super::standing::note_standing;
use super::{Connection, ConnectionId};
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
        connection.wiring.asked_under.clone_from(&services.trace);
    };
    update_and_queue(services, id, change, |_, _| Due {
        queue: Queue::Wiring,
        at: now,
    })
    .await
}

/// [`update_connection`] with a new place in the queue, chosen from the changed connection and its present place. Whoever makes
/// wiring due leaves the id of the own work there, and the run goes on under it.
///
/// # Errors
/// [`LedgerError`].
pub async fn update_and_queue(
    services: &Services,
    id: &ConnectionId,
    change: impl FnMut(&mut Connection),
    mut queue: impl FnMut(&Connection, Due) -> Due,
) -> Result<Option<Connection>, LedgerError> {
    write(services, id, change, |connection, present| {
        let place = queue(connection, present);
        if place.queue == Queue::Wiring && place != present {
            connection.wiring.asked_under.clone_from(&services.trace);
        }
        place
    })
    .await
}

/// [`update_connection`] with the place in the queue that a run chooses at its end. Nobody asked for what comes next.
///
/// # Errors
/// [`LedgerError`].
pub(crate) async fn update_and_place(
    services: &Services,
    id: &ConnectionId,
    change: impl FnMut(&mut Connection),
    mut queue: impl FnMut(&Connection, Due) -> Due,
) -> Result<Option<Connection>, LedgerError> {
    write(services, id, change, |connection, present| queue(connection, present)).await
}

async fn write(
    services: &Services,
    id: &ConnectionId,
    mut change: impl FnMut(&mut Connection),
    mut queue: impl FnMut(&mut Connection, Due) -> Due,
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
        let mut place = queue(&mut connection, present);
        if place.queue == Queue::Idle {
            place.at = reminded(services, &connection);
        }
        let record = record(&connection, place)?;
        if (&record.body, record.due) == (&found.body, found.due) {
            // Most looks at ten thousand connections find nothing new, and a write costs more than all their reads.
            return Ok(Some(connection));
        }
        match services.records.put(&record, Expect::Version(found.version)).await {
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

/// Tells people what they have to be reminded of, once: an entry of the trail for each, which other systems hear of too. What a
/// crash interrupted is finished by the next call: the first write says what is told and when, and that names the entry.
///
/// # Errors
/// [`LedgerError`].
pub async fn remind(services: &Services, id: &ConnectionId) -> Result<usize, LedgerError> {
    let (now, after) = (services.clock.now(), services.config.stuck_after);
    let begun = update_connection(services, id, |connection| connection.begin_reminders(after, now)).await?;
    let telling = begun.map(|connection| connection.standing.telling).unwrap_or_default();
    let mut told = 0;
    for reminder in &telling {
        told += usize::from(record_reminder(services, id, reminder).await?);
    }
    if !telling.is_empty() {
        update_connection(services, id, |connection| connection.end_reminders(&telling)).await?;
    }
    Ok(told)
}
