//! Invitations: the revocable multi-day setup link, and the hand-off link that opens one leg only.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AkeneoSide, AuditEvent, Connection, ConnectionId, Health, LedgerError, Leg, SalesforceSide, SelfCallout, Standing,
    Terms, Wiring, load_connection, record_audit, record_audit_by, update_and_queue,
};
use crate::clock::{Timestamp, plus};
use crate::random::{TokenHash, token};
use crate::secret::{HandedOut, Sensitive};
use crate::service::Services;
use crate::store::{Due, Expect, Key, Queue, Record, StoreError};

/// A link as stored, found by the hash of its token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// The connection it opens.
    pub connection: ConnectionId,
    /// The only leg it opens; none for the whole journey.
    pub leg: Option<Leg>,
    /// The connection's own invitation at the time it was made: when that one is superseded or revoked, this link dies with it.
    pub root: TokenHash,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What Customer Success gives for a new connection.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The customer's name.
    pub customer: String,
    /// Pins and modes.
    pub terms: Terms,
    /// How long the link works.
    pub life: Duration,
    /// An existing connection to invite to again; its former link stops working.
    pub connection: Option<ConnectionId>,
    /// Which of our own people asks for it, where that is known.
    pub by: Option<String>,
}

/// Why a link opens nothing. Unknown, expired, revoked and malformed look the same from outside.
#[derive(Debug, thiserror::Error)]
pub enum InvitationFault {
    /// No such link, or no longer.
    #[error("the link is not valid")]
    NotValid,
    /// The connection was taken apart, or is being taken apart.
    #[error("the connection was taken apart")]
    Offboarded,
    /// A store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for InvitationFault {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

fn key(hash: &TokenHash) -> Key {
    Key::new(format!("invitation#{}", hash.as_str()), "invitation")
}

async fn write(services: &Services, link: &Invitation, secret: &HandedOut) -> Result<TokenHash, StoreError> {
    let hash = TokenHash::of(secret);
    let mut record = Record::new(key(&hash), link)?;
    record.expires_at = Some(link.expires_at);
    services.records.put(&record, Expect::Absent).await?;
    Ok(hash)
}

/// Makes a link, and its connection unless it exists. A new link for a connection supersedes the old one.
///
/// # Errors
/// [`InvitationFault::NotValid`] when the named connection does not exist; [`InvitationFault::Offboarded`];
/// [`InvitationFault::Ledger`].
pub async fn invite(services: &Services, new: NewInvitation) -> Result<(Connection, HandedOut), InvitationFault> {
    if let Some(id) = &new.connection {
        let present = load_connection(services, id).await?;
        if present.is_some_and(|present| present.offboarding.is_some()) {
            return Err(InvitationFault::Offboarded);
        }
    }
    let now = services.clock.now();
    let secret = token(&*services.random);
    let hash = TokenHash::of(&secret);
    let expires_at = plus(now, new.life);
    let id = new
        .connection
        .clone()
        .unwrap_or_else(|| ConnectionId::generate(&*services.random));
    let link = Invitation {
        connection: id.clone(),
        leg: None,
        root: hash.clone(),
        expires_at,
    };
    write(services, &link, &secret).await?;
    let connection = if new.connection.is_some() {
        let (customer, terms) = (new.customer, new.terms);
        let change = |connection: &mut Connection| {
            connection.customer.clone_from(&customer);
            // What Customer Success decided about health stays; an invitation says nothing about it.
            connection.terms = Terms {
                heal: connection.terms.heal,
                health_period_seconds: connection.terms.health_period_seconds,
                drop_salesforce_token: connection.terms.drop_salesforce_token,
                ..terms.clone()
            };
            connection.invitation = Some(hash.clone());
            connection.invitation_expires_at = Some(expires_at);
            connection.revoked_at = None;
        };
        update_and_queue(services, &id, change, |_, due| match due.queue {
            Queue::Closed => Due {
                queue: Queue::Idle,
                at: now,
            },
            _ => due,
        })
        .await?
        .ok_or(InvitationFault::NotValid)?
    } else {
        let connection = Connection {
            id: id.clone(),
            customer: new.customer,
            created_at: now,
            terms: new.terms,
            invitation: Some(hash),
            invitation_expires_at: Some(expires_at),
            opened_at: None,
            revoked_at: None,
            akeneo: AkeneoSide::default(),
            salesforce: SalesforceSide::default(),
            wiring: Wiring::default(),
            health: Health::default(),
            self_callout: SelfCallout::default(),
            paused_at: None,
            standing: Standing::default(),
            offboarding: None,
        };
        super::ledger::create_connection(services, connection).await?
    };
    record_audit_by(services, &id, AuditEvent::Invited, new.by).await?;
    Ok((connection, secret))
}

/// Makes a link that opens one leg of a connection, for somebody else. It lives at most seven days and never longer than the invitation.
///
/// # Errors
/// [`InvitationFault::NotValid`] when the connection has no valid invitation; [`InvitationFault::Ledger`].
pub async fn hand_off(services: &Services, connection: &Connection, leg: Leg) -> Result<HandedOut, InvitationFault> {
    const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
    let root = connection.invitation.clone().ok_or(InvitationFault::NotValid)?;
    let week = plus(services.clock.now(), LIFE);
    let expires_at = connection.invitation_expires_at.map_or(week, |end| end.min(week));
    let secret = token(&*services.random);
    let link = Invitation {
        connection: connection.id.clone(),
        leg: Some(leg),
        root,
        expires_at,
    };
    write(services, &link, &secret).await?;
    record_audit(services, &connection.id, AuditEvent::HandedOff { leg }).await?;
    Ok(secret)
}

/// The link and its connection, if the link is valid now. Changes nothing.
///
/// # Errors
/// [`InvitationFault::NotValid`], [`InvitationFault::Ledger`].
pub async fn open_invitation(
    services: &Services,
    secret: &HandedOut,
) -> Result<(Invitation, Connection), InvitationFault> {
    if !(20..=64).contains(&secret.expose().len()) {
        return Err(InvitationFault::NotValid);
    }
    let now = services.clock.now();
    let record = services.records.get(&key(&TokenHash::of(secret))).await?;
    let record = record
        .filter(|record| record.is_live(now))
        .ok_or(InvitationFault::NotValid)?;
    let link: Invitation = record.parse()?;
    let connection = load_connection(services, &link.connection)
        .await?
        .ok_or(InvitationFault::NotValid)?;
    if connection.invitation.as_ref() != Some(&link.root) || connection.revoked_at.is_some() {
        return Err(InvitationFault::NotValid);
    }
    Ok((link, connection))
}
