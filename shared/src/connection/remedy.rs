//! What puts a connection right whose health is bad: whose turn it is, in words. Pure; `stage` decides when it is asked.

use super::{Connection, HealPolicy, HealthState, Who};
use crate::akeneo::{ProbeReport, Verdict};

/// Whose turn it is with a connection that does not work, and what to do. What is set up wrongly on the way to the PIM has words of its own.
pub(super) fn remedy(connection: &Connection) -> (Who, String) {
    let (who, what) = connection.health.state.remedy(connection.terms.heal);
    let probes = connection
        .health
        .verification
        .as_ref()
        .and_then(|seen| seen.pim.as_ref());
    match probes.map(ProbeReport::overall) {
        Some(verdict @ Verdict::Misconfigured(_)) if connection.health.state == HealthState::PimMisconfigured => {
            (who, verdict.in_words().to_owned())
        }
        _ => (who, what),
    }
}

impl HealthState {
    /// Whose turn it is in this state, and the remedy. What the service may not put right by itself is a person's turn.
    #[must_use]
    pub fn remedy(self, policy: HealPolicy) -> (Who, String) {
        let (who, what) = match self {
            Self::CalloutsOff if policy == HealPolicy::Off => (
                Who::SalesforceAdmin,
                "Salesforce switched callouts off. “Check again” switches them on.",
            ),
            Self::AccessMissing if policy != HealPolicy::CalloutsAndGrants => (
                Who::SalesforceAdmin,
                "A user lost access to the credentials. “Check again” grants it.",
            ),
            Self::Healthy => (Who::Nobody, "Nothing to do: the connection works."),
            Self::Unknown => (Who::Service, "The connection is being looked at."),
            Self::CalloutsOff => (
                Who::Service,
                "Salesforce switched callouts off; they are switched on again.",
            ),
            Self::Drifted => (
                Who::SalesforceAdmin,
                "Settings in the org were changed since it was set up. “Check again” sets them right.",
            ),
            Self::AccessMissing => (
                Who::Service,
                "A user lost access to the credentials; it is granted again.",
            ),
            Self::PrincipalLost => (
                Who::SalesforceAdmin,
                "Let Salesforce authorize itself in Akeneo PIM once more.",
            ),
            Self::TokenRevoked => (
                Who::PimAdmin,
                "Authorize the connection in Akeneo PIM once more: its token was replaced or revoked.",
            ),
            Self::Disconnected => (
                Who::PimAdmin,
                "Authorize the connection in Akeneo PIM once more: the app was disconnected there.",
            ),
            Self::ScopeLost => (
                Who::PimAdmin,
                "Give the app its permissions back in Akeneo PIM: some of them were taken away.",
            ),
            Self::PimUnreachable => (Who::Service, "The PIM does not answer; it is tried again by itself."),
            Self::PimMisconfigured => (
                Who::PimAdmin,
                "Our calls do not get through to the PIM’s API. Ask whoever runs the PIM’s web server to let them through.",
            ),
            Self::OrgUnreachable => (Who::Service, "Salesforce does not answer; it is tried again by itself."),
            Self::OrgGrantLost => (
                Who::SalesforceAdmin,
                "Connect the Salesforce org once more: access was revoked there.",
            ),
            Self::RateLimited => (
                Who::Service,
                "Fewer calls are allowed for now; it is tried again by itself.",
            ),
            Self::PackageChanged => (
                Who::SalesforceAdmin,
                "Install or upgrade the package “Akeneo PIM for Salesforce” in the org: it is no longer what was set up.",
            ),
        };
        (who, what.to_owned())
    }
}

impl HealthState {
    /// Whether only an authorization in the PIM can mend it.
    #[must_use]
    pub fn needs_akeneo(self) -> bool {
        matches!(self, Self::TokenRevoked | Self::Disconnected | Self::ScopeLost)
    }
}
