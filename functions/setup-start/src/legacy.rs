//! "Go on with this version": the customer's explicit second choice, after the advice to upgrade a package before 3.0.

use connector::connection::{AuditEvent, Leg, record_audit, update_and_wire};
use connector::problem::Problem;
use connector::salesforce::Package;
use connector::service::Services;
use connector::web::{Reply, Request, see_other};

use crate::journey::unconfirmed;
use crate::visitor::Visitor;

/// POST /setup/legacy.
pub(crate) async fn accept(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Salesforce)?;
    if let Some(page) = unconfirmed(
        services,
        &visitor,
        &form,
        ("Nothing was changed", "To go on with the installed version"),
    ) {
        return Ok(page);
    }
    let side = &visitor.connection.salesforce;
    let readiness = side.readiness.as_ref();
    let old = readiness.is_some_and(|found| matches!(found.package, Package::Legacy { .. }));
    if !old || side.legacy_accepted_at.is_some() {
        // Upgraded meanwhile, or chosen already: the page says where it stands.
        return Ok(see_other("/setup"));
    }
    let (id, now) = (&visitor.connection.id, services.clock.now());
    update_and_wire(services, id, |connection| {
        connection.salesforce.legacy_accepted_at.get_or_insert(now);
    })
    .await?;
    record_audit(services, id, AuditEvent::LegacyAccepted).await?;
    Ok(see_other("/setup"))
}
