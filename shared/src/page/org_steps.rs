//! Steps 3 to 5: wiring, the org's own authorization, verification (design section 4).

use super::instant::Instant;
use super::step::{Hop, StepState, Steps};
use super::view::Journey;
use crate::connection::{CallbackMode, Connection, GuidePart, Stage, next_action, stage};
use crate::wiring::{Evidence, Finding, by_hand};

/// What step 3 shows.
pub(super) struct WiringStep<'a> {
    pub(super) state: StepState,
    /// What the service is doing, or what it waits for.
    pub(super) working: Option<String>,
    /// Whether it waits for something upstream rather than working.
    pub(super) held_up: bool,
    /// What a person has to do in the org.
    pub(super) to_do: Vec<String>,
    /// What the service has still to do.
    pub(super) to_come: Vec<String>,
    /// What is told and holds nothing up.
    pub(super) notes: Vec<String>,
    /// Whether the org refuses the service's writes, so that the page for doing them by hand helps.
    pub(super) refused: bool,
    /// Whether the package is older than 3.0 and taken as it is.
    pub(super) legacy: bool,
    /// How many things are done and how many there are, where the org is set up by hand.
    pub(super) by_hand: Option<(usize, usize)>,
    pub(super) url: Option<&'a str>,
    pub(super) looked_at: Option<Instant>,
    /// What people quote when they ask for help with what is shown here, where something holds it up.
    pub(super) reference: Option<String>,
}

impl<'a> WiringStep<'a> {
    pub(super) fn of(connection: &'a Connection, steps: Steps) -> Self {
        let wiring = &connection.wiring;
        let at_work = stage(connection) == Stage::Wiring;
        let shown = matches!(stage(connection), Stage::Wiring | Stage::WiringBlocked);
        let words = |wanted: fn(&Finding) -> bool| -> Vec<String> {
            let findings = wiring.findings.iter().filter(|finding| shown && wanted(finding));
            findings.map(Finding::in_words).collect()
        };
        let held_up = at_work && wiring.waiting.is_some();
        let to_do = words(Finding::needs_a_person);
        let reference = wiring.reference().filter(|_| held_up || !to_do.is_empty());
        Self {
            state: steps.wiring,
            working: at_work.then(|| next_action(connection).what),
            held_up,
            reference: reference.map(ToString::to_string),
            to_do,
            to_come: words(Finding::is_ours_to_mend),
            notes: notes(connection),
            refused: by_hand::is_refused(connection),
            legacy: connection.legacy_namespace().is_some(),
            by_hand: connection.by_hand().map(|_| {
                let tasks = connection.tasks_by_hand();
                let done = tasks
                    .iter()
                    .filter(|task| connection.evidence_by_hand(**task).is_some());
                (done.count(), tasks.len())
            }),
            url: wiring.named_credential_url.as_deref(),
            looked_at: connection.org_looked_at().map(Instant::of),
        }
    }
}

/// Findings that are told and hold nothing up.
fn notes(connection: &Connection) -> Vec<String> {
    let notes = connection.wiring.findings.iter().filter(|finding| finding.is_note());
    notes.map(Finding::in_words).collect()
}

/// What step 4 shows.
pub(super) struct PrincipalStep {
    pub(super) state: StepState,
    /// Since when Salesforce is waited for.
    pub(super) waiting_since: Option<Instant>,
    /// When a hop began that was not finished.
    pub(super) unfinished: Option<Instant>,
    /// Whether Akeneo's answer has already passed through to Salesforce.
    pub(super) relayed: bool,
    /// Whether the org holds the token of another PIM or Custom App.
    pub(super) stale: bool,
    /// What is known of it where the org is set up by hand.
    pub(super) by_hand: Option<&'static str>,
    /// Whether nothing can show it to us while the connected user may not run Apex.
    pub(super) unseen: bool,
    /// How it is known, where the org tells no status.
    pub(super) evidence: Option<&'static str>,
    /// Whether a person entered the Client Secret in the org, which nobody can check.
    pub(super) entered_by_hand: bool,
    /// The words of the button.
    pub(super) label: &'static str,
}

impl PrincipalStep {
    pub(super) fn of(view: &Journey<'_>, steps: Steps) -> Self {
        let wiring = &view.connection.wiring;
        let hop = Hop::of(wiring, view.now);
        let at_this_step = stage(view.connection) == Stage::AuthorizePrincipal;
        let (mut waiting_since, mut unfinished) = (None, None);
        match hop {
            Hop::Started(at) if at_this_step => waiting_since = Some(Instant::of(at)),
            Hop::Unfinished(at) if at_this_step => unfinished = Some(Instant::of(at)),
            _ => {}
        }
        Self {
            state: steps.principal,
            relayed: waiting_since.is_some() && wiring.relayed_at >= wiring.principal_started_at,
            label: if waiting_since.is_some() || unfinished.is_some() {
                "Try again"
            } else {
                "Authorize Salesforce in Akeneo"
            },
            waiting_since,
            unfinished,
            stale: wiring.principal_stale_since.is_some(),
            by_hand: view
                .connection
                .by_hand()
                .map(|manual| match (view.connection.terms.callback, manual.part) {
                    (CallbackMode::Service, _) => {
                        "Akeneo’s answer to Salesforce’s own authorization has passed through this service."
                    }
                    (CallbackMode::Salesforce, GuidePart::Fallback) => {
                        "You say that the Default principal is authenticated."
                    }
                    (CallbackMode::Salesforce, GuidePart::AuthProvider) => {
                        "You say that Salesforce authorized itself in Akeneo."
                    }
                }),
            unseen: view.connection.principal_is_unseen(),
            evidence: wiring.evidence.map(Evidence::in_words),
            entered_by_hand: wiring.credentials_by_hand.is_some(),
        }
    }
}

/// What step 5 shows.
pub(super) struct VerificationStep {
    pub(super) state: StepState,
    /// What the service is doing, or what it waits for.
    pub(super) working: Option<String>,
    pub(super) held_up: bool,
    /// Whether we hold a token of our own to probe the PIM with.
    pub(super) by_service: bool,
    /// What people quote when they ask for help, where something holds it up.
    pub(super) reference: Option<String>,
}

impl VerificationStep {
    pub(super) fn of(connection: &Connection, steps: Steps) -> Self {
        let at_work = stage(connection) == Stage::Verifying;
        let held_up = at_work && connection.wiring.waiting.is_some();
        let reference = connection.wiring.reference().filter(|_| held_up);
        Self {
            state: steps.verification,
            working: at_work.then(|| next_action(connection).what),
            held_up,
            reference: reference.map(ToString::to_string),
            by_service: connection.terms.callback == CallbackMode::Service,
        }
    }
}
