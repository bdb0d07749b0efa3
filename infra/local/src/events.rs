//! What starts the other two functions: the table's stream and the schedules.

use std::time::Duration;

use connector::clock::Deadline;
use connector::events::deliver_due;
use connector::service::Services;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument as _;

/// How soon a write in the queue for wiring, or in that of events, is noticed.
const STREAM: Duration = Duration::from_millis(200);
/// How often the health schedule fires.
const HEALTH: Duration = Duration::from_secs(5);

/// Plays stream, reconciler schedule and health schedule until the stack stops. What has begun is finished: half of a wiring would
/// leave its lease behind, and the next start would have to wait until that expires.
pub(crate) fn play(services: Services, tasks: &mut JoinSet<()>, stopped: &watch::Receiver<()>) {
    let (wiring, mut ended) = (services.clone(), stopped.clone());
    tasks.spawn(async move {
        while passes(STREAM, &mut ended).await {
            let services = wiring.traced();
            let work = async {
                if let Err(error) =
                    salesforce_patch::wire_due(&services, Deadline::after(Duration::from_secs(110))).await
                {
                    tracing::error!(name: "local.wiring", error = %error);
                }
            };
            work.instrument(services.span()).await;
        }
    });
    let (events, mut ended) = (services.clone(), stopped.clone());
    tasks.spawn(async move {
        while passes(STREAM, &mut ended).await {
            let services = events.traced();
            let work = async {
                if let Err(error) = deliver_due(&services, Deadline::after(Duration::from_secs(60))).await {
                    tracing::error!(name: "local.events", error = %error);
                }
            };
            work.instrument(services.span()).await;
        }
    });
    let mut ended = stopped.clone();
    tasks.spawn(async move {
        while passes(HEALTH, &mut ended).await {
            let services = services.traced();
            let work = async {
                if let Err(error) = health_check::sweep(&services, Deadline::after(Duration::from_secs(280))).await {
                    tracing::error!(name: "local.health", error = %error);
                }
            };
            work.instrument(services.span()).await;
        }
    });
}

/// Waits. False when the stack stops meanwhile, which is when the sender is dropped.
async fn passes(time: Duration, stopped: &mut watch::Receiver<()>) -> bool {
    tokio::time::timeout(time, stopped.changed()).await.is_err()
}
