//! The sweep: every connection that is due, bounded and with an end.

use std::time::Duration;

use connector::clock::{Deadline, Timestamp};
use connector::connection::{ConnectionId, LeaseFault, remind};
use connector::health::{SweepCounts, SweepTurn};
use connector::service::Services;
use connector::store::{Queue, StoreError};
use connector::telemetry::{Metric, causes, count};
use connector::wiring::{Purpose, ReconcileError, reconcile};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::lanes::{Candidate, Lanes};

/// For one connection.
pub(crate) const EACH: Duration = Duration::from_secs(45);
/// A look that takes longer is told: it is what makes sweeps fall behind.
const SLOW: Duration = Duration::from_secs(10);
/// How many due connections are read at a time.
const BATCH: u32 = 100;
/// How many connections are looked at side by side. A look is some 25 small calls one after the other, most of the time waiting for an
/// answer: so many at a time make ten thousand looks of six seconds in the usual period, of which a sweep every five minutes can use
/// three quarters (`cargo bench-sweep` measures it). The template's memory holds the longest answer for each of them.
pub const ABREAST: usize = 96;

/// Looks at every connection that is due now, then tells people what they are to be reminded of. Does nothing while another sweep runs.
///
/// # Errors
/// [`StoreError`] when the queue cannot be read.
pub async fn sweep(services: &Services, deadline: Deadline) -> Result<SweepCounts, StoreError> {
    let before = deadline.remaining();
    let Some(turn) = SweepTurn::take(services, before).await? else {
        tracing::info!(name: "health.sweep_skipped", reason = "another sweep is under way");
        return Ok(SweepCounts::default());
    };
    let mut did = SweepCounts::default();
    let swept = match looks(services, deadline, &mut did).await {
        Ok(()) => reminders(services, deadline, &mut did).await,
        Err(error) => Err(error),
    };
    did.unfinished |= swept.is_err();
    turn.end(services, did).await;
    let took = before.saturating_sub(deadline.remaining());
    count(
        services,
        Metric::Swept {
            checked: did.checked,
            failed: did.failed,
            unfinished: did.unfinished,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
    );
    tracing::info!(name: "health.sweep", checked = did.checked, failed = did.failed, busy = did.busy,
        reminded = did.reminded, unfinished = did.unfinished);
    swept.map(|()| did)
}

async fn looks(services: &Services, deadline: Deadline, did: &mut SweepCounts) -> Result<(), StoreError> {
    let (mut looks, mut lanes, mut due) = (JoinSet::new(), Lanes::default(), Reading::until(services.clock.now()));
    let mut read = Ok(());
    loop {
        // No look is begun that cannot be finished; the next invocation goes on, because what was not looked at stays due.
        let may_begin = |read: &Result<_, _>| deadline.slice(EACH) == EACH && read.is_ok();
        // Who waits for a PIM that is being called keeps nobody else waiting: it is read on until there is enough to do.
        while due.more && lanes.ready() < ABREAST && may_begin(&read) {
            read = due.on(services, &mut lanes).await;
        }
        while looks.len() < ABREAST && may_begin(&read) {
            let Some(candidate) = lanes.next() else { break };
            let (services, asked) = (services.clone(), candidate.clone());
            let deadline = deadline.within(EACH);
            let looked = async move { timed_look(&services, &asked, deadline).await };
            let task = looks.spawn(looked.in_current_span());
            lanes.started(task.id(), candidate);
        }
        match looks.join_next_with_id().await {
            Some(Ok((task, seen))) => {
                lanes.ended(task);
                seen.count(did);
            }
            // The runtime reports the panic; the connection stays due.
            Some(Err(fault)) => {
                lanes.ended(fault.id());
                did.failed += 1;
            }
            // Nobody could be begun: there is nobody left, or no time. What was begun is finished in either case.
            None => break,
        }
    }
    did.unfinished = due.more || lanes.is_unfinished();
    read
}

/// How far the queue was read.
struct Reading {
    until: Timestamp,
    after: Option<String>,
    more: bool,
}

impl Reading {
    /// Of everything that is due at `until`.
    fn until(until: Timestamp) -> Self {
        Self {
            until,
            after: None,
            more: true,
        }
    }

    /// Reads the next page.
    async fn on(&mut self, services: &Services, lanes: &mut Lanes) -> Result<(), StoreError> {
        let page = services
            .records
            .due(Queue::Health, self.until, BATCH, self.after.as_deref())
            .await?;
        for candidate in page.records.iter().filter_map(Candidate::of) {
            lanes.add(candidate);
        }
        self.after = page.next;
        self.more = self.after.is_some();
        Ok(())
    }
}

/// What became of one look.
pub(crate) enum Look {
    Done,
    Busy,
    Failed,
}

impl Look {
    pub(crate) fn count(&self, did: &mut SweepCounts) {
        match self {
            Self::Done => did.checked += 1,
            Self::Busy => did.busy += 1,
            Self::Failed => did.failed += 1,
        }
    }
}

async fn timed_look(services: &Services, candidate: &Candidate, deadline: Deadline) -> Look {
    let before = deadline.remaining();
    // The next look is the repetition, so a host in trouble holds its place for seconds (infra/decisions/2026-11-28-a-sweep-hurries.md).
    let seen = match services.outbound.hurried() {
        Ok(outbound) => {
            let services = Services {
                outbound,
                ..services.clone()
            };
            look(&services, &candidate.id, deadline).await
        }
        Err(error) => {
            tracing::error!(name: "health.failed", connection = %candidate.id, error = causes(&error));
            Look::Failed
        }
    };
    let took = before.saturating_sub(deadline.remaining());
    if took > SLOW {
        tracing::warn!(name: "health.slow", connection = %candidate.id, pim = candidate.pim, duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    }
    seen
}

pub(crate) async fn look(services: &Services, id: &ConnectionId, deadline: Deadline) -> Look {
    match reconcile(services, id, Purpose::Heal, deadline).await {
        Ok(_) => Look::Done,
        Err(ReconcileError::Lease(LeaseFault::Busy)) => Look::Busy,
        Err(error) => {
            tracing::error!(name: "health.failed", connection = %id, error = causes(&error));
            Look::Failed
        }
    }
}

/// Connections that wait for a person are due when the person is to be reminded.
async fn reminders(services: &Services, deadline: Deadline, did: &mut SweepCounts) -> Result<(), StoreError> {
    let until = services.clock.now();
    let mut after = None;
    while !deadline.has_passed() {
        let page = services
            .records
            .due(Queue::Idle, until, BATCH, after.as_deref())
            .await?;
        for candidate in page.records.iter().filter_map(Candidate::of) {
            let services = services.traced();
            let reminded = async {
                remind(&services, &candidate.id).await.inspect_err(|error| {
                    tracing::error!(name: "health.reminder_failed", connection = %candidate.id, error = causes(error));
                })
            };
            match reminded.instrument(services.span()).await {
                Ok(told) => did.reminded += told,
                Err(_) => did.failed += 1,
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
    did.unfinished = true;
    Ok(())
}
