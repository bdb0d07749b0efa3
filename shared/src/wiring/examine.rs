//! Examining an org before it is wired: version, permissions, package (facts/salesforce 9, 10.4).

use crate::clock::Timestamp;
use crate::connection::{OrgType, Readiness};
use crate::custody::OpenedOrg;
use crate::salesforce::api::ApiError;
use crate::salesforce::organization::{self, Organization};
use crate::salesforce::record::{self, Discovery};
use crate::salesforce::{Package, UserId, package, permission};

/// What the examination found.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The org.
    pub organization: Organization,
    /// The connecting user's name.
    pub username: String,
    /// Whether it can be wired.
    pub readiness: Readiness,
    /// The package's records.
    pub records: Discovery,
}

impl Examined {
    /// Production or sandbox.
    #[must_use]
    pub fn org_type(&self) -> OrgType {
        OrgType::of(self.organization.is_sandbox)
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
        missing_permissions: preflight.missing,
        package,
        checked_at: now,
    };
    Ok(Examined {
        organization: opened.organization.clone(),
        username: user.map(|user| user.username).unwrap_or_default(),
        readiness,
        records,
    })
}
