//! The sweep: every connection that is due, bounded and with an end.

use std::time::Duration;

use connector::clock::Deadline;
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
/// How many connections are looked at side by side. A look is some 20 small calls, most of the time waiting for an answer; so many
/// at a time make ten thousand looks of three seconds in less than the usual period.
const ABREAST: usize = 48;
/// How many candidates are held in memory while their PIMs are busy.
const AHEAD: usize = 1000;

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
    let (mut looks, mut lanes) = (JoinSet::new(), Lanes::default());
    let until = services.clock.now();
    let (mut after, mut more, mut failed) = (None, true, None);
    loop {
        // No look is begun that cannot be finished; the next invocation goes on, because what was not looked at stays due.
        let time_is_up = deadline.slice(EACH) < EACH || failed.is_some();
        if more && !time_is_up && lanes.waiting() < AHEAD && lanes.waiting() < usize::try_from(BATCH).unwrap_or(AHEAD) {
            match services
                .records
                .due(Queue::Health, until, BATCH, after.as_deref())
                .await
            {
                Ok(page) => {
                    page.records
                        .iter()
                        .filter_map(Candidate::of)
                        .for_each(|one| lanes.add(one));
                    after = page.next;
                    more = after.is_some();
                }
                // What was begun is finished first.
                Err(error) => failed = Some(error),
            }
        }
        while looks.len() < ABREAST && !time_is_up {
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
            None if time_is_up || !more => break,
            None => {}
        }
    }
    did.unfinished = more || lanes.waiting() > 0;
    failed.map_or(Ok(()), Err)
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
    let seen = look(services, &candidate.id, deadline).await;
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
