//! From the headless way to the browser's.

use super::super::look::Look;
use super::super::{Desired, Purpose};
use crate::connection::{Connection, update_connection};
use crate::custody::OrgFault;
use crate::salesforce::api::Org;
use crate::service::Services;

/// Where an org does not take the headless way, the browser's follows at once and for good: the connection, which remembers that, and a look
/// that way. `None` where it does, or where somebody may only heal.
///
/// # Errors
/// [`OrgFault`].
pub(in super::super) async fn step_aside(
    services: &Services,
    connection: &Connection,
    purpose: Purpose,
    org: &Org,
    desired: &Desired,
    look: &Look,
) -> Result<Option<(Connection, Look)>, OrgFault> {
    let (Look::Headless(reading), Purpose::Wire) = (look, purpose) else {
        return Ok(None);
    };
    let now = services.clock.now();
    let noted = update_connection(services, &connection.id, |connection| {
        let wiring = &mut connection.wiring;
        wiring.headless_refused_at = reading.steps_aside(wiring).then_some(now);
    });
    let Some(connection) = noted.await?.filter(|noted| noted.wiring.headless_refused_at.is_some()) else {
        return Ok(None);
    };
    tracing::warn!(name: "wiring.headless_refused", connection = %connection.id);
    let look = Look::at_legacy(org, reading.namespace(), Some(desired), &connection).await?;
    Ok(Some((connection, look)))
}
