//! The packaged Named Credential: where callouts go, and whether they are allowed (facts/salesforce 2, 5.3).
//!
//! Written by one Tooling PATCH that carries the URL and the status together, so that callouts are never open towards
//! an old host; by Connect and by a Metadata deploy where the org refuses that. Enabling callouts overrides a safety control of Salesforce's: it happens only together with the URL
//! that the customer gave us.

mod connect;
mod write;

use serde::{Deserialize, Serialize};
use url::Url;

use super::api::{ApiError, Org};
use super::parameter::{Row, Slot};
use super::record::{Kind, PackagedRecord};
use super::tooling;
pub use write::write;

/// "Enabled for Callouts" (facts/salesforce 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callouts {
    /// Callouts go out.
    Enabled,
    /// Callouts fail; Salesforce also does this on its own (facts/salesforce 5.3).
    Disabled,
    /// The org does not say.
    Unknown,
}

impl Callouts {
    fn read(text: Option<&str>) -> Self {
        match text {
            Some("Enabled") => Self::Enabled,
            Some("Disabled") => Self::Disabled,
            _ => Self::Unknown,
        }
    }

    pub(super) fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Enabled => Some("Enabled"),
            Self::Disabled => Some("Disabled"),
            Self::Unknown => None,
        }
    }
}

/// Who decides about a packaged credential after an upgrade: the row `ManagedByNamespace` (facts/salesforce 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manageability {
    /// The org.
    Subscriber,
    /// The package's developer: our writes can be refused or overwritten.
    Developer,
    /// The org does not say.
    Unknown,
}

/// A Named Credential as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCredential {
    /// The record.
    pub record: PackagedRecord,
    /// `SecuredEndpoint` for the packaged one.
    pub kind: String,
    /// Where callouts go.
    pub url: Option<String>,
    /// Whether they may.
    pub callouts: Callouts,
    /// Full names of the External Credentials that it uses; one at most today (facts/salesforce 2.3).
    pub external_credentials: Vec<String>,
}

impl NamedCredential {
    /// Whether callouts go to this base URL; a trailing slash makes no difference.
    #[must_use]
    pub fn points_at(&self, base: &Url) -> bool {
        self.url
            .as_deref()
            .is_some_and(|url| url.trim_end_matches('/') == written(base))
    }

    /// Whether it is of the kind that the package ships (facts/salesforce 2.4).
    #[must_use]
    pub fn is_secured_endpoint(&self) -> bool {
        self.kind == "SecuredEndpoint"
    }
}

/// A base URL as it is written: without a trailing slash, because paths are appended to it.
fn written(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

const ROWS: &str = "namedCredentialParameters";
const URL: Slot = Slot::single("Url");

/// Reads the Named Credential (facts/salesforce 2.2); the status from Tooling if Connect leaves it out.
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org, record: &PackagedRecord) -> Result<NamedCredential, ApiError> {
    let output = connect::read(org, record).await?;
    let mut callouts = Callouts::read(output.callout_status.as_deref());
    if callouts == Callouts::Unknown {
        let metadata = tooling::read(org, Kind::NamedCredential, &record.id).await?;
        callouts = Callouts::read(metadata.text("calloutStatus"));
    }
    let external_credentials = output.external_credentials();
    let (kind, url) = (output.kind, output.callout_url);
    Ok(NamedCredential {
        record: record.clone(),
        kind,
        url,
        callouts,
        external_credentials,
    })
}

/// Reads who may decide about the record (facts/salesforce 2.4, `ManagedByNamespace`).
///
/// # Errors
/// [`ApiError`].
pub async fn manageability(org: &Org, record: &PackagedRecord) -> Result<Manageability, ApiError> {
    let rows = tooling::read(org, Kind::NamedCredential, &record.id)
        .await?
        .rows(ROWS)?;
    let value = rows
        .iter()
        .find(|row| row.kind() == "ManagedByNamespace")
        .and_then(Row::value)
        .unwrap_or_default();
    let value = value.to_ascii_lowercase();
    Ok(if value.contains("subscriber") {
        Manageability::Subscriber
    } else if value.contains("developer") {
        Manageability::Developer
    } else {
        Manageability::Unknown
    })
}

#[cfg(test)]
mod tests;
