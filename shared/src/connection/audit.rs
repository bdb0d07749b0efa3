//! The audit trail: what happened to a connection and when. Append-only, without secrets.

use serde::{Deserialize, Serialize};

use super::{ConnectionId, HealthState, Leg};
use crate::clock::Timestamp;
use crate::random;
use crate::service::Services;
use crate::store::{Expect, Key, Record, StoreError};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// A link was made.
    Invited,
    /// A person opened the link for the first time.
    Opened,
    /// A link for one leg was made.
    HandedOff {
        /// Which leg.
        leg: Leg,
    },
    /// A person was sent to an authorize endpoint.
    Started {
        /// Which leg.
        leg: Leg,
    },
    /// An authorization came back and failed.
    Failed {
        /// Which leg.
        leg: Leg,
        /// Stable code of the fault.
        code: String,
    },
    /// The org was connected.
    OrgConnected {
        /// The org.
        org_id: String,
    },
    /// Akeneo credentials were typed.
    CredentialsEntered,
    /// The PIM issued a token.
    PimConnected,
    /// Something was written to the org.
    Applied {
        /// Which change.
        change: String,
    },
    /// The org's own authorization passed through our callback.
    Relayed,
    /// The health state changed.
    HealthChanged {
        /// The new state.
        state: HealthState,
    },
    /// Customer Success revoked the connection.
    Revoked,
}

/// An entry of the trail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: AuditEvent,
}

/// Appends an entry.
///
/// # Errors
/// [`StoreError`].
pub async fn record_audit(services: &Services, connection: &ConnectionId, what: AuditEvent) -> Result<(), StoreError> {
    let at = services.clock.now();
    let sk = format!(
        "audit#{:020}#{}",
        at.as_microsecond(),
        random::identifier(&*services.random, 4)
    );
    let record = Record::new(
        Key::new(format!("connection#{connection}"), sk),
        &AuditEntry { at, what },
    )?;
    services.records.put(&record, Expect::Absent).await.map(|_| ())
}

/// The newest entries first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_trail(
    services: &Services,
    connection: &ConnectionId,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let page = services
        .records
        .list(&format!("connection#{connection}"), "audit#", true, limit, None)
        .await?;
    page.records.iter().map(Record::parse).collect()
}
