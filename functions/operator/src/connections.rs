//! What is shown of a connection.

use connector::connection::{
    Connection, TrailOrder, audit_page, due, next_action, self_next_action, self_stage, stage,
};
use connector::service::Services;
use connector::store::Due;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::{Value, json as object};

use crate::acts;
use crate::query::{Query, cursor};
use crate::refusal::Refusal;

/// How many entries of the trail are shown.
const TRAIL: u32 = 100;

/// What a list shows of a connection: who is stuck, where, and whose turn it is.
pub(crate) fn summary(connection: &Connection, due: Option<Due>) -> Value {
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
        "since": connection.standing.since,
        "paused_at": connection.paused_at,
        "rotation_asked_at": connection.akeneo.rotation_asked_at,
        "org_type": connection.salesforce.org.as_ref().map(|org| org.org_type).or(connection.terms.org_type),
        "queue": due.map(|due| due.queue),
        "due_at": due.map(|due| due.at),
    })
}

/// Picklist synchronisation: where it stands, whose turn it is, and what is known.
fn self_callout(connection: &Connection) -> Value {
    object!({
        "stage": self_stage(connection),
        "next_action": self_next_action(connection),
        "facts": connection.self_callout,
    })
}

/// GET /operator/connections/{id}.
pub(crate) async fn show(services: &Services, request: &Request, id: &str) -> Result<Reply, Refusal> {
    Query::read(request, &[])?.end(())?;
    let connection = acts::load(services, id).await?;
    let (trail, older) = audit_page(services, &connection.id, TrailOrder::NewestFirst, TRAIL, None).await?;
    let mut body = summary(&connection, due(services, &connection.id).await?);
    let rest = object!({
        "terms": connection.terms,
        "invitation_expires_at": connection.invitation_expires_at,
        "revoked_at": connection.revoked_at,
        "akeneo": connection.akeneo,
        "salesforce": connection.salesforce,
        "wiring": connection.wiring,
        "verification": connection.health.verification,
        "self_callout": self_callout(&connection),
        "timeline": trail,
        "timeline_next_cursor": older.map(|older| cursor(&older)),
    });
    if let (Value::Object(body), Value::Object(rest)) = (&mut body, rest) {
        body.extend(rest);
    }
    Ok(json(StatusCode::OK, &body))
}

/// The summary, as the answer to an act.
pub(crate) async fn answer(services: &Services, connection: &Connection) -> Result<Reply, Refusal> {
    let due = due(services, &connection.id).await?;
    Ok(json(StatusCode::OK, &summary(connection, due)))
}
