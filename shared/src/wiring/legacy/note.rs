//! What is remembered of an org with a package before 3.0.

use super::{Evidence, LegacyChange, LegacyReading};
use crate::clock::{Timestamp, plus};
use crate::connection::Wiring;
use crate::salesforce::smoke::Smoke;
use crate::wiring::memory::TRADED;
use crate::wiring::{Desired, PrincipalStatus};

/// The PIM does not know the token.
const UNAUTHORIZED: u16 = 401;

/// Whether the org is authorized, and how that is known.
pub(in super::super) fn standing(
    wiring: &Wiring,
    reading: &LegacyReading,
    now: Timestamp,
) -> (PrincipalStatus, Option<Evidence>) {
    let before = match wiring.principal {
        PrincipalStatus::Configured if reading.classic.is_some() => (PrincipalStatus::Configured, wiring.evidence),
        _ => (PrincipalStatus::NotConfigured, None),
    };
    match reading.smoke {
        Some(Smoke::Passed) => (PrincipalStatus::Configured, Some(Evidence::Callout)),
        Some(Smoke::Answered(UNAUTHORIZED) | Smoke::NotSent) => (PrincipalStatus::NotConfigured, None),
        // The code was traded or never will be; that the token works is what our own probe of it says.
        Some(Smoke::Refused) if wiring.relayed_at.is_some_and(|at| plus(at, TRADED) <= now) => {
            (PrincipalStatus::Configured, Some(Evidence::Relay))
        }
        // A PIM that is down, or a call that was not tried, takes nothing back that was known.
        Some(Smoke::Answered(_) | Smoke::Unanswered | Smoke::Refused) | None => before,
    }
}

/// Notes what a look found.
pub(in super::super) fn note(wiring: &mut Wiring, reading: &LegacyReading, now: Timestamp) {
    (wiring.principal, wiring.evidence) = standing(wiring, reading, now);
    let classic = reading.classic.as_ref();
    if classic.is_none() {
        // A new one, whoever makes it, holds no token, whatever passed through us before.
        (wiring.relayed_at, wiring.principal_started_at) = (None, None);
    }
    wiring.named_credential_url = classic.and_then(|classic| classic.url().map(str::to_owned));
    wiring.callouts_enabled = classic.is_some_and(crate::salesforce::legacy::Classic::callouts);
    wiring.callback_url.clone_from(&reading.callback);
    wiring.org_scopes = None;
    wiring.callout_refused = reading.is_blind();
    wiring.settings_hidden = reading.hides_settings();
}

/// Notes a change that is in place.
pub(in super::super) fn note_change(wiring: &mut Wiring, change: LegacyChange, desired: &Desired) {
    match change {
        LegacyChange::Settings => {
            wiring.credentials_written = Some(desired.generation.clone());
            wiring.client_written = Some(desired.client_id.clone());
            wiring.credentials_by_hand = None;
        }
        LegacyChange::Provider => wiring.auth_provider_written = true,
        LegacyChange::Withdraw => (wiring.headless_records, wiring.token_written) = (false, None),
        LegacyChange::Credential { .. } | LegacyChange::Callouts | LegacyChange::Pause => {}
    }
}
