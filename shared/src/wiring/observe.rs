//! Observe: reads an org once into a plain value.

use super::{Desired, Observed, PrincipalStatus};
use crate::akeneo::Scopes;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::external_credential::{self, AuthenticationStatus, ExternalCredential};
use crate::salesforce::grant::{self, Grants};
use crate::salesforce::identity_provider::{self, ProviderReading, RowState};
use crate::salesforce::named_credential::{self, Callouts, NamedCredential};
use crate::salesforce::provider_credential::{self, ProviderCredentials};
use crate::salesforce::record::PackagedRecords;
use crate::salesforce::{UserId, requested_scopes};

/// The org's records as read; what writes start from. Holds secret-equivalent values in memory, never stored.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) records: PackagedRecords,
    pub(super) named_credential: NamedCredential,
    pub(super) external_credential: ExternalCredential,
    pub(super) provider: ProviderReading,
    pub(super) provider_credentials: ProviderCredentials,
    pub(super) grants: Option<Grants>,
    pub(super) runners: Vec<UserId>,
}

/// Reads everything that drift looks at.
///
/// # Errors
/// [`ApiError`].
pub(super) async fn observe(org: &Org, records: &PackagedRecords, runners: &[UserId]) -> Result<Reading, ApiError> {
    let named_credential = named_credential::read(org, &records.named_credential).await?;
    let external_credential = external_credential::read(org, &records.external_credential).await?;
    let provider = identity_provider::read(org, &records.identity_provider).await?;
    let provider_credentials = provider_credential::read(org, &records.identity_provider.full_name).await?;
    let principal = external_credential
        .default_principal()
        .and_then(|principal| principal.id.clone());
    let grants = match principal {
        Some(principal) => Some(grant::observe(org, &principal, runners).await?),
        None => None,
    };
    Ok(Reading {
        records: records.clone(),
        named_credential,
        external_credential,
        provider,
        provider_credentials,
        grants,
        runners: runners.to_vec(),
    })
}

impl Reading {
    /// The comparable state. `credentials_seen`: the org has shown after our write that it has credentials.
    pub(super) fn observed(&self, desired: &Desired, credentials_seen: bool) -> Observed {
        let provider = &self.provider.provider;
        let shown = &self.provider_credentials;
        let duplicated = [provider.code_identifier, provider.code_challenge].contains(&RowState::Duplicated);
        Observed {
            authorize_url: provider.authorize_url.clone(),
            token_url: provider.token_url.clone(),
            pair_proves: self.provider.pair.proves(&desired.client_secret),
            duplicate_rows: duplicated,
            credentials_contradict: shown.contradict(&desired.client_id) || (credentials_seen && !shown.are_visible()),
            users_without_access: self.users_without_access(),
            endpoint: self.named_credential.url.clone(),
            callouts: self.callouts_enabled(),
            principal: self.principal(),
        }
    }

    /// Enabled for Callouts.
    pub(super) fn callouts_enabled(&self) -> bool {
        self.named_credential.callouts == Callouts::Enabled
    }

    /// The status of the `Default` principal.
    pub(super) fn principal(&self) -> PrincipalStatus {
        match self
            .external_credential
            .default_principal()
            .map(|principal| principal.status)
        {
            Some(AuthenticationStatus::Configured) => PrincipalStatus::Configured,
            Some(AuthenticationStatus::NotConfigured) => PrincipalStatus::NotConfigured,
            _ => PrincipalStatus::Unknown,
        }
    }

    /// The scopes that the org will ask the PIM for, where it says so (design section 5).
    pub(super) fn org_scopes(&self) -> Option<Scopes> {
        let scopes = requested_scopes(&self.provider.provider, &self.external_credential)?;
        Some(Scopes::parse(&scopes.into_iter().collect::<Vec<_>>().join(" ")))
    }

    fn users_without_access(&self) -> Vec<String> {
        match &self.grants {
            Some(grants) => without_access(grants),
            None => self.runners.iter().map(|id| id.as_str().to_owned()).collect(),
        }
    }
}

/// The users who may not use the credentials, by name; those whom the org does not know, by id.
fn without_access(grants: &Grants) -> Vec<String> {
    let known = grants
        .runners
        .iter()
        .filter(|runner| !runner.is_complete())
        .map(|runner| runner.user.username.clone());
    known
        .chain(grants.unknown.iter().map(|id| id.as_str().to_owned()))
        .collect()
}
