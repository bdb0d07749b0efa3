//! One event: its kind, and the plain facts that go with it. Pure.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::connection::{
    AuditEntry, AuditEvent, Connection, ConnectionId, HealthState, Stage, Who, next_action, stage,
};
use crate::store::Key;
use crate::trace::{self, Trace};

/// What other systems hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A setup link was made.
    Invited,
    /// A person opened it for the first time.
    Opened,
    /// It has been a person's turn for days.
    Stuck,
    /// An authorization came back and failed.
    Failed,
    /// Both sides were verified for the first time.
    Connected,
    /// Something stopped working.
    Degraded,
    /// Everything works again.
    Recovered,
    /// The service put something right by itself.
    Healed,
    /// A link or a grant ends soon.
    Expiring,
    /// The connection was taken apart.
    Offboarded,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Invited,
        Self::Opened,
        Self::Stuck,
        Self::Failed,
        Self::Connected,
        Self::Degraded,
        Self::Recovered,
        Self::Healed,
        Self::Expiring,
        Self::Offboarded,
    ];

    /// The kind of an entry of the audit trail; most entries are nobody else's business.
    #[must_use]
    pub fn of(what: &AuditEvent) -> Option<Self> {
        match what {
            AuditEvent::Invited => Some(Self::Invited),
            AuditEvent::Opened => Some(Self::Opened),
            AuditEvent::Stuck { .. } => Some(Self::Stuck),
            AuditEvent::Failed { .. } => Some(Self::Failed),
            AuditEvent::Healed { .. } => Some(Self::Healed),
            AuditEvent::Expiring { .. } => Some(Self::Expiring),
            AuditEvent::Offboarded => Some(Self::Offboarded),
            AuditEvent::HealthChanged { repeated: true, .. } => None,
            AuditEvent::HealthChanged { state, from, .. } => match (state, from) {
                (HealthState::Unknown, _) => None,
                (HealthState::Healthy, HealthState::Unknown) => Some(Self::Connected),
                (HealthState::Healthy, _) => Some(Self::Recovered),
                _ => Some(Self::Degraded),
            },
            _ => None,
        }
    }

    /// Stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Opened => "opened",
            Self::Stuck => "stuck",
            Self::Failed => "failed",
            Self::Connected => "connected",
            Self::Degraded => "degraded",
            Self::Recovered => "recovered",
            Self::Healed => "healed",
            Self::Expiring => "expiring",
            Self::Offboarded => "offboarded",
        }
    }

    /// For the middle of a sentence about a connection.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Invited => "was invited",
            Self::Opened => "opened the setup link",
            Self::Stuck => "has been waiting for somebody for days",
            Self::Failed => "had an authorization that failed",
            Self::Connected => "is connected",
            Self::Degraded => "no longer works as it should",
            Self::Recovered => "works again",
            Self::Healed => "was put right by the service",
            Self::Expiring => "has something that ends soon",
            Self::Offboarded => "was taken apart",
        }
    }
}

/// An event as it is sent. Made once, and sent in the same words at each try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Stable: a receiver that has seen it before has seen the event before.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// When.
    pub time: Timestamp,
    /// To which connection.
    pub connection: ConnectionId,
    /// The customer's name.
    pub customer: String,
    /// Where the connection stands.
    pub stage: Stage,
    /// How it is.
    pub health: HealthState,
    /// Whose turn it is.
    pub whose_turn: Who,
    /// What they have to do, in words.
    pub what: String,
    /// The id of the work that it happened in: the logs have it as `trace`, and a customer whose request it was reads it as reference.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "trace::stored")]
    pub trace: Option<Trace>,
    /// The entry of the audit trail.
    pub detail: AuditEvent,
}

impl Event {
    /// The event that an entry of the trail is, told with the connection as it is now. `None` for entries that are not public.
    #[must_use]
    pub fn of(key: &Key, entry: &AuditEntry, connection: &Connection) -> Option<Self> {
        let kind = Kind::of(&entry.what)?;
        let (mut health, mut next) = (connection.health.state, next_action(connection));
        // What was wrong a moment ago is told as it was, even if it has been put right since.
        if let AuditEvent::HealthChanged { state, .. } = entry.what {
            if health != state {
                let (who, what) = state.remedy(connection.terms.heal);
                (next.who, next.what) = (who, what);
            }
            health = state;
        }
        Some(Self {
            id: id(key),
            kind,
            time: entry.at,
            connection: connection.id.clone(),
            customer: connection.customer.clone(),
            stage: stage(connection),
            health,
            whose_turn: next.who,
            what: next.what,
            trace: entry.trace.clone(),
            detail: entry.what.clone(),
        })
    }
}

fn id(key: &Key) -> String {
    let digest = Sha256::digest(format!("{} {}", key.pk, key.sk));
    format!("evt_{}", hex::encode(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_entry_and_other_entries_are_private() {
        let health = |state, from, repeated| AuditEvent::HealthChanged { state, from, repeated };
        let (off, fine, new) = (HealthState::CalloutsOff, HealthState::Healthy, HealthState::Unknown);
        let check = |what: AuditEvent, expect| assert_eq!(Kind::of(&what), expect, "{what:?}");
        check(health(fine, new, false), Some(Kind::Connected));
        check(health(fine, off, false), Some(Kind::Recovered));
        check(health(off, fine, false), Some(Kind::Degraded));
        check(health(off, fine, true), None);
        check(health(new, fine, false), None);
        check(AuditEvent::PimConnected, None);
        check(AuditEvent::Relayed, None);
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn an_id_belongs_to_its_entry() {
        assert_eq!(id(&Key::new("a", "b")), id(&Key::new("a", "b")));
        assert_ne!(id(&Key::new("a", "b")), id(&Key::new("a", "c")));
    }
}
