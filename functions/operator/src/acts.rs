//! What one of our people can do to one connection. Each act is in its audit trail, with who asked for it where that is known.

use std::time::Duration;

use connector::connection::{
    AuditEvent, Connection, ConnectionId, NewInvitation, invite, load_connection, record_audit_by, update_and_queue,
    update_and_wire, update_connection,
};
use connector::secret::HandedOut;
use connector::service::Services;
use connector::store::{Due, Queue};

use crate::refusal::Refusal;

/// How long a link that is sent again works, unless told otherwise.
const AGAIN: Duration = Duration::from_secs(14 * 24 * 3600);

/// The connection with this id.
pub(crate) async fn load(services: &Services, id: &str) -> Result<Connection, Refusal> {
    let id = ConnectionId::parse(id).ok_or(Refusal::NoConnection)?;
    load_connection(services, &id).await?.ok_or(Refusal::NoConnection)
}

/// Whether there is something to look at: a side that is connected, and nobody who revoked it.
pub(crate) fn can_check(connection: &Connection) -> bool {
    connection.revoked_at.is_none() && (connection.salesforce.org.is_some() || connection.by_hand().is_some())
}

/// Both sides are looked at again, and wired where they differ, as soon as possible.
pub(crate) async fn check(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    wire(services, id, by, AuditEvent::CheckAsked).await
}

/// The same, as a repair: whatever was reported and not touched is set right.
pub(crate) async fn repair(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    wire(services, id, by, AuditEvent::RepairAsked).await
}

async fn wire(services: &Services, id: &str, by: Option<String>, what: AuditEvent) -> Result<Connection, Refusal> {
    let connection = load(services, id).await?;
    if !can_check(&connection) {
        return Err(Refusal::NothingToCheck);
    }
    let repair = what == AuditEvent::RepairAsked;
    let asked = update_and_wire(services, &connection.id, |connection| {
        connection.wiring.runner_refusals.clear();
        if repair && connection.salesforce.given_back.is_some() {
            // Without access to the org a person has to connect it before anything there is looked at, and set right.
            connection.wiring.looked_at = None;
        }
    });
    let connection = asked.await?.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &connection.id, what, by).await?;
    Ok(connection)
}

/// Both sides are looked at with the next sweep, which comes within minutes. Nothing is changed that a health check may not change.
pub(crate) async fn look(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    let found = load(services, id).await?;
    if !can_check(&found) {
        return Err(Refusal::NothingToCheck);
    }
    let at = services.clock.now();
    let asked = update_and_queue(
        services,
        &found.id,
        |_| {},
        |connection, due| match due.queue {
            Queue::Wiring | Queue::Closed => due,
            // What was never complete has no health yet; it is wired instead.
            _ if connection.health.verification.is_none() => Due {
                queue: Queue::Wiring,
                at,
            },
            _ => Due {
                queue: Queue::Health,
                at,
            },
        },
    );
    let asked = asked.await?.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &asked.id, AuditEvent::CheckAsked, by).await?;
    Ok(asked)
}

/// The customer is asked to make a new client secret in the PIM and to enter it. What works goes on working until then.
pub(crate) async fn rotate(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    let found = load(services, id).await?;
    if found.revoked_at.is_some() {
        return Err(Refusal::IsRevoked);
    }
    if found.akeneo.credentials.is_none() {
        return Err(Refusal::NothingToRotate);
    }
    let now = services.clock.now();
    let asked = update_connection(services, &found.id, |connection| {
        connection.akeneo.rotation_asked_at = Some(now)
    });
    let asked = asked.await?.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &asked.id, AuditEvent::RotationAsked, by).await?;
    Ok(asked)
}

/// Regular checks and repairs stop, until [`resume`]. What a person asks for is still done.
pub(crate) async fn pause(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    let found = load(services, id).await?;
    if found.revoked_at.is_some() {
        return Err(Refusal::IsRevoked);
    }
    if found.paused_at.is_some() {
        return Ok(found);
    }
    let now = services.clock.now();
    let pause = |connection: &mut Connection| {
        connection.paused_at.get_or_insert(now);
    };
    let paused = update_and_queue(services, &found.id, pause, |connection, due| match due.queue {
        Queue::Closed => due,
        // A person asked for it and waits.
        Queue::Wiring if connection.wiring.requested_at.is_some() => due,
        _ => Due {
            queue: Queue::Idle,
            at: now,
        },
    });
    let paused = paused.await?.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &paused.id, AuditEvent::Paused, by).await?;
    Ok(paused)
}

/// Regular checks and repairs go on, with one at once.
pub(crate) async fn resume(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    let found = load(services, id).await?;
    if found.paused_at.is_none() {
        return Ok(found);
    }
    let resumed = if can_check(&found) {
        update_and_wire(services, &found.id, |connection| connection.paused_at = None).await?
    } else {
        update_connection(services, &found.id, |connection| connection.paused_at = None).await?
    };
    let resumed = resumed.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &resumed.id, AuditEvent::Resumed, by).await?;
    Ok(resumed)
}

/// A new link to the same connection; the former one stops working, what was done stays.
pub(crate) async fn resend(
    services: &Services,
    id: &str,
    by: Option<String>,
) -> Result<(Connection, HandedOut), Refusal> {
    let connection = load(services, id).await?;
    let again = NewInvitation {
        customer: connection.customer,
        terms: connection.terms,
        life: AGAIN,
        connection: Some(connection.id),
        by,
    };
    Ok(invite(services, again).await?)
}

/// Every link and session of the connection stops working at once.
pub(crate) async fn revoke(services: &Services, id: &str, by: Option<String>) -> Result<Connection, Refusal> {
    let id = ConnectionId::parse(id).ok_or(Refusal::NoConnection)?;
    let now = services.clock.now();
    let revoked = update_and_queue(
        services,
        &id,
        |connection| {
            connection.invitation = None;
            connection.revoked_at.get_or_insert(now);
        },
        |connection, due| match due.queue {
            // What is being taken apart goes on.
            Queue::Wiring if connection.is_leaving() => due,
            _ => Due {
                queue: Queue::Closed,
                at: now,
            },
        },
    );
    let connection = revoked.await?.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &id, AuditEvent::Revoked, by).await?;
    Ok(connection)
}
