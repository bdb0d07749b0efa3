//! Connections: list, show, revoke.

use connector::connection::{
    AuditEvent, Connection, ConnectionId, audit_trail, due, list_connections, load_connection, next_action,
    record_audit, stage, update_and_queue,
};
use connector::service::Services;
use connector::store::{Due, Queue};
use connector::web::{Reply, json};
use http::StatusCode;
use serde_json::{Value, json as object};

use crate::refusal::Refusal;

/// How many connections of each queue are listed.
const MOST: u32 = 1000;
/// How many entries of the trail are shown.
const TRAIL: u32 = 100;

/// What a list shows of a connection: who is stuck, where, and whose turn it is.
fn summary(connection: &Connection, due: Option<Due>) -> Value {
    object!({
        "connection": connection.id,
        "customer": connection.customer,
        "created_at": connection.created_at,
        "opened_at": connection.opened_at,
        "stage": stage(connection),
        "next_action": next_action(connection),
        "health": connection.health.state,
        "checked_at": connection.health.checked_at,
        "pim": connection.wanted_credentials().map(|credentials| credentials.pim.as_str()),
        "org_id": connection.salesforce.org.as_ref().map(|org| &org.org_id),
        "queue": due.map(|due| due.queue),
        "due_at": due.map(|due| due.at),
    })
}

/// GET /operator/connections.
pub(crate) async fn list(services: &Services) -> Result<Reply, Refusal> {
    let all = list_connections(services, MOST).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|(connection, due)| summary(connection, Some(*due)))
        .collect();
    Ok(json(StatusCode::OK, &object!({ "connections": rows })))
}

/// GET /operator/connections/{id}.
pub(crate) async fn show(services: &Services, id: &str) -> Result<Reply, Refusal> {
    let id = ConnectionId::parse(id).ok_or(Refusal::NoConnection)?;
    let connection = load_connection(services, &id).await?.ok_or(Refusal::NoConnection)?;
    let trail = audit_trail(services, &id, TRAIL).await?;
    let mut body = summary(&connection, due(services, &id).await?);
    let rest = object!({
        "terms": connection.terms,
        "invitation_expires_at": connection.invitation_expires_at,
        "revoked_at": connection.revoked_at,
        "akeneo": connection.akeneo,
        "salesforce": connection.salesforce,
        "wiring": connection.wiring,
        "verification": connection.health.verification,
        "timeline": trail,
    });
    if let (Value::Object(body), Value::Object(rest)) = (&mut body, rest) {
        body.extend(rest);
    }
    Ok(json(StatusCode::OK, &body))
}

/// POST /operator/connections/{id}/revoke: every link and session of the connection stops working at once.
pub(crate) async fn revoke(services: &Services, id: &str) -> Result<Reply, Refusal> {
    let id = ConnectionId::parse(id).ok_or(Refusal::NoConnection)?;
    let now = services.clock.now();
    let revoked = update_and_queue(
        services,
        &id,
        |connection| {
            connection.invitation = None;
            connection.revoked_at.get_or_insert(now);
        },
        |_, _| Due {
            queue: Queue::Closed,
            at: now,
        },
    );
    let connection = revoked.await?.ok_or(Refusal::NoConnection)?;
    record_audit(services, &id, AuditEvent::Revoked).await?;
    Ok(json(StatusCode::OK, &summary(&connection, due(services, &id).await?)))
}
