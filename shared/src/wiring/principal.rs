//! Where a person is sent so that the org authorizes itself in the PIM (facts/salesforce 4.4).

use super::PrincipalStatus;
use crate::connection::Connection;
use crate::custody::{OpenedOrg, OrgFault};
use crate::salesforce::external_credential::DEFAULT_PRINCIPAL;
use crate::salesforce::principal::{self, PrincipalError, SETUP_HOME};
use crate::salesforce::record::{self, Discovery};
use crate::secret::SecretUrl;
use crate::service::Services;

/// Why there is no authorization URL.
#[derive(Debug, thiserror::Error)]
pub enum NoAuthorizationUrl {
    /// The org cannot be worked with.
    #[error(transparent)]
    Org(#[from] OrgFault),
    /// The org gave none, or one that is not its own.
    #[error(transparent)]
    Principal(#[from] PrincipalError),
    /// The packaged records are gone, or no credentials are wanted yet.
    #[error("the org is not ready for its own authorization")]
    NotReady,
}

/// Asks the org for the one-time URL that starts its own authorization.
///
/// # Errors
/// [`NoAuthorizationUrl`].
pub async fn authorization_url(
    services: &Services,
    connection: &Connection,
    opened: &OpenedOrg,
) -> Result<SecretUrl, NoAuthorizationUrl> {
    if connection.legacy_namespace().is_some() {
        return super::legacy::kickoff_url(opened, connection).await;
    }
    let wanted = connection.wanted_credentials().ok_or(NoAuthorizationUrl::NotReady)?;
    let expected = services.config.package_namespace.as_deref();
    let found = record::discover(&opened.org, expected).await.map_err(OrgFault::Api)?;
    let Discovery::Found(records) = found else {
        return Err(NoAuthorizationUrl::NotReady);
    };
    let name = &records.external_credential.full_name;
    let provider = wanted.pim.endpoint("/connect/apps/v1/authorize");
    Ok(principal::authorization_url(&opened.org, name, DEFAULT_PRINCIPAL, SETUP_HOME, &provider).await?)
}

impl PrincipalStatus {
    /// In words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NotConfigured => "not authorized yet",
            Self::Configured => "Configured",
            Self::Unknown => "not visible to the connected user",
        }
    }
}
