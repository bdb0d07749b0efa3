//! From facts to stage to next action: pure, and never stored. The first fact that is missing names both (design section 3).

use serde::{Deserialize, Serialize};

use super::by_hand::{seen_by_hand, stage_by_hand, words_by_hand};
use super::remedy::remedy;
use super::{CallbackMode, Connection, HealthState, Readiness, SalesforceFault, Waiting};
use crate::salesforce::Package;
use crate::wiring::{Finding, PrincipalStatus};

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Customer Success revoked it.
    Revoked,
    /// No org yet, or its grant was lost.
    ConnectSalesforce,
    /// The org speaks only API versions before 63.0.
    OrgTooOld,
    /// The connecting user lacks permissions.
    PermissionMissing,
    /// The package is not installed.
    PackageMissing,
    /// The package is older than 3.0.
    PackageOutdated,
    /// Some of the package's records are gone or hidden.
    PackageIncomplete,
    /// More than one set of records could be the package's.
    PackageAmbiguous,
    /// No Custom App credentials yet, or the PIM refused them.
    EnterAkeneo,
    /// Credentials are there, no token yet.
    AuthorizeAkeneo,
    /// The PIM granted fewer scopes than the org needs.
    ScopesMissing,
    /// A person sets the org up by hand, without access for us.
    SetUpByHand,
    /// The service is at work on the org.
    Wiring,
    /// Something in the org needs a person before wiring can go on.
    WiringBlocked,
    /// The org's own authorization is missing.
    AuthorizePrincipal,
    /// Everything is in place and is being verified.
    Verifying,
    /// Done; the health state says how it is.
    Connected,
    /// It was connected and something needs a person.
    Degraded,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The customer's Salesforce admin.
    SalesforceAdmin,
    /// The customer's PIM admin.
    PimAdmin,
    /// Customer Success at Akeneo.
    CustomerSuccess,
    /// The service; nobody has to do anything.
    Service,
    /// Nobody: it works.
    Nobody,
}

impl Who {
    /// In words, for the middle of a sentence.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::SalesforceAdmin => "your Salesforce administrator",
            Self::PimAdmin => "your Akeneo PIM administrator",
            Self::CustomerSuccess => "your Akeneo contact",
            Self::Service => "this service",
            Self::Nobody => "nobody",
        }
    }
}

/// Who has to do what now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextAction {
    /// Whose turn it is.
    pub who: Who,
    /// What to do, in words.
    pub what: String,
}

fn readiness_stage(readiness: &Readiness) -> Option<Stage> {
    if readiness.api_version.is_none() {
        return Some(Stage::OrgTooOld);
    }
    if !readiness.missing_permissions.is_empty() {
        return Some(Stage::PermissionMissing);
    }
    match &readiness.package {
        Package::Missing => Some(Stage::PackageMissing),
        Package::Legacy { .. } => Some(Stage::PackageOutdated),
        Package::Incomplete { .. } => Some(Stage::PackageIncomplete),
        Package::Ambiguous { .. } => Some(Stage::PackageAmbiguous),
        Package::Current { .. } => None,
    }
}

fn akeneo_stage(connection: &Connection) -> Option<Stage> {
    let side = &connection.akeneo;
    let Some(typed) = &side.credentials else {
        return Some(Stage::EnterAkeneo);
    };
    if connection.terms.callback == CallbackMode::Salesforce {
        return None;
    }
    match &side.proven {
        Some(proven) if proven.credentials.generation == typed.generation => {
            if connection.scopes_to_request().missing_from(&proven.granted).is_empty() {
                (proven.requested != connection.scopes_to_request()).then_some(Stage::AuthorizeAkeneo)
            } else {
                Some(Stage::ScopesMissing)
            }
        }
        _ if side.fault.is_some_and(super::AkeneoFault::needs_other_credentials) => Some(Stage::EnterAkeneo),
        _ => Some(Stage::AuthorizeAkeneo),
    }
}

/// The stage of a connection.
#[must_use]
pub fn stage(connection: &Connection) -> Stage {
    if connection.revoked_at.is_some() {
        return Stage::Revoked;
    }
    let side = &connection.salesforce;
    if connection.by_hand().is_some() {
        return akeneo_stage(connection).unwrap_or_else(|| stage_by_hand(connection));
    }
    if side.org.is_none() || side.fault == Some(SalesforceFault::GrantLost) {
        return Stage::ConnectSalesforce;
    }
    let lacking = side.readiness.as_ref().and_then(readiness_stage);
    // Older than 3.0 and taken as it is: everything else is still asked for.
    if let Some(stage) = lacking.filter(|stage| *stage != Stage::PackageOutdated || side.legacy_namespace().is_none()) {
        return stage;
    }
    if let Some(stage) = akeneo_stage(connection) {
        return stage;
    }
    wiring_stage(connection)
}

fn wiring_stage(connection: &Connection) -> Stage {
    let wiring = &connection.wiring;
    let looked_at_these = wiring.looked_at.is_some() && wiring.desired_generation == connection.wanted_generation();
    // Whoever wants something of the org that gave us access once has to connect it again.
    let unless_given_back = |stage| match connection.salesforce.given_back {
        Some(_) => Stage::ConnectSalesforce,
        None => stage,
    };
    if !looked_at_these {
        return unless_given_back(Stage::Wiring);
    }
    // Nothing goes on until the person has acted, whatever else is left to do.
    if wiring.findings.iter().any(Finding::needs_a_person) {
        return Stage::WiringBlocked;
    }
    // What somebody changes in an org that was complete once is told, not undone in silence (facts/salesforce 13.D).
    let wanted = connection.health.verification.is_none() || wiring.requested_at.is_some();
    if wanted && wiring.findings.iter().any(Finding::is_ours_to_mend) {
        return Stage::Wiring;
    }
    if wiring.principal != PrincipalStatus::Configured || wiring.principal_stale_since.is_some() {
        return unless_given_back(Stage::AuthorizePrincipal);
    }
    match (connection.health.state, &connection.health.verification) {
        (HealthState::Healthy, _) => Stage::Connected,
        (HealthState::Unknown, _) | (_, None) => Stage::Verifying,
        _ => Stage::Degraded,
    }
}

/// What has to happen next, and who does it.
#[must_use]
pub fn next_action(connection: &Connection) -> NextAction {
    let (who, what) = match stage(connection) {
        Stage::Revoked if connection.is_leaving() => {
            (Who::Service, "The connection is being taken apart; this goes on by itself.".to_owned())
        }
        Stage::Revoked if connection.offboarding.is_some() => (
            Who::Nobody,
            "Nothing to do: the connection was taken apart. The certificate says what was removed.".to_owned(),
        ),
        Stage::Revoked => (Who::CustomerSuccess, "Send a new setup link: this one was revoked.".to_owned()),
        Stage::ConnectSalesforce if connection.salesforce.given_back.is_some() => (
            Who::SalesforceAdmin,
            "Connect the Salesforce org once more: something has to be changed there, and our access was given back as agreed."
                .to_owned(),
        ),
        Stage::ConnectSalesforce => (Who::SalesforceAdmin, "Connect the Salesforce org.".to_owned()),
        Stage::OrgTooOld => (
            Who::CustomerSuccess,
            "Find out why the org offers no Salesforce API version 63.0 or later; the package needs it.".to_owned(),
        ),
        Stage::PermissionMissing => (Who::SalesforceAdmin, permission_words(connection)),
        Stage::PackageMissing | Stage::PackageOutdated if installs(connection).is_some() => {
            (Who::Service, installs(connection).unwrap_or_default().to_owned())
        }
        Stage::PackageMissing => {
            (Who::SalesforceAdmin, "Install the package “Akeneo PIM for Salesforce” in the connected org.".to_owned())
        }
        Stage::PackageOutdated => (
            Who::SalesforceAdmin,
            "Upgrade the package “Akeneo PIM for Salesforce” to version 3.0 or higher, or go on with the installed version."
                .to_owned(),
        ),
        Stage::PackageIncomplete => (
            Who::SalesforceAdmin,
            "Repair the package: its Named Credential, External Credential or identity provider is missing in the org or hidden \
             from the user who connected it. Install or upgrade the package once more, then check again."
                .to_owned(),
        ),
        Stage::PackageAmbiguous => (
            Who::CustomerSuccess,
            "Look at the org: more than one package there has Akeneo credentials, so it is not clear which one to set up."
                .to_owned(),
        ),
        Stage::EnterAkeneo => (Who::PimAdmin, "Create the Custom App and enter its credentials.".to_owned()),
        Stage::AuthorizeAkeneo => (Who::PimAdmin, "Authorize the connection in Akeneo PIM.".to_owned()),
        Stage::ScopesMissing => (Who::PimAdmin, scope_words(connection)),
        Stage::SetUpByHand => (Who::SalesforceAdmin, words_by_hand(connection)),
        Stage::Wiring => (Who::Service, waiting_words(connection).to_owned()),
        Stage::WiringBlocked => (Who::SalesforceAdmin, finding_words(connection)),
        Stage::AuthorizePrincipal if connection.principal_is_unseen() => (
            Who::SalesforceAdmin,
            "Let Salesforce authorize itself in Akeneo PIM, and give the user who connected the org the permission “Author Apex”: \
             only a test callout can show here that it worked."
                .to_owned(),
        ),
        Stage::AuthorizePrincipal => (
            Who::SalesforceAdmin,
            "Let Salesforce authorize itself in Akeneo PIM, logged in to both in one browser.".to_owned(),
        ),
        Stage::Verifying => (Who::Service, waiting_words(connection).to_owned()),
        Stage::Connected if connection.by_hand().is_some() => (Who::Nobody, seen_by_hand(connection).to_owned()),
        Stage::Connected if connection.salesforce.given_back.is_some() => (
            Who::Nobody,
            "Nothing to do: what can be seen from here works. Our access to the org was given back as agreed, so the org itself \
             cannot be looked at."
                .to_owned(),
        ),
        Stage::Connected => (Who::Nobody, "Nothing to do: the connection works.".to_owned()),
        Stage::Degraded => remedy(connection),
    };
    NextAction { who, what }
}

/// How far an installation of ours is, while it goes on by itself.
fn installs(connection: &Connection) -> Option<&'static str> {
    let asked = connection.salesforce.install_here()?;
    asked.is_under_way().then(|| asked.in_words())
}

fn permission_words(connection: &Connection) -> String {
    let missing = connection
        .salesforce
        .readiness
        .as_ref()
        .map(|readiness| &readiness.missing_permissions);
    let names: Vec<_> = missing
        .into_iter()
        .flatten()
        .map(|permission| permission.words())
        .collect();
    format!(
        "Give the user who connected the org these permissions, or connect as a user who has them: {}.",
        names.join(", ")
    )
}

fn scope_words(connection: &Connection) -> String {
    let granted = connection
        .akeneo
        .proven
        .as_ref()
        .map(|proven| proven.granted.clone())
        .unwrap_or_default();
    let missing = connection.scopes_to_request().missing_from(&granted);
    let words: Vec<_> = missing
        .iter()
        .map(|scope| format!("{scope} ({})", crate::akeneo::in_words(scope)))
        .collect();
    format!(
        "The PIM did not grant everything that the package needs. Missing: {}.",
        words.join("; ")
    )
}

fn finding_words(connection: &Connection) -> String {
    let findings = &connection.wiring.findings;
    let nobody = findings.contains(&Finding::NobodyHasAccess);
    let persons = findings
        .iter()
        .filter(|finding| finding.needs_a_person() || nobody && matches!(finding, Finding::RunnerWithoutAccess { .. }));
    let words: Vec<_> = persons.map(Finding::in_words).collect();
    words.join(" ")
}

fn waiting_words(connection: &Connection) -> &'static str {
    match connection.wiring.waiting {
        None if stage(connection) == Stage::Verifying && connection.by_hand().is_some() => {
            "The PIM’s side is being verified. This takes a few seconds."
        }
        None if stage(connection) == Stage::Verifying => "Both sides are being verified. This takes a few seconds.",
        None => "The org is being set up. This takes a few seconds.",
        Some(Waiting::Org) => "Salesforce does not answer at the moment. It is tried again by itself; nothing is lost.",
        Some(Waiting::OrgLimit) => {
            "The org has used up its API calls for the day. It is tried again by itself as soon as Salesforce allows it."
        }
        Some(Waiting::Pim) => "The PIM does not answer at the moment. It is tried again by itself; nothing is lost.",
        Some(Waiting::PimLimit) => "The PIM asks for fewer calls. It is tried again by itself in a moment.",
        Some(Waiting::Store) => "One of our own systems does not answer. It is tried again by itself; nothing is lost.",
    }
}
