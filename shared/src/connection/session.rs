//! Setup sessions: what a browser holds after a person pressed Start on an invitation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AuditEvent, Connection, ConnectionId, Invitation, LedgerError, Leg, load_connection, record_audit,
    update_connection,
};
use crate::clock::{Timestamp, plus};
use crate::random::{TokenHash, token};
use crate::secret::HandedOut;
use crate::service::Services;
use crate::store::{Expect, Key, Record};

/// How long a session lasts.
const LIFE: Duration = Duration::from_secs(12 * 3600);

/// A session as stored, found by the hash of the cookie's token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// The connection it opens.
    pub connection: ConnectionId,
    /// The only leg it opens; none for the whole journey.
    pub leg: Option<Leg>,
    /// The invitation at its root; the session dies when that is superseded or revoked.
    pub root: TokenHash,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether it may act on `leg`.
    #[must_use]
    pub fn opens(&self, leg: Leg) -> bool {
        self.leg.is_none_or(|only| only == leg)
    }
}

fn key(hash: &TokenHash) -> Key {
    Key::new(format!("session#{}", hash.as_str()), "session")
}

/// Opens a session from an invitation. The cookie's token comes back.
///
/// # Errors
/// [`LedgerError`].
pub async fn start_session(services: &Services, invitation: &Invitation) -> Result<HandedOut, LedgerError> {
    let now = services.clock.now();
    let secret = token(&*services.random);
    let session = Session {
        connection: invitation.connection.clone(),
        leg: invitation.leg,
        root: invitation.root.clone(),
        expires_at: plus(now, LIFE).min(invitation.expires_at),
    };
    let mut record = Record::new(key(&TokenHash::of(&secret)), &session)?;
    record.expires_at = Some(session.expires_at);
    services.records.put(&record, Expect::Absent).await?;
    let mut first = false;
    update_connection(services, &invitation.connection, |connection| {
        first = connection.opened_at.is_none();
        connection.opened_at.get_or_insert(now);
    })
    .await?;
    if first {
        record_audit(services, &invitation.connection, AuditEvent::Opened).await?;
    }
    Ok(secret)
}

/// The session of a cookie and its connection, if both are valid now. Changes nothing.
///
/// # Errors
/// [`LedgerError`] when a store fails; an invalid session is `None`.
pub async fn open_session(
    services: &Services,
    secret: &HandedOut,
) -> Result<Option<(Session, Connection)>, LedgerError> {
    let now = services.clock.now();
    let record = services.records.get(&key(&TokenHash::of(secret))).await?;
    let Some(record) = record.filter(|record| record.is_live(now)) else {
        return Ok(None);
    };
    let session: Session = record.parse()?;
    let Some(connection) = load_connection(services, &session.connection).await? else {
        return Ok(None);
    };
    let valid = connection.invitation.as_ref() == Some(&session.root) && connection.revoked_at.is_none();
    Ok(valid.then_some((session, connection)))
}
