//! The ways in which a connection breaks, by the simulators' own switches, and what the service has to make of each.

use akeneo_simulator::FaultKind as PimFault;
use connector::connection::HealthState;
use salesforce_simulator::{Action, Canned, FaultKind as OrgFault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longer than anybody waits.
const FOR_EVER_MS: u64 = 600_000;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    CalloutsOff,
    Drifted,
    AccessMissing,
    PrincipalLost,
    TokenRevoked,
    Disconnected,
    ScopeLost,
    PimInMaintenance,
    PimSilent,
    PimCutsOff,
    PimMisconfigured,
    OrgInMaintenance,
    OrgSilent,
    OrgCutsOff,
    OrgGrantLost,
    PimWantsFewerCalls,
    PackageChanged,
    NeverVerified,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// The service puts it right in the look that finds it.
    Healed,
    /// It is told, and passes when the simulator is mended.
    Passes,
    /// It is told; only a person's authorization ends it, and until then it is not told again.
    Stays,
    /// It is not the sweep's: the connection was never complete.
    Waits,
}

/// What is done to a simulator.
pub(crate) enum Deed {
    Org(Action),
    OrgFault(OrgFault, Option<Canned>),
    PimFault(PimFault, Option<u16>),
    PimSettings(Value),
    /// The app is authorized with other scopes, which replaces its token.
    ReplaceToken,
    Disconnect,
    /// All faults of both are over.
    NoFaults,
    /// The org has the right token again.
    GiveToken,
    PointBack,
}

impl Trouble {
    /// Every way.
    pub(crate) const ALL: [Self; 18] = [
        Self::CalloutsOff,
        Self::Drifted,
        Self::AccessMissing,
        Self::PrincipalLost,
        Self::TokenRevoked,
        Self::Disconnected,
        Self::ScopeLost,
        Self::PimInMaintenance,
        Self::PimSilent,
        Self::PimCutsOff,
        Self::PimMisconfigured,
        Self::OrgInMaintenance,
        Self::OrgSilent,
        Self::OrgCutsOff,
        Self::OrgGrantLost,
        Self::PimWantsFewerCalls,
        Self::PackageChanged,
        Self::NeverVerified,
    ];

    /// In words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CalloutsOff => "callouts are switched off",
            Self::Drifted => "the Named Credential points elsewhere",
            Self::AccessMissing => "every assignment is taken away",
            Self::PrincipalLost => "the org's token is gone",
            Self::TokenRevoked => "our token was replaced",
            Self::Disconnected => "the app was disconnected",
            Self::ScopeLost => "a permission was taken away",
            Self::PimInMaintenance => "the PIM answers 503",
            Self::PimSilent => "the PIM does not answer",
            Self::PimCutsOff => "the PIM resets connections",
            Self::PimMisconfigured => "the PIM's web server sends API calls to a login page",
            Self::OrgInMaintenance => "the org answers 503",
            Self::OrgSilent => "the org does not answer",
            Self::OrgCutsOff => "the org resets connections",
            Self::OrgGrantLost => "our access to the org was revoked",
            Self::PimWantsFewerCalls => "the PIM answers 429",
            Self::PackageChanged => "a package before 3.0 was installed",
            Self::NeverVerified => "the PIM answers 503 before the first verification",
        }
    }

    /// The state that it has to be told as.
    pub(crate) fn state(self) -> HealthState {
        match self {
            Self::CalloutsOff => HealthState::CalloutsOff,
            Self::Drifted => HealthState::Drifted,
            Self::AccessMissing => HealthState::AccessMissing,
            Self::PrincipalLost => HealthState::PrincipalLost,
            Self::TokenRevoked => HealthState::TokenRevoked,
            Self::Disconnected => HealthState::Disconnected,
            Self::ScopeLost => HealthState::ScopeLost,
            Self::PimInMaintenance | Self::PimSilent | Self::PimCutsOff => HealthState::PimUnreachable,
            Self::PimMisconfigured => HealthState::PimMisconfigured,
            Self::OrgInMaintenance | Self::OrgSilent | Self::OrgCutsOff => HealthState::OrgUnreachable,
            Self::OrgGrantLost => HealthState::OrgGrantLost,
            Self::PimWantsFewerCalls => HealthState::RateLimited,
            Self::PackageChanged => HealthState::PackageChanged,
            Self::NeverVerified => HealthState::Unknown,
        }
    }

    /// What becomes of it.
    pub(crate) fn course(self) -> Course {
        match self {
            Self::CalloutsOff | Self::AccessMissing => Course::Healed,
            Self::TokenRevoked | Self::Disconnected | Self::OrgGrantLost | Self::PackageChanged => Course::Stays,
            Self::NeverVerified => Course::Waits,
            _ => Course::Passes,
        }
    }

    /// Whether the first call to the host gets no answer at all.
    pub(crate) fn is_silence(self) -> bool {
        matches!(self, Self::PimSilent | Self::OrgSilent)
    }

    /// What breaks it.
    pub(crate) fn breaks(self) -> Deed {
        match self {
            Self::CalloutsOff => Deed::Org(Action::CalloutsOff {}),
            Self::Drifted => Deed::Org(Action::EditUrl {
                url: "https://elsewhere.example.com".to_owned(),
            }),
            Self::AccessMissing => Deed::Org(Action::RevokeGrants {}),
            Self::PrincipalLost => Deed::Org(Action::DropPrincipal {}),
            Self::TokenRevoked => Deed::ReplaceToken,
            Self::Disconnected => Deed::Disconnect,
            Self::ScopeLost => Deed::PimSettings(json!({ "removed_role_acls": ["read_categories"] })),
            Self::PimInMaintenance | Self::NeverVerified => Deed::PimFault(PimFault::Status, Some(503)),
            Self::PimSilent => Deed::PimFault(PimFault::Delay, None),
            Self::PimCutsOff => Deed::PimFault(PimFault::ResetBefore, None),
            Self::PimMisconfigured => Deed::PimSettings(json!({ "api_redirects_to_login": true })),
            Self::OrgInMaintenance => Deed::OrgFault(OrgFault::Status, Some(Canned::Html503)),
            Self::OrgSilent => Deed::OrgFault(OrgFault::Delay, None),
            Self::OrgCutsOff => Deed::OrgFault(OrgFault::ResetBefore, None),
            Self::OrgGrantLost => Deed::Org(Action::RevokeTokens {}),
            Self::PimWantsFewerCalls => Deed::PimFault(PimFault::Status, Some(429)),
            Self::PackageChanged => Deed::Org(Action::PackageUpgrade {
                version: "2.4.0".to_owned(),
            }),
        }
    }

    /// What ends it, where anything but a person does.
    pub(crate) fn mends(self) -> Option<Deed> {
        match self {
            Self::CalloutsOff
            | Self::AccessMissing
            | Self::TokenRevoked
            | Self::Disconnected
            | Self::OrgGrantLost
            | Self::PackageChanged
            | Self::NeverVerified => None,
            Self::Drifted => Some(Deed::PointBack),
            Self::PrincipalLost => Some(Deed::GiveToken),
            Self::ScopeLost => Some(Deed::PimSettings(json!({ "removed_role_acls": [] }))),
            Self::PimMisconfigured => Some(Deed::PimSettings(json!({ "api_redirects_to_login": false }))),
            _ => Some(Deed::NoFaults),
        }
    }
}

/// A fault of an org that hits every request.
pub(crate) fn org_fault(kind: OrgFault, canned: Option<Canned>, delay_ms: Option<u64>) -> salesforce_simulator::Fault {
    salesforce_simulator::Fault {
        canned,
        delay_ms: delay_ms.or(Some(FOR_EVER_MS)),
        count: u32::MAX,
        ..salesforce_simulator::Fault::new(kind, "/services/")
    }
}

/// A fault of a PIM that hits every call to its API.
pub(crate) fn pim_fault(kind: PimFault, status: Option<u16>, delay_ms: Option<u64>) -> akeneo_simulator::Fault {
    akeneo_simulator::Fault {
        status,
        delay_ms: delay_ms.or(Some(FOR_EVER_MS)),
        ..akeneo_simulator::Fault::new(kind, "/api/")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_but_healthy_is_caused() {
        let caused: BTreeSet<_> = Trouble::ALL.iter().map(|trouble| trouble.state().code()).collect();
        let mut all: BTreeSet<_> = HealthState::ALL.iter().map(|state| state.code()).collect();
        all.remove("healthy");
        assert_eq!(caused, all);
    }

    #[test]
    fn what_passes_can_be_mended_and_nothing_else() {
        for trouble in Trouble::ALL {
            assert_eq!(
                trouble.mends().is_some(),
                trouble.course() == Course::Passes,
                "{trouble:?}"
            );
        }
    }
}
