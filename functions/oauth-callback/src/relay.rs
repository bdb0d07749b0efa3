//! The relay: Salesforce's own authorization comes back through our callback, because a Custom App has one only.
//! The code is not exchanged, stored or logged (design section 5, facts/salesforce 4.6).

use connector::connection::{AuditEvent, Connection, Task, record_audit, update_and_wire};
use connector::problem::Problem;
use connector::redirect::Granted;
use connector::salesforce::OrgUrl;
use connector::secret::Sensitive;
use connector::service::Services;
use connector::web::{Reply, see_other};

/// Sends the browser on to the callback that was read from this connection's own org, and to nowhere else.
pub(crate) async fn to_org(services: &Services, connection: &Connection, answer: &Granted) -> Result<Reply, Problem> {
    let callback = target(connection)
        .filter(|url| url.is_allowed(&services.config.permit))
        .ok_or(Problem::NoRelay)?;
    let reply = see_other(answer.relayed_to(callback.url()).expose());
    let now = services.clock.now();
    // The relay works even when a store does not: the browser goes on, and the principal's status is read later anyway.
    let noted = update_and_wire(services, &connection.id, |connection| {
        connection.wiring.relayed_at = Some(now);
        connection.tick_by_hand(Task::Authorize, now);
    })
    .await;
    if let Err(error) = noted {
        tracing::warn!(name: "relay.note", connection = %connection.id, error = %error);
    } else if let Err(error) = record_audit(services, &connection.id, AuditEvent::Relayed).await {
        tracing::warn!(name: "relay.audit", connection = %connection.id, error = %error);
    }
    Ok(reply)
}

/// The callback that was read from this connection's org, or that a person copied from it where there is no access to it.
fn target(connection: &Connection) -> Option<&OrgUrl> {
    match connection.by_hand() {
        Some(manual) => manual.callback.as_ref(),
        None => {
            let read = connection.wiring.callback_url.as_ref();
            read.filter(|_| connection.salesforce.org.is_some())
        }
    }
}
