//! Setting off for an authorize endpoint: the attempt, and the note of it that people are shown.
//!
//! Several trips of one leg work side by side, capped: the tabs of a tired person, not a flood.

use super::{
    ATTEMPT_LIFE, AttemptNote, AuditEvent, Connection, LedgerError, Leg, Origin, attempt::open_attempt, record_audit,
    update_connection,
};
use crate::clock::{Timestamp, plus};
use crate::secret::HandedOut;
use crate::service::Services;
use crate::store::StoreError;

/// How many trips of one leg work side by side.
const MOST: usize = 10;

/// Why nobody is sent off.
#[derive(Debug, thiserror::Error)]
pub enum DepartureFault {
    /// Too many trips of this leg are under way.
    #[error("too many authorizations at the same time")]
    TooMany,
    /// A store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for DepartureFault {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// Opens an attempt of this browser and returns its `state`. `again`: the service itself sends the person once more, because
/// a code was lost on the way.
///
/// # Errors
/// [`DepartureFault`].
pub async fn depart(
    services: &Services,
    connection: &Connection,
    browser: &HandedOut,
    origin: Origin,
    again: bool,
) -> Result<HandedOut, DepartureFault> {
    let leg = origin.leg();
    let now = services.clock.now();
    if recent_trips(connection, leg, now).len() >= MOST {
        return Err(DepartureFault::TooMany);
    }
    let state = open_attempt(services, &connection.id, browser, origin, again, now).await?;
    update_connection(services, &connection.id, |connection| {
        let mut recent = recent_trips(connection, leg, now);
        recent.push(now);
        let note = AttemptNote {
            started_at: now,
            expires_at: plus(now, ATTEMPT_LIFE),
            returned: false,
            returned_under: None,
            recent,
        };
        match leg {
            Leg::Akeneo => connection.akeneo.attempt = Some(note),
            Leg::Salesforce => connection.salesforce.attempt = Some(note),
        }
    })
    .await?;
    record_audit(services, &connection.id, AuditEvent::Started { leg }).await?;
    Ok(state)
}

fn recent_trips(connection: &Connection, leg: Leg, now: Timestamp) -> Vec<Timestamp> {
    let trips = connection
        .attempt(leg)
        .map(|note| note.recent.clone())
        .unwrap_or_default();
    trips
        .into_iter()
        .filter(|started| plus(*started, ATTEMPT_LIFE) > now)
        .collect()
}
