//! Apply: performs one change and reads it back.

use super::look::Look;
use super::{Change, Desired, LegacyChange, legacy};
use crate::salesforce::api::Org;
use crate::salesforce::identity_provider::{self, ProviderDesired, RequestPair};
use crate::salesforce::legacy::token_credential;
use crate::salesforce::named_credential::{self, Callouts};
use crate::salesforce::{ChangeError, UserId, grant, provider_credential};

/// Performs one change. Every write starts from what was read, keeps what is not ours, and is read back. Users whom the org
/// did not let have access come back.
///
/// # Errors
/// [`ChangeError`].
pub(super) async fn apply(
    org: &Org,
    change: Change,
    desired: &Desired,
    look: &Look,
) -> Result<Vec<UserId>, ChangeError> {
    let reading = match (look, change) {
        (Look::Packaged(reading), _) => reading,
        (Look::Legacy(reading), Change::Legacy(change)) => {
            legacy::apply(org, change, reading).await?;
            return Ok(Vec::new());
        }
        (Look::Headless(reading), _) => return reading.apply(org, change).await,
        (Look::Legacy(_), _) => return Err(ChangeError::Unsuitable),
    };
    match change {
        Change::Provider => {
            let wanted = ProviderDesired {
                authorize_url: desired.authorize_url(),
                token_url: desired.token_url(),
                pair: RequestPair {
                    code_identifier: desired.pair.identifier.clone(),
                    code_challenge: desired.pair.challenge.clone(),
                },
                scopes: desired.scopes.as_ref().map(ToString::to_string),
            };
            identity_provider::write(org, &reading.provider.provider, &wanted).await?;
        }
        Change::ProviderCredentials => {
            let name = &reading.records.identity_provider.full_name;
            provider_credential::write(org, name, &desired.client_id, &desired.client_secret).await?;
        }
        Change::Access => {
            if let Some(principal) = reading
                .external_credential
                .default_principal()
                .and_then(|found| found.id.as_ref())
            {
                let granted = grant::grant_access(org, principal, &reading.records.namespace, &reading.runners);
                return Ok(granted.await?.refused);
            }
        }
        Change::NamedCredential { callouts } => {
            let callouts = if callouts {
                Callouts::Enabled
            } else {
                Callouts::Disabled
            };
            named_credential::write(org, &reading.named_credential, &desired.endpoint(), callouts).await?;
        }
        Change::Legacy(LegacyChange::Withdraw) => token_credential::remove(org).await?,
        Change::Legacy(_) | Change::Headless(_) => return Err(ChangeError::Unsuitable),
    }
    Ok(Vec::new())
}
