//! Where each of the five steps stands (design section 4), derived from the same facts as the stage.
//!
//! The stage names only the first missing fact; steps 1 and 2 can be done in either order, so the page needs to know of both.

use crate::clock::{Timestamp, plus};
use crate::connection::{ATTEMPT_LIFE, AkeneoFault, CallbackMode, Connection, SalesforceFault, Stage, Wiring, stage};
use crate::salesforce::Package;

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepState {
    /// Nothing is left to do.
    Done,
    /// A person has to act.
    YourTurn,
    /// The service is at work, or somebody outside has to act.
    Waiting,
    /// Other steps come first.
    NotYet,
}

impl StepState {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::YourTurn => "Your turn",
            Self::Waiting => "Waiting",
            Self::NotYet => "Not yet",
        }
    }

    /// The class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::YourTurn => "turn",
            Self::Waiting => "waiting",
            Self::NotYet => "later",
        }
    }

    pub(super) fn is_done(self) -> bool {
        self == Self::Done
    }
}

/// What is missing on the org's side before it can be wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrgNeed {
    /// Nobody connected it, or its grant was lost.
    Connect,
    /// It was connected and has not been looked at yet.
    Look,
    /// Only API versions that are too old.
    NewerApi,
    /// Permissions of the connecting user.
    Permissions,
    /// The package.
    Package,
    /// A newer package.
    NewerPackage,
    /// The records that the package brings and that are not there.
    WholePackage,
    /// One package instead of several.
    OnePackage,
    /// Nothing.
    Nothing,
}

/// What is missing on the PIM's side before the org can be wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PimNeed {
    /// Credentials that work.
    Credentials,
    /// A person's authorization.
    Authorization,
    /// The org asks for other scopes than before: authorize once more.
    AuthorizationForOtherScopes,
    /// Scopes that were asked for and not granted.
    Scopes,
    /// Nothing.
    Nothing,
}

pub(super) fn org_need(connection: &Connection) -> OrgNeed {
    let side = &connection.salesforce;
    if connection.by_hand().is_some() {
        return OrgNeed::Nothing;
    }
    if side.org.is_none() || side.fault == Some(SalesforceFault::GrantLost) {
        return OrgNeed::Connect;
    }
    let Some(readiness) = &side.readiness else {
        return if connection.wiring.looked_at.is_some() {
            OrgNeed::Nothing
        } else {
            OrgNeed::Look
        };
    };
    if readiness.api_version.is_none() {
        return OrgNeed::NewerApi;
    }
    if !readiness.missing_permissions.is_empty() {
        return OrgNeed::Permissions;
    }
    match readiness.package {
        Package::Missing => OrgNeed::Package,
        Package::Legacy { .. } if connection.legacy_namespace().is_some() => OrgNeed::Nothing,
        Package::Legacy { .. } => OrgNeed::NewerPackage,
        Package::Incomplete { .. } => OrgNeed::WholePackage,
        Package::Ambiguous { .. } => OrgNeed::OnePackage,
        Package::Current { .. } => OrgNeed::Nothing,
    }
}

pub(super) fn pim_need(connection: &Connection) -> PimNeed {
    let side = &connection.akeneo;
    let Some(typed) = &side.credentials else {
        return PimNeed::Credentials;
    };
    if connection.terms.callback == CallbackMode::Salesforce {
        return PimNeed::Nothing;
    }
    let wanted = connection.scopes_to_request();
    match &side.proven {
        Some(proven) if proven.credentials.generation == typed.generation => {
            if !wanted.missing_from(&proven.granted).is_empty() {
                PimNeed::Scopes
            } else if proven.requested == wanted {
                PimNeed::Nothing
            } else {
                PimNeed::AuthorizationForOtherScopes
            }
        }
        _ if side.fault.is_some_and(AkeneoFault::needs_other_credentials) => PimNeed::Credentials,
        _ => PimNeed::Authorization,
    }
}

/// Where the org's own authorization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hop {
    /// Nobody was sent yet.
    Unstarted,
    /// Somebody was sent at this time and Salesforce has not confirmed yet.
    Started(Timestamp),
    /// Somebody was sent at this time, too long ago to wait for.
    Unfinished(Timestamp),
}

impl Hop {
    pub(super) fn of(wiring: &Wiring, now: Timestamp) -> Self {
        // One from before the stored token became another app's was for that token.
        let still_counts = |started: &Timestamp| wiring.principal_stale_since.is_none_or(|since| *started >= since);
        match wiring.principal_started_at.filter(still_counts) {
            None => Self::Unstarted,
            Some(at) if now < plus(at, ATTEMPT_LIFE) => Self::Started(at),
            Some(at) => Self::Unfinished(at),
        }
    }
}

/// The states of all five steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) salesforce: StepState,
    pub(super) akeneo: StepState,
    pub(super) wiring: StepState,
    pub(super) principal: StepState,
    pub(super) verification: StepState,
}

impl Steps {
    pub(super) fn of(connection: &Connection, now: Timestamp) -> Self {
        let salesforce = match org_need(connection) {
            OrgNeed::Nothing => StepState::Done,
            OrgNeed::Connect
            | OrgNeed::Permissions
            | OrgNeed::Package
            | OrgNeed::NewerPackage
            | OrgNeed::WholePackage => StepState::YourTurn,
            OrgNeed::Look | OrgNeed::NewerApi | OrgNeed::OnePackage => StepState::Waiting,
        };
        let akeneo = if pim_need(connection) == PimNeed::Nothing {
            StepState::Done
        } else {
            StepState::YourTurn
        };
        let hop = match Hop::of(&connection.wiring, now) {
            Hop::Started(_) => StepState::Waiting,
            Hop::Unstarted | Hop::Unfinished(_) => StepState::YourTurn,
        };
        let (done, later) = (StepState::Done, StepState::NotYet);
        let (wiring, principal, verification) = match stage(connection) {
            Stage::Wiring => (StepState::Waiting, later, later),
            Stage::WiringBlocked | Stage::SetUpByHand => (StepState::YourTurn, later, later),
            Stage::AuthorizePrincipal => (done, hop, later),
            Stage::Verifying => (done, done, StepState::Waiting),
            Stage::Connected | Stage::Degraded => (done, done, done),
            _ => (later, later, later),
        };
        Self {
            salesforce,
            akeneo,
            wiring,
            principal,
            verification,
        }
    }

    pub(super) fn done(self) -> usize {
        [
            self.salesforce,
            self.akeneo,
            self.wiring,
            self.principal,
            self.verification,
        ]
        .into_iter()
        .filter(|state| state.is_done())
        .count()
    }
}
