//! When a connection is looked at next, and for what. Pure.

use std::time::Duration;

use crate::clock::{Timestamp, plus};
use crate::connection::{Connection, Stage, Waiting, stage};
use crate::store::{Due, Queue};

/// How often a connection's health is looked at while something is wrong, unless its period is shorter.
const DEGRADED: Duration = Duration::from_secs(2 * 60);
/// How soon while a person is on the way through the org's own authorization.
const SOON: Duration = Duration::from_secs(5);
/// For how long somebody is expected back from there.
const PATIENCE: Duration = Duration::from_secs(12 * 60);
/// How soon an org is asked again whose calls of the day are used up: its quota rolls over 24 hours (facts/salesforce 12.4).
const QUOTA: Duration = Duration::from_secs(15 * 60);
/// How often an org that lacks something is looked at again by itself in the first hour, and later.
const RECHECK: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(15 * 60)];

/// Twice as long after each failure: 10 seconds to 20 minutes.
fn backoff(failures: u32) -> Duration {
    Duration::from_secs(10 * 2_u64.pow(failures.clamp(1, 8) - 1)).min(Duration::from_secs(20 * 60))
}

/// A connection's place after it was worked on at `now`; a healthy one is looked at again after `period`.
pub(super) fn place(connection: &Connection, now: Timestamp, period: Duration) -> Due {
    let wiring = |after| Due {
        queue: Queue::Wiring,
        at: plus(now, after),
    };
    let health = |after| Due {
        queue: Queue::Health,
        at: plus(now, spread(connection, after)),
    };
    let idle = Due {
        queue: Queue::Idle,
        at: now,
    };
    let asked = connection.wiring.requested_at.is_some();
    let stage = stage(connection);
    if stage == Stage::Revoked {
        return Due {
            queue: Queue::Closed,
            at: now,
        };
    }
    if let Some(waiting) = connection.wiring.waiting {
        let pause = backoff(connection.wiring.failures);
        let after = if waiting == Waiting::OrgLimit {
            pause.max(QUOTA)
        } else {
            pause
        };
        // A health check may not finish what a reconciliation has begun.
        return if asked || connection.health.verification.is_none() {
            wiring(after)
        } else {
            health(after)
        };
    }
    if asked {
        return wiring(Duration::ZERO);
    }
    match stage {
        Stage::Revoked => Due {
            queue: Queue::Closed,
            at: now,
        },
        // One bad look is not believed yet, so the second comes soon.
        Stage::Connected if connection.health.contradictions > 0 => health(period.min(DEGRADED)),
        Stage::Connected => health(period),
        Stage::Degraded => health(period.min(DEGRADED)),
        Stage::Wiring | Stage::Verifying => wiring(backoff(connection.wiring.failures)),
        Stage::AuthorizePrincipal if is_expected_back(connection, now) => wiring(SOON),
        Stage::PackageMissing
        | Stage::PackageOutdated
        | Stage::PackageIncomplete
        | Stage::PackageAmbiguous
        | Stage::PermissionMissing
        | Stage::OrgTooOld
        | Stage::WiringBlocked => {
            let since = connection.salesforce.org.as_ref().map_or(now, |org| org.connected_at);
            if now < plus(since, Duration::from_secs(3600)) {
                wiring(RECHECK[0])
            } else if now < plus(since, Duration::from_secs(7 * 24 * 3600)) {
                wiring(RECHECK[1])
            } else {
                idle
            }
        }
        Stage::ConnectSalesforce => idle,
        _ if connection.health.verification.is_some() => health(period),
        _ => idle,
    }
}

fn is_expected_back(connection: &Connection, now: Timestamp) -> bool {
    let wiring = &connection.wiring;
    let latest = wiring.principal_started_at.max(wiring.relayed_at);
    latest.is_some_and(|at| now < plus(at, PATIENCE))
}

/// Spreads connections over the last tenth of a period by their id, so that those made together are not checked together.
fn spread(connection: &Connection, period: Duration) -> Duration {
    let sum: u32 = connection.id.as_str().bytes().map(u32::from).sum();
    period - period / 10 * (sum % 100) / 100
}
