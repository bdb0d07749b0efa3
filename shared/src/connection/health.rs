//! How a connection is, as stored; what it is judged by is in the room `health`.

use serde::{Deserialize, Serialize};

use crate::akeneo::ProbeReport;
use crate::clock::Timestamp;

/// How a connection is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// The state that people are told.
    pub state: HealthState,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// The last complete verification.
    pub verification: Option<Verification>,
    /// Checks in a row that contradicted `state`.
    pub contradictions: u32,
}

/// The states of a connection's health.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Not verified yet.
    #[default]
    Unknown,
    /// Everything that can be checked is as it should be.
    Healthy,
    /// Salesforce switched callouts off.
    CalloutsOff,
    /// The org's settings differ from what they should be.
    Drifted,
    /// A user that runs transfers lacks access.
    AccessMissing,
    /// The principal lost its authorization.
    PrincipalLost,
    /// The PIM no longer accepts the token.
    TokenRevoked,
    /// The app was disconnected in the PIM.
    Disconnected,
    /// A scope is no longer granted.
    ScopeLost,
    /// The PIM does not answer.
    PimUnreachable,
    /// The org does not answer.
    OrgUnreachable,
    /// The grant in the org was revoked.
    OrgGrantLost,
    /// The PIM or the org wants fewer calls.
    RateLimited,
}

/// What a complete verification saw (design section 4, step 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// When.
    pub at: Timestamp,
    /// The probes of the PIM with our token; none in `callback: salesforce` mode, where we hold no token.
    pub pim: Option<ProbeReport>,
    /// Whether the org's records, grants and principal were all as desired.
    pub org: bool,
}
