//! "Check again": looks at the org once more.

use connector::connection::{Leg, update_and_wire};
use connector::problem::Problem;
use connector::service::Services;
use connector::web::{Reply, Request, see_other};

use crate::visitor::Visitor;

/// POST /setup/check.
pub(crate) async fn again(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, _) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Salesforce)?;
    let connection = &visitor.connection;
    if connection.salesforce.org.is_some() || connection.by_hand().is_some() {
        update_and_wire(services, &visitor.connection.id, |connection| {
            connection.wiring.runner_refusals.clear()
        })
        .await?;
    }
    Ok(see_other("/setup"))
}
