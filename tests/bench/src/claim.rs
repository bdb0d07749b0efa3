//! What a run has to show. Each claim says what was found, whether it holds or not.

use std::collections::BTreeMap;

use connector::connection::HealthState;
use connector::events::Kind;
use health_check::ABREAST;
use serde::Serialize;

use crate::fleet::Asked;
use crate::pass::{Pass, Told};
use crate::plan::Place;
use crate::run::Outcome;
use crate::trouble::{Course, Trouble};

/// How often a connection is looked at, in seconds: the default of `CONNECTOR_HEALTH_PERIOD_SECONDS`.
const PERIOD: f64 = 900.0;
/// How often a sweep is begun, in seconds: the default of the template's `HealthSchedule`.
const SCHEDULE: f64 = 300.0;
/// For how long of that a sweep begins looks: the timeout less what one look may take and what is spared for the end.
const BEGINS: f64 = 233.0;
/// After so many seconds a connection that is amiss is due again (`connector`'s `wiring::schedule`); a first sweep that takes longer meets
/// it once more.
const DUE_AGAIN: f64 = 120.0;
/// The function's memory in the template, in bytes.
pub(crate) const MEMORY: u64 = 1024 * 1024 * 1024;
/// The longest answer that is read, and the shorter buffer that it grew out of, in bytes.
const ANSWER: u64 = 6 * 1024 * 1024;
/// How many files a Lambda function may have open.
const OPEN_FILES: usize = 1024;

/// One claim.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Claim {
    pub(crate) what: &'static str,
    pub(crate) holds: bool,
    pub(crate) found: String,
}

/// What was seen besides the figures.
pub(crate) struct Seen<'a> {
    pub(crate) places: &'a [Place],
    pub(crate) told: &'a Told,
    /// The states after the second, the third and the fourth sweep.
    pub(crate) states: &'a [Vec<HealthState>],
    pub(crate) later: &'a [Pass],
    /// What was asked for in the first sweep.
    pub(crate) orgs: &'a BTreeMap<usize, Asked>,
    pub(crate) pims: &'a BTreeMap<usize, Asked>,
}

/// All claims.
pub(crate) fn claims(outcome: &Outcome, seen: &Seen<'_>) -> Vec<Claim> {
    vec![
        looked_at_once(outcome, seen),
        nothing_failed(outcome, seen),
        each_state(seen),
        told_as(
            seen,
            "each incident is told once, and each recovery; what works is not told at all",
        ),
        ends(seen),
        one_call_at_a_time(outcome),
        silence(outcome, seen),
        fits(outcome, seen),
        memory(outcome),
        open_files(outcome),
    ]
}

/// How often one that is amiss can have been looked at again in the first sweep.
fn again(outcome: &Outcome) -> f64 {
    (outcome.first.seconds / DUE_AGAIN).floor()
}

fn looked_at_once(outcome: &Outcome, seen: &Seen<'_>) -> Claim {
    let (looks, expected) = (outcome.first.checked, outcome.swept(seen.places));
    let works = seen.places.iter().filter(|place| place.trouble.is_none());
    let calls = works.filter_map(|place| seen.orgs.get(&place.number).map(|asked| asked.calls));
    let twice = calls
        .filter(|calls| as_f64(outcome.calls_to_org) * 2.0 <= as_f64(usize::try_from(*calls).unwrap_or(usize::MAX)))
        .count();
    let most = as_f64(expected) + as_f64(outcome.plan.broken) * again(outcome);
    Claim {
        what: "the first sweep looks at each connection, and once more only at what is amiss and due again meanwhile",
        holds: looks >= expected && as_f64(looks) <= most && twice == 0,
        found: format!("{looks} looks at {expected} connections; of those that work, {twice} twice"),
    }
}

fn nothing_failed(outcome: &Outcome, seen: &Seen<'_>) -> Claim {
    let all = || std::iter::once(&outcome.first).chain(seen.later);
    let (failed, busy) = (
        all().map(|pass| pass.failed).sum::<usize>(),
        all().map(|pass| pass.busy).sum::<usize>(),
    );
    Claim {
        what: "no look fails, and none meets another one at the same connection",
        holds: failed == 0 && busy == 0,
        found: format!("{failed} failed, {busy} busy"),
    }
}

/// The places where something else was found than expected, some of them in words.
fn different(places: &[Place], mut found: impl FnMut(&Place) -> Option<String>) -> (usize, String) {
    let all: Vec<String> = places
        .iter()
        .filter_map(|place| {
            let trouble = place.trouble.map_or("works", Trouble::name);
            found(place).map(|found| format!("{} ({trouble}): {found}", place.number))
        })
        .collect();
    let some = all.iter().take(5).cloned().collect::<Vec<_>>().join("; ");
    (all.len(), some)
}

fn after(seen: &Seen<'_>, sweep: usize, expected: impl Fn(&Place) -> HealthState) -> (usize, String) {
    let states = seen.states.get(sweep);
    different(seen.places, |place| {
        let found = states.and_then(|states| states.get(place.number)).copied()?;
        let expected = expected(place);
        (found != expected).then(|| format!("{}, not {}", found.code(), expected.code()))
    })
}

fn each_state(seen: &Seen<'_>) -> Claim {
    let (wrong, some) = after(seen, 0, |place| match place.trouble {
        Some(trouble) if trouble.course() != Course::Healed => trouble.state(),
        _ => HealthState::Healthy,
    });
    let broken = seen.places.iter().filter(|place| place.trouble.is_some()).count();
    Claim {
        what: "after the second sweep each broken connection is in exactly its state, what can be healed is, and the others are healthy",
        holds: wrong == 0 && broken >= Trouble::ALL.len(),
        found: if wrong == 0 {
            format!("{broken} broken in {} ways", Trouble::ALL.len().min(broken))
        } else {
            format!("{wrong} are not: {some}")
        },
    }
}

/// What has to be told in the end.
fn expected(trouble: Option<Trouble>) -> Vec<(Kind, HealthState)> {
    let Some(trouble) = trouble else { return Vec::new() };
    let (began, state) = ((Kind::Degraded, trouble.state()), trouble.state());
    let over = (Kind::Recovered, HealthState::Healthy);
    match trouble.course() {
        Course::Healed => vec![began, (Kind::Healed, state), over],
        Course::Passes => vec![began, over],
        Course::Stays => vec![began],
        Course::Waits => Vec::new(),
    }
}

fn told_as(seen: &Seen<'_>, what: &'static str) -> Claim {
    let kinds = |told: &[(Kind, HealthState)]| {
        let healed = |(kind, state): &(Kind, HealthState)| {
            // The state that a healing is told with is the one after it.
            (kind.name(), (*kind != Kind::Healed).then(|| state.code()))
        };
        let mut kinds: Vec<_> = told.iter().map(healed).collect();
        kinds.sort_unstable();
        kinds
    };
    let none = Vec::new();
    let (wrong, some) = different(seen.places, |place| {
        let told = seen.told.get(&format!("{:020}", place.number)).unwrap_or(&none);
        let (found, expected) = (kinds(told), kinds(&expected(place.trouble)));
        (found != expected).then(|| format!("{found:?}, not {expected:?}"))
    });
    let all: usize = seen.told.values().map(Vec::len).sum();
    Claim {
        what,
        holds: wrong == 0,
        found: if wrong == 0 {
            format!("{all} events")
        } else {
            format!("{wrong} are told otherwise: {some}")
        },
    }
}

fn ends(seen: &Seen<'_>) -> Claim {
    let expected = |place: &Place| match place.trouble {
        Some(trouble) if matches!(trouble.course(), Course::Stays | Course::Waits) => trouble.state(),
        _ => HealthState::Healthy,
    };
    let found: Vec<_> = [1, 2].into_iter().map(|sweep| after(seen, sweep, expected)).collect();
    let wrong: usize = found.iter().map(|(wrong, _)| wrong).sum();
    Claim {
        what: "what was mended is healthy after one more sweep, and stays so",
        holds: wrong == 0,
        found: match found.iter().find(|(wrong, _)| *wrong > 0) {
            None => "so it is".to_owned(),
            Some((wrong, some)) => format!("{wrong} are not: {some}"),
        },
    }
}

fn one_call_at_a_time(outcome: &Outcome) -> Claim {
    Claim {
        what: "no PIM ever has more than one call of ours under way",
        holds: outcome.most_at_once_at_a_pim == 1,
        found: format!("{} at most; four are allowed", outcome.most_at_once_at_a_pim),
    }
}

fn silence(outcome: &Outcome, seen: &Seen<'_>) -> Claim {
    let silent = || {
        seen.places
            .iter()
            .filter(|place| place.trouble.is_some_and(Trouble::is_silence))
    };
    let asked = silent().filter_map(|place| match place.trouble {
        Some(Trouble::PimSilent) => seen.pims.get(&place.pim),
        _ => seen.orgs.get(&place.number),
    });
    let most = asked.map(|asked| asked.calls).max().unwrap_or_default();
    Claim {
        what: "a host that does not answer is asked once in a look",
        holds: (most > 0) == silent().next().is_some()
            && as_f64(usize::try_from(most).unwrap_or(usize::MAX)) <= 1.0 + again(outcome),
        found: format!("{most} calls at most, in the time of {:.0} looks", 1.0 + again(outcome)),
    }
}

/// Looks of a period: what is amiss is looked at by every sweep.
fn fits(outcome: &Outcome, seen: &Seen<'_>) -> Claim {
    let swept = as_f64(outcome.swept(seen.places));
    let amiss = as_f64(outcome.plan.broken);
    let looks = swept + amiss * (PERIOD / SCHEDULE - 1.0);
    let rate = as_f64(outcome.first.checked) / outcome.first.seconds.max(0.001);
    let needed = looks / rate;
    let available = PERIOD * BEGINS / SCHEDULE;
    Claim {
        what: "the sweep fits the period, with what is amiss looked at by every sweep",
        holds: needed <= available,
        found: format!("{looks:.0} looks take {needed:.0} s of the {available:.0} s in which looks are begun"),
    }
}

fn memory(outcome: &Outcome) -> Claim {
    let abreast = u64::try_from(ABREAST).unwrap_or(u64::MAX);
    let worst = outcome.usage.peak_bytes + abreast * ANSWER;
    Claim {
        what: "the template's memory holds the sweep, even if every look at the same time gets the longest answer that is read",
        holds: worst <= MEMORY,
        found: format!("{} MiB of {}", worst >> 20, MEMORY >> 20),
    }
}

fn open_files(outcome: &Outcome) -> Claim {
    Claim {
        what: "the sweep has fewer files open than a function may have",
        holds: outcome.open_files < OPEN_FILES,
        found: format!("{} of {OPEN_FILES}", outcome.open_files),
    }
}

/// Exact for everything that is counted here.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}
