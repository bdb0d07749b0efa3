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
    /// What has been wrong since everything worked for the last time, a cause at a time.
    pub incidents: Vec<Incident>,
    /// Whether the service has put something right by itself since then.
    pub healed: bool,
    /// The incident that ended last, for people who come later.
    pub past: Option<PastIncident>,
}

/// Something that was found to be wrong. It is told once, however often it comes back before everything works again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What.
    pub cause: HealthState,
    /// Since when.
    pub since: Timestamp,
}

/// An incident that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastIncident {
    /// What was wrong first.
    pub cause: HealthState,
    /// Since when.
    pub since: Timestamp,
    /// When everything worked again.
    pub ended_at: Timestamp,
    /// Whether the service put it right by itself.
    pub healed: bool,
}

impl Health {
    /// Takes a new state over at `now`: opens an incident for a new cause, ends all of them when everything works.
    pub fn enter(&mut self, state: HealthState, now: Timestamp) {
        (self.state, self.contradictions) = (state, 0);
        match state {
            HealthState::Healthy => {
                if let Some(first) = self.incidents.first() {
                    self.past = Some(PastIncident {
                        cause: first.cause,
                        since: first.since,
                        ended_at: now,
                        healed: self.healed,
                    });
                }
                self.incidents.clear();
                self.healed = false;
            }
            HealthState::Unknown => {}
            cause if self.incidents.iter().any(|known| known.cause == cause) => {}
            cause => self.incidents.push(Incident { cause, since: now }),
        }
    }
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
    /// Something between us and the PIM's API is set up wrongly, and waiting does not mend it.
    PimMisconfigured,
    /// The org does not answer.
    OrgUnreachable,
    /// The grant in the org was revoked.
    OrgGrantLost,
    /// The PIM or the org wants fewer calls.
    RateLimited,
    /// The package is no longer there, or no longer the one that was set up.
    PackageChanged,
}

impl HealthState {
    /// Every state.
    pub const ALL: [Self; 15] = [
        Self::Unknown,
        Self::Healthy,
        Self::CalloutsOff,
        Self::Drifted,
        Self::AccessMissing,
        Self::PrincipalLost,
        Self::TokenRevoked,
        Self::Disconnected,
        Self::ScopeLost,
        Self::PimUnreachable,
        Self::PimMisconfigured,
        Self::OrgUnreachable,
        Self::OrgGrantLost,
        Self::RateLimited,
        Self::PackageChanged,
    ];

    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
            Self::CalloutsOff => "callouts_off",
            Self::Drifted => "drifted",
            Self::AccessMissing => "access_missing",
            Self::PrincipalLost => "principal_lost",
            Self::TokenRevoked => "token_revoked",
            Self::Disconnected => "disconnected",
            Self::ScopeLost => "scope_lost",
            Self::PimUnreachable => "pim_unreachable",
            Self::PimMisconfigured => "pim_misconfigured",
            Self::OrgUnreachable => "org_unreachable",
            Self::OrgGrantLost => "org_grant_lost",
            Self::RateLimited => "rate_limited",
            Self::PackageChanged => "package_changed",
        }
    }
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
