//! `health-check`: the scheduled sweep over the connections that are due for a look (design section 6).
//!
//! One look is a reconciliation that may only heal, plus the probes of the PIM. The sweep stops before its deadline; the next
//! invocation goes on where it stopped, because what was looked at is due later.

use std::time::{Duration, SystemTime};

use connector::clock::Deadline;
use connector::connection::{ConnectionId, LeaseFault};
use connector::service::Services;
use connector::store::{Queue, StoreError};
use connector::wiring::{Purpose, ReconcileError, reconcile};
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tokio::task::{JoinError, JoinSet};

/// For one connection.
const EACH: Duration = Duration::from_secs(45);
/// For one invocation, where the runtime does not say; the template gives 300 seconds.
const ALL: Duration = Duration::from_secs(280);
/// How many due connections are read at a time.
const BATCH: u32 = 25;
/// How many connections are looked at side by side.
const ABREAST: usize = 8;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sweep {
    /// Connections looked at.
    pub checked: usize,
    /// Connections that could not be looked at because one of our stores failed.
    pub failed: usize,
    /// Connections that somebody else was working on.
    pub busy: usize,
    /// Whether the deadline ended the sweep before the queue was empty.
    pub unfinished: bool,
}

/// The Lambda handler: one connection at once for an operator's `{"connection": "…"}`, a sweep for every other event.
///
/// # Errors
/// When the queue cannot be read.
pub async fn handle(services: &Services, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let deadline = Deadline::after(budget(event.context.deadline()));
    let one = event
        .payload
        .get("connection")
        .and_then(Value::as_str)
        .and_then(ConnectionId::parse);
    let sweep = match one {
        Some(id) => {
            let mut one = Sweep::default();
            one.count(Some(Ok(look(services, &id, deadline.within(EACH)).await)));
            one
        }
        None => sweep(services, deadline).await?,
    };
    tracing::info!(name: "health.sweep", checked = sweep.checked, failed = sweep.failed, busy = sweep.busy, unfinished = sweep.unfinished);
    Ok(serde_json::to_value(sweep)?)
}

fn budget(deadline: SystemTime) -> Duration {
    let left = deadline.elapsed().err().map(|left| left.duration()).unwrap_or(ALL);
    left.saturating_sub(Duration::from_secs(1)).min(ALL)
}

/// Looks at every connection that is due now.
///
/// # Errors
/// [`StoreError`] when the queue cannot be read.
pub async fn sweep(services: &Services, deadline: Deadline) -> Result<Sweep, StoreError> {
    let mut sweep = Sweep::default();
    let mut looks = JoinSet::new();
    let mut after = None;
    'queue: loop {
        let page = services
            .records
            .due(Queue::Health, services.clock.now(), BATCH, after.as_deref())
            .await?;
        for record in &page.records {
            let Some(id) = record.key.pk.strip_prefix("connection#").and_then(ConnectionId::parse) else {
                continue;
            };
            // An org that does not answer must not keep the others waiting.
            if looks.len() >= ABREAST {
                sweep.count(looks.join_next().await);
            }
            if deadline.slice(EACH) < EACH {
                sweep.unfinished = true;
                break 'queue;
            }
            let services = services.clone();
            looks.spawn(async move { look(&services, &id, deadline.within(EACH)).await });
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    while let Some(seen) = looks.join_next().await {
        sweep.count(Some(seen));
    }
    Ok(sweep)
}

/// What became of one look.
enum Look {
    Done,
    Busy,
    Failed,
}

async fn look(services: &Services, id: &ConnectionId, deadline: Deadline) -> Look {
    match reconcile(services, id, Purpose::Heal, deadline).await {
        Ok(_) => Look::Done,
        Err(ReconcileError::Lease(LeaseFault::Busy)) => Look::Busy,
        Err(error) => {
            tracing::error!(name: "health.failed", connection = %id, error = %error);
            Look::Failed
        }
    }
}

impl Sweep {
    fn count(&mut self, look: Option<Result<Look, JoinError>>) {
        match look {
            Some(Ok(Look::Done)) => self.checked += 1,
            Some(Ok(Look::Busy)) => self.busy += 1,
            // The runtime reports the panic; the connection stays due.
            Some(Ok(Look::Failed) | Err(_)) => self.failed += 1,
            None => {}
        }
    }
}
