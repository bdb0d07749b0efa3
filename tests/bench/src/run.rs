//! One run: start, break, sweep, mend, sweep again, and the plain client beside it. It says on standard error how far it is.

use std::collections::BTreeMap;
use std::time::Duration;

use connector::connection::{ConnectionId, HealthState, load_connection};
use serde::Serialize;

use crate::cast::Cast;
use crate::claim::{Claim, Seen, claims};
use crate::fault::BenchFault;
use crate::fleet::{Asked, Order, Recorded};
use crate::gauge::{self, OpenFiles, Usage};
use crate::pass::{Pass, Told};
use crate::plain::{self, Plain};
use crate::plan::{Place, Plan};
use crate::say::say;
use crate::service::{self, Service};
use crate::simulators::{self, Simulators};
use crate::tally::Tallied;
use crate::trouble::Trouble;

/// Longer than the pause before the second look at what is amiss, shorter than most healthy connections' turn.
const SOON: Duration = Duration::from_secs(140);

/// Everything that was measured and found.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) plan: Plan,
    pub(crate) pims: usize,
    pub(crate) processes: usize,
    /// The pass in which every connection was due.
    pub(crate) first: Pass,
    pub(crate) first_cpu_seconds: f64,
    pub(crate) usage: Usage,
    /// Memory before the first pass.
    pub(crate) resident_before: u64,
    pub(crate) open_files: usize,
    pub(crate) stores: Tallied,
    /// Of one healthy connection.
    pub(crate) calls_to_org: usize,
    pub(crate) calls_to_pim: usize,
    /// Of all, in the first pass.
    pub(crate) calls: u64,
    pub(crate) most_at_once_at_a_pim: usize,
    pub(crate) plain: Plain,
    pub(crate) claims: Vec<Claim>,
}

/// Runs.
pub(crate) async fn run(plan: Plan) -> Result<Outcome, BenchFault> {
    let places = plan.places();
    say("walking the journey once");
    let mould = simulators::mould().await?;
    say(&format!("starting the simulators of {} connections", places.len()));
    let mut simulators = Simulators::begin(&plan, &mould).await?;
    let folder = tempfile::tempdir()?;
    say("filling the store");
    let service = service::start(folder.path(), &plan, &places, &mould).await?;
    simulators.tell(&Order::Break).await?;

    let (mut told, mut states) = (Told::new(), Vec::new());
    say("first sweep: every connection is due");
    let measured = measure(&service, &mut simulators).await?;
    let script = script(&mut simulators, &places).await?;
    say(&format!(
        "{} connections in {:.1} s; the plain client",
        measured.pass.checked, measured.pass.seconds
    ));
    let whole = places.iter().filter(|place| place.trouble.is_none());
    let casts: Vec<_> = whole.map(|place| Cast::of(place, &plan, &mould)).collect();
    let plain = plain::run(&service.services.outbound, casts, script.clone(), &mould).await?;
    simulators.tell(&Order::Forget).await?;

    let mut later = Vec::new();
    for (words, mend) in [
        ("second sweep: what is amiss is believed", false),
        ("third sweep: what was mended", true),
        ("fourth sweep: nothing is told twice", false),
    ] {
        say(words);
        if mend {
            simulators.tell(&Order::Mend).await?;
        }
        service.clock.advance(SOON);
        later.push(service.sweep().await?);
        service.wire().await?;
        service.tell(&mut told).await?;
        states.push(states_of(&service, &places).await?);
    }
    let load = simulators.tell(&Order::Load).await?;
    let processes = simulators.processes();
    simulators.end().await?;

    let most = |all: &BTreeMap<usize, Asked>| all.values().map(|asked| asked.most_at_once).max().unwrap_or_default();
    let most_at_once_at_a_pim = most(&measured.pims).max(most(&load.pims));
    let mut outcome = Outcome {
        plan,
        pims: places.last().map_or(0, |place| place.pim + 1),
        processes,
        first: measured.pass,
        first_cpu_seconds: measured.usage.cpu_seconds,
        usage: measured.usage,
        resident_before: measured.resident_before,
        open_files: measured.open_files,
        stores: measured.stores,
        calls_to_org: script.iter().filter(|call| !call.to_pim).count(),
        calls_to_pim: script.iter().filter(|call| call.to_pim).count(),
        calls: measured
            .pims
            .values()
            .chain(measured.orgs.values())
            .map(|asked| asked.calls)
            .sum(),
        most_at_once_at_a_pim,
        plain,
        claims: Vec::new(),
    };
    let seen = Seen {
        places: &places,
        told: &told,
        states: &states,
        later: &later,
        orgs: &measured.orgs,
        pims: &measured.pims,
    };
    outcome.claims = claims(&outcome, &seen);
    Ok(outcome)
}

struct Measured {
    pass: Pass,
    usage: Usage,
    resident_before: u64,
    open_files: usize,
    stores: Tallied,
    orgs: BTreeMap<usize, Asked>,
    pims: BTreeMap<usize, Asked>,
}

/// The sweep over everybody, with what it used.
async fn measure(service: &Service, simulators: &mut Simulators) -> Result<Measured, BenchFault> {
    simulators.tell(&Order::Forget).await?;
    gauge::forget_peak()?;
    let (before, stores) = (gauge::usage()?, service.tally.read());
    let files = OpenFiles::watch();
    let pass = service.sweep().await?;
    let mut usage = gauge::usage()?;
    usage.cpu_seconds -= before.cpu_seconds;
    let load = simulators.tell(&Order::Load).await?;
    Ok(Measured {
        pass,
        usage,
        resident_before: before.resident_bytes,
        open_files: files.most(),
        stores: service.tally.read().since(stores),
        orgs: load.orgs,
        pims: load.pims,
    })
}

/// What a look at a connection that works, alone at its PIM, asked for.
async fn script(simulators: &mut Simulators, places: &[Place]) -> Result<Vec<Recorded>, BenchFault> {
    let mut size: BTreeMap<usize, usize> = BTreeMap::new();
    places.iter().for_each(|place| *size.entry(place.pim).or_default() += 1);
    let mut alone = places
        .iter()
        .filter(|place| size.get(&place.pim) == Some(&1) && place.trouble.is_none());
    let place = alone.next().ok_or(BenchFault::Mould("a connection that works"))?;
    simulators.calls(place.number, place.pim).await
}

async fn states_of(service: &Service, places: &[Place]) -> Result<Vec<HealthState>, BenchFault> {
    let mut states = Vec::with_capacity(places.len());
    for place in places {
        let id = ConnectionId::parse(&format!("{:020}", place.number)).ok_or(BenchFault::Mould("an id"))?;
        let connection = load_connection(&service.services, &id).await?;
        states.push(connection.map(|connection| connection.health.state).unwrap_or_default());
    }
    Ok(states)
}

impl Outcome {
    /// Connections that a sweep is there for.
    pub(crate) fn swept(&self, places: &[Place]) -> usize {
        places
            .iter()
            .filter(|place| place.trouble != Some(Trouble::NeverVerified))
            .count()
    }
}
