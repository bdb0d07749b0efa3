//! Examining an org before it is wired: version, permissions, package (facts/salesforce 9, 10.4).

use crate::akeneo::Scopes;
use crate::clock::Timestamp;
use crate::connection::{OrgType, Readiness};
use crate::custody::OpenedOrg;
use crate::salesforce::api::ApiError;
use crate::salesforce::organization::{self, Organization};
use crate::salesforce::record::{self, Discovery};
use crate::salesforce::{Package, Permission, UserId, package, permission};

/// What the examination found.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The org's own record, if this user may see it.
    pub organization: Option<Organization>,
    /// Whether the org's address is a sandbox's.
    sandbox_address: bool,
    /// The connecting user's name.
    pub username: String,
    /// Whether it can be wired.
    pub readiness: Readiness,
    /// Permissions that wiring a package before 3.0 needs in addition, and that the user lacks.
    pub missing_for_legacy: Vec<Permission>,
    /// The package's records.
    pub records: Discovery,
    /// The scopes that the org will ask the PIM for, once somebody has read them ([`super::org_scopes`]).
    pub org_scopes: Option<Scopes>,
}

impl Examined {
    /// Production or sandbox, if the org says so or its address does.
    #[must_use]
    pub fn org_type(&self) -> Option<OrgType> {
        let told = self.organization.as_ref().map(|own| OrgType::of(own.is_sandbox));
        told.or(self.sandbox_address.then_some(OrgType::Sandbox))
    }
}

/// Examines an org.
///
/// # Errors
/// [`ApiError`].
pub async fn examine(
    opened: &OpenedOrg,
    user: &UserId,
    expected_namespace: Option<&str>,
    now: Timestamp,
) -> Result<Examined, ApiError> {
    let org = &opened.org;
    let user = organization::user(org, user).await?;
    let preflight = permission::preflight(org).await?;
    // Without these nothing below can be read; what is missing is the answer.
    let blind = !preflight.missing.is_empty();
    let records = match record::discover(org, expected_namespace).await {
        Err(error) if blind && error.is_refusal() => Discovery::Missing,
        other => other?,
    };
    let package = match package::detect(org, &records, expected_namespace).await {
        Err(error) if blind && error.is_refusal() => Package::Missing,
        other => other?,
    };
    let readiness = Readiness {
        api_version: Some(opened.version.to_string()),
        missing_permissions: preflight.missing.clone(),
        package,
        checked_at: now,
    };
    Ok(Examined {
        organization: opened.organization.clone(),
        sandbox_address: org.instance().is_sandbox(),
        username: user.map(|user| user.username).unwrap_or_default(),
        readiness,
        missing_for_legacy: preflight.missing_for_legacy,
        records,
        org_scopes: None,
    })
}
