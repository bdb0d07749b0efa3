//! Whether this service keeps its access to the org once the connection works: the customer's choice, on the status page.

use connector::connection::{AuditEvent, Leg, record_audit, update_terms};
use connector::problem::Problem;
use connector::service::Services;
use connector::web::{Reply, Request, see_other};

use crate::visitor::Visitor;

/// POST /setup/access with `keep`: `yes`, or `no` for access that is given back as soon as everything is verified.
pub(crate) async fn choose(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Salesforce)?;
    let drop = match form.get("keep") {
        "yes" => false,
        "no" => true,
        _ => return Ok(see_other("/setup")),
    };
    let connection = &visitor.connection;
    if connection.terms.drop_salesforce_token != drop {
        update_terms(services, &connection.id, |connection| {
            connection.terms.drop_salesforce_token = drop
        })
        .await?;
        record_audit(services, &connection.id, AuditEvent::TermsChanged).await?;
    }
    Ok(see_other("/setup"))
}
