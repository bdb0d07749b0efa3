//! The assessment: pure, with hysteresis.

use crate::akeneo::{Misconfiguration, ProbeReport, Verdict};
use crate::clock::Timestamp;
use crate::connection::{Health, HealthState, Wiring};
use crate::wiring::{Finding, PrincipalStatus};

/// How many checks in a row must contradict a state before it changes.
const CONFIRMATIONS: u32 = 2;

/// The state that one look shows. What stops data first comes first.
#[must_use]
pub fn assess(wiring: &Wiring, pim: Option<&ProbeReport>) -> HealthState {
    let found = |wanted: fn(&Finding) -> bool| wiring.findings.iter().any(wanted);
    let verdict = pim.map_or(Verdict::Granted, ProbeReport::overall);
    match verdict {
        Verdict::Disconnected => return HealthState::Disconnected,
        Verdict::TokenInvalid => return HealthState::TokenRevoked,
        _ => {}
    }
    if wiring.principal != PrincipalStatus::Configured || wiring.principal_stale_since.is_some() {
        return HealthState::PrincipalLost;
    }
    if found(|finding| matches!(finding, Finding::CalloutsOff | Finding::CalloutsTooEarly)) {
        return HealthState::CalloutsOff;
    }
    if found(|finding| matches!(finding, Finding::AccessMissing { .. } | Finding::NobodyHasAccess)) {
        return HealthState::AccessMissing;
    }
    if !wiring.findings.iter().all(Finding::is_note) {
        return HealthState::Drifted;
    }
    match verdict {
        Verdict::Missing => HealthState::ScopeLost,
        Verdict::RateLimited { .. } => HealthState::RateLimited,
        Verdict::Misconfigured(how) => misconfigured(how),
        Verdict::Unreachable | Verdict::Unknown => HealthState::PimUnreachable,
        Verdict::Granted | Verdict::Inferred | Verdict::TokenInvalid | Verdict::Disconnected => HealthState::Healthy,
    }
}

/// A page where the API should be is what a PIM in maintenance shows as well; the rest does not mend itself (facts/akeneo 9).
pub(super) fn misconfigured(how: Misconfiguration) -> HealthState {
    match how {
        Misconfiguration::NotAnApi => HealthState::PimUnreachable,
        Misconfiguration::Redirect
        | Misconfiguration::TokenNotSeen
        | Misconfiguration::Guarded
        | Misconfiguration::Certificate => HealthState::PimMisconfigured,
    }
}

/// Takes a new observation into account: a good one counts at once, a bad one when it is confirmed. The first verification
/// of a connection counts at once either way.
pub fn settle(health: &mut Health, seen: HealthState, now: Timestamp) {
    health.checked_at = Some(now);
    if seen == health.state {
        health.contradictions = 0;
        return;
    }
    health.contradictions += 1;
    let first = health.verification.is_none();
    if seen == HealthState::Healthy || first || health.contradictions >= CONFIRMATIONS {
        health.enter(seen, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Verification;

    #[test]
    fn one_bad_look_does_not_change_a_good_state_and_one_good_look_ends_a_bad_one() {
        let now = Timestamp::UNIX_EPOCH;
        let verification = Some(Verification {
            at: now,
            pim: None,
            org: true,
        });
        let mut health = Health {
            state: HealthState::Healthy,
            verification,
            ..Health::default()
        };
        settle(&mut health, HealthState::PimUnreachable, now);
        assert_eq!(health.state, HealthState::Healthy);
        settle(&mut health, HealthState::Healthy, now);
        settle(&mut health, HealthState::PimUnreachable, now);
        assert_eq!(health.state, HealthState::Healthy, "two looks in a row are needed");
        settle(&mut health, HealthState::PimUnreachable, now);
        assert_eq!(health.state, HealthState::PimUnreachable);
        settle(&mut health, HealthState::Healthy, now);
        assert_eq!(health.state, HealthState::Healthy);
    }

    #[test]
    fn what_stops_data_first_names_the_state() {
        let check = |findings: Vec<Finding>, principal, verdict: Option<Verdict>, expect| {
            let wiring = Wiring {
                findings,
                principal,
                ..Wiring::default()
            };
            let report = ProbeReport {
                ended_by: verdict,
                ..ProbeReport::default()
            };
            assert_eq!(assess(&wiring, Some(&report)), expect);
        };
        let ok = PrincipalStatus::Configured;
        check(vec![], ok, None, HealthState::Healthy);
        check(vec![Finding::CalloutsOff], ok, None, HealthState::CalloutsOff);
        check(
            vec![Finding::CalloutsOff],
            ok,
            Some(Verdict::Disconnected),
            HealthState::Disconnected,
        );
        check(vec![], ok, Some(Verdict::TokenInvalid), HealthState::TokenRevoked);
        check(vec![], PrincipalStatus::NotConfigured, None, HealthState::PrincipalLost);
        check(
            vec![Finding::ProviderUrls],
            ok,
            Some(Verdict::Unreachable),
            HealthState::Drifted,
        );
        check(vec![], ok, Some(Verdict::Unreachable), HealthState::PimUnreachable);
        for (how, expect) in [
            (Misconfiguration::NotAnApi, HealthState::PimUnreachable),
            (Misconfiguration::TokenNotSeen, HealthState::PimMisconfigured),
            (Misconfiguration::Redirect, HealthState::PimMisconfigured),
        ] {
            check(vec![], ok, Some(Verdict::Misconfigured(how)), expect);
        }
        check(
            vec![],
            ok,
            Some(Verdict::RateLimited {
                retry_after_seconds: Some(3),
            }),
            HealthState::RateLimited,
        );
    }
}
