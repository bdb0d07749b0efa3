//! "Set up Salesforce by hand": the customer's choice to give no API access, and to take that back.

use connector::connection::{AuditEvent, GuidePart, Leg, Manual, record_audit, update_connection};
use connector::problem::Problem;
use connector::service::Services;
use connector::web::{Reply, Request, see_other};

use crate::visitor::Visitor;

/// POST /setup/by-hand.
pub(crate) async fn choose(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Salesforce)?;
    let chosen = match form.get("choice") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::NotFound),
    };
    let connection = &visitor.connection;
    if connection.salesforce.org.is_some() || connection.salesforce.manual.is_some() == chosen {
        return Ok(see_other("/setup"));
    }
    let now = services.clock.now();
    update_connection(services, &connection.id, |connection| {
        let manual = Manual {
            chosen_at: now,
            part: GuidePart::default(),
            callback: None,
            done: std::collections::BTreeMap::new(),
        };
        connection.salesforce.manual = chosen.then_some(manual);
        // What was verified without the org says nothing about one that is connected.
        connection.health.verification = None;
    })
    .await?;
    record_audit(services, &connection.id, AuditEvent::ByHand { chosen }).await?;
    Ok(see_other("/setup"))
}
