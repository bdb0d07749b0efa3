//! What is remembered of an org between two looks, because the org does not tell it.

use std::time::Duration;

use super::by_hand::entered;
use super::look::Look;
use super::observe::Reading;
use super::{Change, Desired, Drift, Finding, Memory, PrincipalStatus, Purpose, legacy};
use crate::clock::{Timestamp, plus};
use crate::connection::{CallbackMode, Connection, Waiting, Wiring};
use crate::salesforce::UserId;

/// This long after a relay the org has traded the code, or never will: the code lives 30 seconds (facts/akeneo 3.1).
pub(super) const TRADED: Duration = Duration::from_secs(30);
/// Where the code does not pass through us: how long the trip to the PIM may take a person.
const TRIP: Duration = Duration::from_secs(10 * 60);

/// What drift needs from the connection.
pub(super) fn recall(connection: &Connection, now: Timestamp) -> Memory {
    let wiring = &connection.wiring;
    let stale = wiring
        .principal_stale_since
        .is_some_and(|since| !is_renewed(connection, since, now));
    Memory {
        credentials_written: wiring
            .credentials_by_hand
            .clone()
            .or_else(|| wiring.credentials_written.clone()),
        client_written: wiring.client_written.clone(),
        principal_is_stale: stale,
        asks_for_other_scopes: wiring.other_scopes_since.is_some(),
        headless_records: wiring.headless_records,
        package: wiring.known.as_ref().and_then(|known| known.package.clone()),
        rows: wiring
            .known
            .as_ref()
            .map(|known| known.rows.clone())
            .unwrap_or_default(),
    }
}

/// Whether the org's own authorization was started after `since`, by a person with a session, and has ended by `now`. The org
/// does not tell how old its token is: until then it may be the former one, and callouts would send it to the new PIM.
fn is_renewed(connection: &Connection, since: Timestamp, now: Timestamp) -> bool {
    let wiring = &connection.wiring;
    let Some(started) = wiring.principal_started_at.filter(|at| *at >= since) else {
        return false;
    };
    let ended = match connection.terms.callback {
        CallbackMode::Service => wiring.relayed_at.filter(|at| *at >= started).map(|at| plus(at, TRADED)),
        CallbackMode::Salesforce => Some(plus(started, TRIP)),
    };
    ended.is_some_and(|ended| ended <= now)
}

/// Notes what a look found. A health check that found what was known before notes no time here: its own note has it.
pub(super) fn note_look(
    wiring: &mut Wiring,
    look: &Look,
    drift: Option<(&Drift, &Desired)>,
    now: Timestamp,
    purpose: Purpose,
) {
    let former = wiring.clone();
    note_found(wiring, look, drift, now);
    if purpose == Purpose::Wire || *wiring != former {
        wiring.looked_at = Some(now);
    }
}

fn note_found(wiring: &mut Wiring, look: &Look, drift: Option<(&Drift, &Desired)>, now: Timestamp) {
    match look {
        Look::Packaged(reading) => {
            note_records(wiring, reading);
            if let Some((drift, desired)) = drift {
                note_credentials(wiring, reading, drift, desired);
            }
        }
        Look::Headless(reading) => reading.note(wiring),
        Look::Legacy(reading) => legacy::note(wiring, reading, now),
    }
    if let Some((drift, desired)) = drift {
        note_drift(wiring, drift, desired, now);
    }
    if wiring.principal == PrincipalStatus::Configured && wiring.principal_stale_since.is_none() {
        // That trip is over; whoever has to make another one later must not be told to wait for this one.
        wiring.principal_started_at = None;
    }
}

fn note_records(wiring: &mut Wiring, reading: &Reading) {
    (wiring.principal, wiring.evidence) = (reading.principal(), None);
    wiring.named_credential_url.clone_from(&reading.named_credential.url);
    wiring.callouts_enabled = reading.callouts_enabled();
    wiring.credentials_seen = wiring.credentials_written.is_some() && reading.provider_credentials.are_visible();
    wiring.callback_url.clone_from(&reading.provider.provider.callback_url);
    wiring.org_scopes = reading.org_scopes();
    wiring.rows = reading.row_names();
    reading.access().forget_settled(&mut wiring.runner_refusals);
}

/// Client id and secret that a person entered, where the org refuses ours.
fn note_credentials(wiring: &mut Wiring, reading: &Reading, drift: &Drift, desired: &Desired) {
    let matching = reading.credentials_match(desired);
    if entered(wiring, matching) {
        wiring.credentials_by_hand = Some(desired.generation.clone());
        wiring.client_written = Some(desired.client_id.clone());
    }
    let parameters = |findings: &[Finding]| findings.contains(&Finding::ProviderParameters);
    if parameters(&drift.findings) && !parameters(&wiring.findings) {
        // Somebody wrote another app's pair, and with it perhaps another app's credentials.
        wiring.credentials_by_hand = None;
    }
    wiring.credentials_match = matching;
}

/// Notes users that the org did not let have access.
pub(super) fn note_runners_refused(wiring: &mut Wiring, look: &Look, users: &[UserId]) {
    match look {
        Look::Packaged(reading) => reading.access().note_refused(&mut wiring.runner_refusals, users),
        Look::Headless(reading) => reading.note_refused(wiring, users),
        Look::Legacy(_) => {}
    }
}

fn note_drift(wiring: &mut Wiring, drift: &Drift, desired: &Desired, now: Timestamp) {
    wiring.findings.clone_from(&drift.findings);
    if drift.findings.contains(&Finding::ProviderParameters) {
        // Forgotten before the pair is mended, so that a crash in between does not hide it.
        wiring.credentials_written = None;
    }
    wiring.desired_generation = Some(desired.generation.clone());
    wiring.principal_stale_since = match (drift.principal_is_stale, wiring.principal_stale_since) {
        (true, Some(since)) => Some(since),
        (true, None) => Some(now),
        (false, _) => None,
    };
}

/// Notes a change that is in place.
pub(super) fn note_change(wiring: &mut Wiring, change: Change, desired: &Desired, look: &Look) {
    match (change, look) {
        (Change::Legacy(change), _) => legacy::note_change(wiring, change, desired),
        (Change::Headless(change), Look::Headless(reading)) => reading.note_change(wiring, change),
        (Change::ProviderCredentials, _) => {
            wiring.credentials_written = Some(desired.generation.clone());
            wiring.client_written = Some(desired.client_id.clone());
            wiring.credentials_by_hand = None;
        }
        _ => {}
    }
}

/// Notes a change that the org refused in every way.
pub(super) fn note_refusal(wiring: &mut Wiring, change: Change) {
    // Where the address is right already, it is only about the switch.
    let only_callouts = matches!(change, Change::NamedCredential { callouts: true })
        && !wiring.findings.contains(&Finding::NamedCredentialUrl);
    let change = if only_callouts { "callouts" } else { change.name() };
    let refused = Finding::WriteRefused {
        change: change.to_owned(),
    };
    if !wiring.findings.contains(&refused) {
        wiring.findings.push(refused);
    }
}

/// Notes how a run ended: what has to be waited for, if anything.
pub(super) fn note_end(wiring: &mut Wiring, waiting: Option<Waiting>) {
    wiring.waiting = waiting;
    wiring.failures = if waiting.is_some() {
        wiring.failures.saturating_add(1)
    } else {
        0
    };
}
