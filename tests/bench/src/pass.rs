//! A pass: the handlers run as the schedules run them, again and again until nothing is due any more.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use connector::clock::Deadline;
use connector::connection::HealthState;
use connector::events::{Kind, deliver_due};
use health_check::Sweep;
use lambda_runtime::{Context, LambdaEvent};
use serde::Serialize;
use serde_json::json;

use crate::fault::BenchFault;
use crate::say::say;
use crate::service::Service;

/// The function's timeout in the template.
const TIMEOUT: Duration = Duration::from_secs(300);
/// More invocations than any pass needs.
const MOST: usize = 1000;
/// A pass takes minutes; so often it says how far it is.
const WORD: Duration = Duration::from_secs(10);

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Pass {
    pub(crate) invocations: usize,
    pub(crate) checked: usize,
    pub(crate) failed: usize,
    pub(crate) busy: usize,
    pub(crate) seconds: f64,
}

/// What other systems were told of each connection, in the order in which it happened.
pub(crate) type Told = BTreeMap<String, Vec<(Kind, HealthState)>>;

impl Service {
    /// Sweeps until nothing is due, and says meanwhile how far it is.
    pub(crate) async fn sweep(&self) -> Result<Pass, BenchFault> {
        tokio::select! {
            pass = self.sweep_all() => pass,
            never = self.say_how_far() => match never {},
        }
    }

    async fn say_how_far(&self) -> Infallible {
        let (began, before) = (Instant::now(), self.tally.read());
        loop {
            tokio::time::sleep(WORD).await;
            let so_far = self.tally.read().since(before);
            let (seconds, read, written) = (began.elapsed().as_secs(), so_far.gets, so_far.puts);
            say(&format!("{seconds} s: {read} records read, {written} written"));
        }
    }

    async fn sweep_all(&self) -> Result<Pass, BenchFault> {
        let mut pass = Pass::default();
        let began = Instant::now();
        while pass.invocations < MOST {
            pass.invocations += 1;
            let mut context = Context::default();
            let until = SystemTime::now() + TIMEOUT;
            let until = until.duration_since(UNIX_EPOCH).unwrap_or_default();
            context.deadline = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
            let event = LambdaEvent::new(json!({ "source": "aws.scheduler" }), context);
            let answer = health_check::handle(&self.services, event).await;
            let answer = answer.map_err(|error| BenchFault::Handler(error.to_string()))?;
            let did: Sweep = serde_json::from_value(answer)?;
            pass.checked += did.checked;
            pass.failed += did.failed;
            pass.busy += did.busy;
            if !did.unfinished {
                break;
            }
        }
        pass.seconds = began.elapsed().as_secs_f64();
        Ok(pass)
    }

    /// Reconciles whatever is due for wiring, as the other schedule does.
    pub(crate) async fn wire(&self) -> Result<(), BenchFault> {
        for _ in 0..MOST {
            if salesforce_patch::wire_due(&self.services, Deadline::after(TIMEOUT)).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Delivers what is to be told, and adds it to what was told.
    pub(crate) async fn tell(&self, told: &mut Told) -> Result<(), BenchFault> {
        loop {
            let delivered = deliver_due(&self.services, Deadline::after(TIMEOUT)).await?;
            let mut events = self.events.take();
            events.sort_by_key(|event| event.time);
            for event in events {
                let of = told.entry(event.connection.to_string()).or_default();
                of.push((event.kind, event.health));
            }
            if delivered.delivered == 0 {
                return Ok(());
            }
        }
    }
}
