//! "Install the package": the admin's explicit choice. It is noted here and done by `salesforce-patch`, which may write to orgs.

use connector::connection::{AuditEvent, Install, Leg, record_audit, update_and_wire};
use connector::problem::Problem;
use connector::salesforce::{Package, PackageVersionId};
use connector::service::Services;
use connector::web::{Reply, Request, see_other};

use crate::journey::unconfirmed;
use crate::visitor::Visitor;

/// POST /setup/install.
pub(crate) async fn ask(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Salesforce)?;
    if let Some(page) = unconfirmed(
        services,
        &visitor,
        &form,
        ("Nothing was installed", "To have the package installed"),
    ) {
        return Ok(page);
    }
    let side = &visitor.connection.salesforce;
    let version = services.config.package_version_id.as_deref();
    let version = version.and_then(|id| PackageVersionId::parse(id).ok());
    let lacks = side
        .readiness
        .as_ref()
        .is_some_and(|found| matches!(found.package, Package::Missing | Package::Legacy { .. }));
    let (Some(org), Some(version), true) = (&side.org, version, lacks) else {
        // Installed meanwhile, or nothing to install: the page says where it stands.
        return Ok(see_other("/setup"));
    };
    let under_way = |asked: &Install| asked.org_id == org.org_id && asked.is_under_way();
    if !side.install.as_ref().is_some_and(under_way) {
        let asked = Install::asked(services.clock.now(), &org.org_id, version.as_str());
        let id = &visitor.connection.id;
        update_and_wire(services, id, |connection| {
            connection.salesforce.install = Some(asked.clone())
        })
        .await?;
        let version_id = version.as_str().to_owned();
        record_audit(services, id, AuditEvent::InstallRequested { version_id }).await?;
    }
    Ok(see_other("/setup"))
}
