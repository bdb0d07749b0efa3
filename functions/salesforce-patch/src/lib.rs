//! `salesforce-patch`: reconciles orgs whose wiring is due (design section 6).
//!
//! Three triggers, one handler: the table's stream (at once), the reconciler's schedule (whatever a crash or an outage left
//! due), and an operator who names a connection. It never answers a browser.

mod event;

use std::time::{Duration, SystemTime};

use connector::clock::{Deadline, Timestamp, plus};
use connector::connection::{ConnectionId, LeaseFault, due};
use connector::service::Services;
use connector::store::{Due, Queue, StoreError};
use connector::telemetry::causes;
use connector::wiring::{Purpose, ReconcileError, reconcile};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::event::{Trigger, read};

/// For one connection.
const EACH: Duration = Duration::from_secs(60);
/// For one invocation, where the runtime does not say; the template gives 120 seconds.
const ALL: Duration = Duration::from_secs(110);
/// How many due connections one scheduled invocation looks for.
const BATCH: u32 = 50;
/// How many connections are worked on side by side.
const ABREAST: usize = 8;

/// The Lambda handler. Answers the stream's partial-batch shape, and counts what it did for everybody else.
///
/// # Errors
/// When a store fails, so that the invocation counts as failed and is tried again.
pub async fn handle(services: &Services, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let services = services.traced();
    work(&services, event).instrument(services.span()).await
}

async fn work(services: &Services, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let deadline = Deadline::after(budget(event.context.deadline()));
    match read(&event.payload) {
        Trigger::Stream(connections) => {
            let mut failed = Vec::new();
            for (connection, sequence_number) in connections {
                if let Err(error) = wire_if_due(services, &connection, deadline).await {
                    tracing::error!(name: "wiring.failed", connection = %connection, error = causes(&error));
                    failed.push(json!({ "itemIdentifier": sequence_number }));
                }
            }
            Ok(json!({ "batchItemFailures": failed }))
        }
        Trigger::Operator(connection) => {
            let found = reconcile(services, &connection, Purpose::Wire, deadline.within(EACH)).await?;
            Ok(json!({ "reconciled": usize::from(found.is_some()) }))
        }
        Trigger::Schedule => Ok(json!({ "reconciled": wire_due(services, deadline).await? })),
    }
}

/// The invocation's deadline less a second, for whatever the runtime calls a deadline: some give a duration since the epoch
/// that has long passed.
fn budget(deadline: SystemTime) -> Duration {
    let left = deadline.elapsed().err().map(|left| left.duration()).unwrap_or(ALL);
    left.saturating_sub(Duration::from_secs(1)).min(ALL)
}

/// Reconciles one connection if it is due for that now. Every write of a connection in the queue comes through the stream,
/// our own too, so what is not due yet is left to the schedule.
///
/// # Errors
/// [`ReconcileError::Ledger`]; a connection that somebody else works on is left to them.
pub async fn wire_if_due(services: &Services, id: &ConnectionId, deadline: Deadline) -> Result<(), ReconcileError> {
    let now = services.clock.now();
    let is_due = |due: Due| due.queue == Queue::Wiring && due.at <= plus(now, Duration::from_millis(500));
    if !due(services, id).await?.is_some_and(is_due) {
        return Ok(());
    }
    match reconcile(services, id, Purpose::Wire, deadline.within(EACH)).await {
        Err(ReconcileError::Lease(LeaseFault::Busy)) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reconciles the connections that are due. Returns how many it looked at.
///
/// # Errors
/// [`StoreError`] when the queue cannot be read; a single connection's failure is logged and does not stop the rest.
pub async fn wire_due(services: &Services, deadline: Deadline) -> Result<usize, StoreError> {
    let now: Timestamp = services.clock.now();
    let page = services.records.due(Queue::Wiring, now, BATCH, None).await?;
    let mut runs = JoinSet::new();
    let mut count = 0;
    for record in page.records {
        let id = record.key.pk.strip_prefix("connection#").and_then(ConnectionId::parse);
        let Some(id) = id else { continue };
        // An org that does not answer must not keep the others waiting.
        if runs.len() >= ABREAST {
            runs.join_next().await;
        }
        if deadline.slice(EACH) < EACH / 4 {
            break;
        }
        count += 1;
        let services = services.clone();
        let run = async move {
            if let Err(error) = wire_if_due(&services, &id, deadline).await {
                tracing::error!(name: "wiring.failed", connection = %id, error = causes(&error));
            }
        };
        runs.spawn(run.in_current_span());
    }
    // What panicked was reported by the runtime, and its connection stays due.
    while runs.join_next().await.is_some() {}
    Ok(count)
}
