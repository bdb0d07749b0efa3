//! The frame of one run: the id under which it works, and the line that it leaves in the log.

use std::time::Duration;

use tracing::Instrument as _;

use crate::clock::Deadline;
use crate::connection::{Connection, ConnectionId, LedgerError, Stage, stage};
use crate::service::Services;

/// Longer than any run takes.
const LONGEST: Duration = Duration::from_secs(3600);

/// What a reconciliation may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Every change.
    Wire,
    /// Only changes that restore what was in place, and only while the org still points at the customer's PIM.
    Heal,
}

/// The services for a run. What somebody asked for goes on under the id of the request, also when it is tried again; every other
/// look has an id of its own.
pub(super) fn services_of(services: &Services, connection: &Connection, purpose: Purpose) -> Services {
    let asked = connection.wiring.asked_under.clone();
    services.carrying(asked.filter(|_| purpose == Purpose::Wire))
}

/// Does the work of a run in its span and writes one line about it.
pub(super) async fn told(
    services: &Services,
    id: &ConnectionId,
    purpose: Purpose,
    work: impl Future<Output = Result<Option<Connection>, LedgerError>>,
) -> Result<Option<Connection>, LedgerError> {
    let began = Deadline::after(LONGEST);
    let run = async {
        let ended = work.await;
        tell(id, purpose, &ended, LONGEST.saturating_sub(began.remaining()));
        ended
    };
    run.instrument(services.span()).await
}

fn tell(id: &ConnectionId, purpose: Purpose, ended: &Result<Option<Connection>, LedgerError>, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let connection = match ended {
        Ok(connection) => connection.as_ref(),
        Err(error) => {
            tracing::error!(name: "wiring.run", connection = %id, ?purpose, error = %error, duration_ms);
            return;
        }
    };
    let at = connection.map(stage);
    let waiting = connection.and_then(|connection| connection.wiring.waiting);
    // Ten thousand looks that found nothing are no news.
    if purpose == Purpose::Heal && at == Some(Stage::Connected) && waiting.is_none() {
        tracing::debug!(name: "wiring.run", connection = %id, ?purpose, stage = ?at, duration_ms);
    } else {
        tracing::info!(name: "wiring.run", connection = %id, ?purpose, stage = ?at, ?waiting, duration_ms);
    }
}
