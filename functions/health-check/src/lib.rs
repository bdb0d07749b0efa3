//! `health-check`: the scheduled sweep over the connections that are due for a look, and the delivery of events (design section 6).
//!
//! One look is a reconciliation that may only heal, plus the probes of the PIM. The sweep stops before its deadline; the next
//! invocation goes on where it stopped, because what was looked at is due later. Events are delivered as soon as the table's
//! stream tells of them, and what a destination did not take is tried again by the schedule.

mod event;
mod lanes;
mod sweep;

use std::time::{Duration, SystemTime};

use connector::clock::Deadline;
use connector::events::{deliver, deliver_due};
use connector::health::SweepCounts;
use connector::service::Services;
use connector::telemetry::causes;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};
use tracing::Instrument as _;

use crate::event::{Trigger, read};
use crate::sweep::{EACH, look};

pub use connector::health::SweepCounts as Sweep;
pub use sweep::{ABREAST, sweep};

/// For one invocation, where the runtime does not say; the template gives 300 seconds.
const ALL: Duration = Duration::from_secs(280);
/// Of a scheduled invocation, for events that are late.
const EVENTS: Duration = Duration::from_secs(45);

/// The Lambda handler: events that the stream tells of, one connection at once for an operator's `{"connection": "…"}`, a sweep for
/// every other event.
///
/// # Errors
/// When a queue cannot be read.
pub async fn handle(services: &Services, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let services = services.traced();
    work(&services, event).instrument(services.span()).await
}

async fn work(services: &Services, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let deadline = Deadline::after(budget(event.context.deadline()));
    match read(&event.payload) {
        Trigger::Stream(records) => {
            let mut failed = Vec::new();
            for record in records {
                if let Err(error) = deliver(services, &record.key, deadline).await {
                    tracing::error!(name: "events.failed", error = causes(&error));
                    failed.push(json!({ "itemIdentifier": record.sequence_number }));
                }
            }
            Ok(json!({ "batchItemFailures": failed }))
        }
        Trigger::Operator(id) => {
            let mut one = SweepCounts::default();
            look(services, &id, deadline.within(EACH)).await.count(&mut one);
            Ok(serde_json::to_value(one)?)
        }
        Trigger::Schedule => {
            let delivered = deliver_due(services, deadline.within(EVENTS)).await?;
            tracing::info!(name: "events.delivery", delivered = delivered.delivered, failed = delivered.failed,
                given_up = delivered.given_up);
            Ok(serde_json::to_value(sweep(services, deadline).await?)?)
        }
    }
}

fn budget(deadline: SystemTime) -> Duration {
    let left = deadline.elapsed().err().map(|left| left.duration()).unwrap_or(ALL);
    left.saturating_sub(Duration::from_secs(1)).min(ALL)
}
