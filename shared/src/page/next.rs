//! The panel at the top of the task list: whose turn it is and what comes next.

use super::step::{OrgNeed, StepState, Steps, org_need};
use crate::connection::{Connection, Stage, Who, next_action, stage};

/// Whose turn it is and what comes next.
pub(super) struct Next {
    /// `turn`, `waiting` or `done`, for the style sheet.
    pub(super) class: &'static str,
    /// Whose turn it is, in words.
    pub(super) who: &'static str,
    /// In a few words.
    pub(super) heading: String,
    /// The whole sentence, where the heading is not one.
    pub(super) text: Option<String>,
    /// The number and the anchor of the step to go to.
    pub(super) step: Option<(u8, &'static str)>,
    /// Whether step 2 can be done now as well.
    pub(super) also_akeneo: bool,
}

const CORRECT: &str = "Correct the Custom App’s credentials";
const HOPPING: &str = "Finish in the window that was opened. This page notices by itself when it is done.";

impl Next {
    pub(super) fn of(connection: &Connection, steps: Steps) -> Self {
        let (at, action) = (stage(connection), next_action(connection));
        let held_up = connection.wiring.waiting.is_some() && matches!(at, Stage::Wiring | Stage::Verifying);
        let text = brief(at)
            .filter(|_| !held_up)
            .map_or(action.what.clone(), str::to_owned);
        let hopping = steps.principal == StepState::Waiting;
        let correcting = at == Stage::EnterAkeneo && connection.akeneo.credentials.is_some();
        let (heading, text) = match short(at) {
            _ if correcting => (CORRECT.to_owned(), None),
            _ if hopping => ("Waiting for Salesforce".to_owned(), Some(HOPPING.to_owned())),
            Some(heading) => (heading.to_owned(), Some(text)),
            None => (action.what.trim_end_matches('.').to_owned(), None),
        };
        let waits = hopping || org_need(connection) == OrgNeed::Look;
        Self {
            class: match action.who {
                Who::Nobody => "done",
                Who::SalesforceAdmin | Who::PimAdmin if !waits => "turn",
                _ => "waiting",
            },
            who: match action.who {
                Who::SalesforceAdmin => "Next: your Salesforce administrator",
                Who::PimAdmin => "Next: your Akeneo PIM administrator",
                Who::CustomerSuccess => "Next: your Akeneo contact",
                Who::Service => "Nothing for you to do right now",
                Who::Nobody => "Done",
            },
            heading,
            text,
            step: step_of(at),
            also_akeneo: !steps.akeneo.is_done() && matches!(step_of(at), Some((1, _))),
        }
    }
}

/// What to do, where the next action would repeat at length what the step itself shows.
fn brief(at: Stage) -> Option<&'static str> {
    match at {
        Stage::Revoked => Some("Your Akeneo contact can send you a new setup link."),
        Stage::OrgTooOld => {
            Some("It offers no API version 63.0 or later. Tell your Akeneo contact, who finds out why.")
        }
        Stage::PackageAmbiguous => Some("Tell your Akeneo contact, who looks at the org with you."),
        Stage::Wiring | Stage::Verifying => Some("This takes a few seconds. The page follows by itself."),
        Stage::WiringBlocked => Some("Step 3 says what to do. Then check again."),
        Stage::SetUpByHand => Some("Step 3 leads to the page that has each place, each field and each value."),
        Stage::PermissionMissing => Some("Step 1 lists the permissions, and what to do."),
        Stage::ScopesMissing => {
            Some("Step 2 lists what is missing. Authorize again and grant all requested permissions.")
        }
        Stage::AuthorizePrincipal => {
            Some("One last trip, about a minute long. Use one browser with both logins: Salesforce and Akeneo PIM.")
        }
        _ => None,
    }
}

/// A heading for stages whose next action is a longer sentence.
fn short(at: Stage) -> Option<&'static str> {
    match at {
        Stage::Revoked => Some("This setup was stopped"),
        Stage::OrgTooOld => Some("The org is too old for the package"),
        Stage::PermissionMissing => Some("Permissions are missing in Salesforce"),
        Stage::PackageMissing => Some("Install the package in Salesforce"),
        Stage::PackageOutdated => Some("Upgrade the package in Salesforce"),
        Stage::PackageIncomplete => Some("Repair the package in Salesforce"),
        Stage::PackageAmbiguous => Some("It is not clear which package to set up"),
        Stage::ScopesMissing => Some("Akeneo did not grant everything"),
        Stage::Wiring => Some("The Salesforce org is being set up"),
        Stage::SetUpByHand => Some("Set up Salesforce by hand"),
        Stage::WiringBlocked => Some("Something in the Salesforce org needs you"),
        Stage::Verifying => Some("Both sides are being verified"),
        Stage::AuthorizePrincipal => Some("Let Salesforce authorize itself in Akeneo"),
        _ => None,
    }
}

fn step_of(at: Stage) -> Option<(u8, &'static str)> {
    match at {
        Stage::ConnectSalesforce
        | Stage::OrgTooOld
        | Stage::PermissionMissing
        | Stage::PackageMissing
        | Stage::PackageOutdated
        | Stage::PackageIncomplete
        | Stage::PackageAmbiguous => Some((1, "step-salesforce")),
        Stage::EnterAkeneo | Stage::AuthorizeAkeneo | Stage::ScopesMissing => Some((2, "step-akeneo")),
        Stage::Wiring | Stage::WiringBlocked | Stage::SetUpByHand => Some((3, "step-wiring")),
        Stage::AuthorizePrincipal => Some((4, "step-principal")),
        Stage::Verifying => Some((5, "step-verification")),
        Stage::Revoked | Stage::Connected | Stage::Degraded => None,
    }
}
