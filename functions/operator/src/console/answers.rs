//! The console's data and acts: what the operator's API does, for one person, in words.

use connector::connection::{AuditEntry, Connection, TrailOrder, audit_page, invite as make, next_action, stage};
use connector::page::letters;
use connector::secret::{HandedOut, Sensitive};
use connector::service::Services;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::{Value, json as object};

use super::{funnel, words};
use crate::person::Person;
use crate::query::cursor;
use crate::refusal::Refusal;
use crate::{acts, invitations, trail};

/// How many entries of the trail are shown with a connection; the rest is asked for page by page.
const TRAIL: u32 = 100;

/// What the list shows of a connection.
pub(super) fn row(connection: &Connection) -> Value {
    let (at, action) = (stage(connection), next_action(connection));
    let (health, badge) = words::health(connection.health.state);
    object!({
        "connection": connection.id,
        "customer": connection.customer,
        "created_at": connection.created_at,
        "opened_at": connection.opened_at,
        "expires_at": connection.invitation_expires_at.filter(|_| connection.invitation.is_some()),
        "since": connection.standing.since.unwrap_or(connection.created_at),
        "stage": at,
        "stage_words": words::stage(at),
        "who": action.who,
        "turn": words::turn(action.who),
        "what": action.what,
        "health": connection.health.state,
        "health_words": health,
        "badge": badge,
        "paused_at": connection.paused_at,
        "checked_at": connection.health.checked_at,
        "milestone": funnel::reached(connection),
        "org_type": connection.terms.org_type,
        "pim": connection.wanted_credentials().map(|credentials| credentials.pim.as_str()),
        "org": connection.salesforce.org.as_ref().map(|org| org.name.as_str()),
    })
}

/// GET /console/api/connections/{id}: one connection with the newest entries of its timeline.
pub(super) async fn one(services: &Services, id: &str) -> Result<Reply, Refusal> {
    show(services, &acts::load(services, id).await?).await
}

/// GET /console/api/connections/{id}/timeline: a page of the timeline, the newest entry first.
pub(super) async fn timeline(services: &Services, request: &Request, id: &str) -> Result<Reply, Refusal> {
    let (trail, next) = trail::timeline_page(services, request, id).await?;
    let told: Vec<_> = trail.iter().map(told).collect();
    Ok(json(
        StatusCode::OK,
        &object!({ "timeline": told, "next_cursor": next }),
    ))
}

/// An entry in words.
fn told(entry: &AuditEntry) -> Value {
    let stored = object!(entry);
    object!({
        "at": stored["at"],
        "by": stored["by"],
        "event": stored["event"],
        "words": words::happened(&stored),
        "reference": stored["trace"],
    })
}

async fn show(services: &Services, connection: &Connection) -> Result<Reply, Refusal> {
    let (trail, older) = audit_page(services, &connection.id, TrailOrder::NewestFirst, TRAIL, None).await?;
    let mut body = row(connection);
    body["now"] = object!(services.clock.now());
    body["pim_host"] = object!(connection.terms.pim_host);
    body["can_check"] = object!(acts::can_check(connection));
    body["can_pause"] = object!(connection.paused_at.is_none() && connection.revoked_at.is_none());
    body["can_resume"] = object!(connection.paused_at.is_some() && connection.revoked_at.is_none());
    body["revoked_at"] = object!(connection.revoked_at);
    body["timeline"] = trail.iter().map(told).collect();
    body["next_cursor"] = object!(older.map(|older| cursor(&older)));
    Ok(json(StatusCode::OK, &body))
}

/// A link that was just made. It is shown once; only its hash is stored.
fn link(services: &Services, connection: &Connection, secret: &HandedOut) -> Reply {
    let link = services.config.absolute(&format!("/setup/{}", secret.expose()));
    let until = connection.invitation_expires_at.unwrap_or_else(|| services.clock.now());
    let body = object!({
        "connection": connection.id,
        "customer": connection.customer,
        "link": link.as_str(),
        "expires_at": until,
        "letters": letters(&connection.customer, link.as_str(), until),
    });
    json(StatusCode::CREATED, &body)
}

/// POST /console/api/invitations: what the operator's API takes, for a new connection.
pub(super) async fn invite(services: &Services, request: &Request, person: &Person) -> Result<Reply, Refusal> {
    let mut new = invitations::read(request)?;
    if new.connection.is_some() {
        let fault = "connection is not given here: a link of an existing connection is sent again on its page";
        return Err(Refusal::Faults(vec![fault.to_owned()]));
    }
    new.by = person.by();
    let (connection, secret) = make(services, new).await?;
    Ok(link(services, &connection, &secret))
}

/// POST /console/api/connections/{id}/resend.
pub(super) async fn resend(services: &Services, id: &str, person: &Person) -> Result<Reply, Refusal> {
    let (connection, secret) = acts::resend(services, id, person.by()).await?;
    Ok(link(services, &connection, &secret))
}

/// POST /console/api/connections/{id}/check.
pub(super) async fn check(services: &Services, id: &str, person: &Person) -> Result<Reply, Refusal> {
    show(services, &acts::check(services, id, person.by()).await?).await
}

/// POST /console/api/connections/{id}/pause.
pub(super) async fn pause(services: &Services, id: &str, person: &Person) -> Result<Reply, Refusal> {
    show(services, &acts::pause(services, id, person.by()).await?).await
}

/// POST /console/api/connections/{id}/resume.
pub(super) async fn resume(services: &Services, id: &str, person: &Person) -> Result<Reply, Refusal> {
    show(services, &acts::resume(services, id, person.by()).await?).await
}

/// POST /console/api/connections/{id}/revoke.
pub(super) async fn revoke(services: &Services, id: &str, person: &Person) -> Result<Reply, Refusal> {
    show(services, &acts::revoke(services, id, person.by()).await?).await
}
