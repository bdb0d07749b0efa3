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
        at: plus(now, spread(connection, now, after)),
    };
    let idle = Due {
        queue: Queue::Idle,
        at: now,
    };
    let asked = connection.wiring.requested_at.is_some();
    let stage = stage(connection);
    if connection.is_leaving() {
        return wiring(backoff(connection.wiring.failures));
    }
    if stage == Stage::Revoked {
        return Due {
            queue: Queue::Closed,
            at: now,
        };
    }
    // Nobody looks at a paused connection unless a person asks for it.
    if connection.paused_at.is_some() && !asked {
        return idle;
    }
    if let Some(waiting) = connection.wiring.waiting {
        let pause = backoff(connection.wiring.failures);
        let after = if waiting == Waiting::OrgLimit {
            pause.max(QUOTA)
        } else {
            pause
        };
        // A health check may not finish what a reconciliation has begun.
        return if asked || connection.health.verification.is_none() || connection.owes_grant() {
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
        // Only a reconciliation gives our access back.
        _ if connection.owes_grant() => wiring(Duration::ZERO),
        // One bad look is not believed yet, so the second comes soon.
        Stage::Connected if connection.health.contradictions > 0 => {
            sooner(connection, health(period.min(DEGRADED)), now)
        }
        Stage::Connected => sooner(connection, health(period), now),
        Stage::Degraded => sooner(connection, health(period.min(DEGRADED)), now),
        Stage::Wiring | Stage::Verifying => wiring(backoff(connection.wiring.failures)),
        Stage::AuthorizePrincipal if is_expected_back(connection, now) => wiring(SOON),
        Stage::PackageMissing | Stage::PackageOutdated if connection.salesforce.expects_install(now) => {
            wiring(backoff(connection.salesforce.install.as_ref().map_or(1, |asked| asked.tries)).max(SOON))
        }
        // What it was not believed on shows at the next look, whatever that was: without one it would never be told.
        _ if connection.health.contradictions > 0 && connection.health.verification.is_some() => {
            health(period.min(DEGRADED))
        }
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
        // It worked once, and does not now.
        _ if connection.health.verification.is_some() => health(period.min(DEGRADED)),
        _ => idle,
    }
}

/// The next try of the picklist synchronisation, if that comes before what is due anyway.
fn sooner(connection: &Connection, due: Due, now: Timestamp) -> Due {
    let next = connection.self_callout.try_again_at.filter(|at| *at < due.at);
    next.map_or(due, |at| Due {
        queue: Queue::Wiring,
        at: at.max(now),
    })
}

fn is_expected_back(connection: &Connection, now: Timestamp) -> bool {
    let wiring = &connection.wiring;
    let latest = wiring.principal_started_at.max(wiring.relayed_at);
    latest.is_some_and(|at| now < plus(at, PATIENCE))
}

/// Spreads connections evenly over a period: each has its own moment in it, which its id decides, so that those made together are
/// not looked at together. What comes back is more than a tenth of the period, and not more than eleven tenths.
fn spread(connection: &Connection, now: Timestamp, period: Duration) -> Duration {
    let whole = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1);
    let own = i64::try_from(fnv(connection.id.as_str()) >> 1).unwrap_or_default() % whole;
    let earliest = now.as_millisecond() + whole / 10;
    let wait = (own - earliest).rem_euclid(whole) + whole / 10;
    Duration::from_millis(u64::try_from(wait).unwrap_or_default())
}

/// FNV-1a: even enough, the same for ever, and nothing to depend on.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
