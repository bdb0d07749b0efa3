//! Observe: reads an org once into a plain value.

use std::collections::BTreeSet;

use super::runners::Runners;
use super::{Desired, Observed, PrincipalStatus};
use crate::akeneo::Scopes;
use crate::connection::Wiring;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::external_credential::{self, AuthenticationStatus, ExternalCredential};
use crate::salesforce::grant::{self, Grants};
use crate::salesforce::identity_provider::{self, IdentityProvider, ProviderReading, RowState};
use crate::salesforce::named_credential::{self, Callouts, Manageability, NamedCredential};
use crate::salesforce::provider_credential::{self, ProviderCredentials};
use crate::salesforce::record::PackagedRecords;
use crate::salesforce::{UserId, requested_scopes};

/// The org's records as read; what writes start from. Holds secret-equivalent values in memory, never stored.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) records: PackagedRecords,
    pub(super) named_credential: NamedCredential,
    /// Whether the package's developer decides about the Named Credential.
    pub(super) developer_controlled: bool,
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
    let manageability = named_credential::manageability(org, &records.named_credential).await;
    let developer_controlled = match manageability {
        // Only a note hangs on it.
        Err(error) if error.is_refusal() || matches!(error, ApiError::Malformed) => false,
        other => other? == Manageability::Developer,
    };
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
        developer_controlled,
        external_credential,
        provider,
        provider_credentials,
        grants,
        runners: runners.to_vec(),
    })
}

/// The scopes that an org will ask the PIM for, where it says so: known before anybody is sent to the PIM, so that one consent
/// serves both.
///
/// # Errors
/// [`ApiError`].
pub async fn org_scopes(org: &Org, records: &PackagedRecords) -> Result<Option<Scopes>, ApiError> {
    let external_credential = external_credential::read(org, &records.external_credential).await?;
    let provider = identity_provider::read(org, &records.identity_provider).await?;
    Ok(shown_scopes(&provider.provider, &external_credential))
}

fn shown_scopes(provider: &IdentityProvider, credential: &ExternalCredential) -> Option<Scopes> {
    let scopes = requested_scopes(provider, credential)?;
    Some(Scopes::parse(&scopes.into_iter().collect::<Vec<_>>().join(" ")))
}

impl Reading {
    /// The comparable state. `wiring` remembers what the org does not tell.
    pub(super) fn observed(&self, desired: &Desired, wiring: &Wiring) -> Observed {
        let provider = &self.provider.provider;
        let shown = &self.provider_credentials;
        let runners = self.access().sorted(&wiring.runner_refusals);
        let duplicated = [provider.code_identifier, provider.code_challenge].contains(&RowState::Duplicated);
        Observed {
            authorize_url: provider.authorize_url.clone(),
            token_url: provider.token_url.clone(),
            pair_proves: self.provider.pair.proves(&desired.client_secret),
            duplicate_rows: duplicated,
            missing_rows: self.missing_rows(),
            rows: self.row_names(),
            secrets_gone: self.secrets_gone(),
            shows_scopes: self.org_scopes().is_some(),
            credentials_contradict: shown.contradict(&desired.client_id)
                || (wiring.credentials_seen && !shown.are_visible()),
            users_without_access: runners.without_access,
            users_in_trouble: runners.in_trouble,
            users_with_access: runners.with_access,
            read_lost: self.read_lost(),
            namesakes: self.records.local_namesakes.iter().copied().collect(),
            developer_controlled: self.developer_controlled,
            package: None,
            endpoint: self.named_credential.url.clone(),
            callouts: self.callouts_enabled(),
            principal: self.principal(),
        }
    }

    fn missing_rows(&self) -> Vec<String> {
        let provider = &self.provider.provider;
        [
            ("code_identifier", provider.code_identifier),
            ("code_challenge", provider.code_challenge),
        ]
        .into_iter()
        .filter(|(_, state)| *state == RowState::Missing)
        .map(|(name, _)| name.to_owned())
        .collect()
    }

    /// The request parameters that the package does not bring itself.
    pub(super) fn row_names(&self) -> BTreeSet<String> {
        let rows = self.provider.provider.parameters.iter();
        rows.filter(|row| !["code_identifier", "code_challenge"].contains(&row.name.as_str()))
            .map(|row| format!("{} {}", row.kind, row.name))
            .collect()
    }

    /// Values of a set-up without its secrets.
    fn secrets_gone(&self) -> bool {
        let provider = &self.provider.provider;
        let is_set = [provider.code_identifier, provider.code_challenge] == [RowState::Set; 2];
        is_set && !self.provider_credentials.are_visible() && self.principal() == PrincipalStatus::NotConfigured
    }

    /// Whether packaged permission sets give access to the principal and none of them Read on stored credentials.
    fn read_lost(&self) -> bool {
        let sets = self.grants.iter().flat_map(|grants| &grants.sets);
        let mut packaged = sets
            .filter(|set| set.namespace.as_deref() == Some(self.records.namespace.as_str()))
            .peekable();
        packaged.peek().is_some() && packaged.all(|set| !set.credentials_read)
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
        shown_scopes(&self.provider.provider, &self.external_credential)
    }

    /// Whether what the org shows of its credentials fits the desired ones.
    pub(super) fn credentials_match(&self, desired: &Desired) -> bool {
        self.provider_credentials.are_visible() && !self.provider_credentials.contradict(&desired.client_id)
    }

    /// The users that run transfers.
    pub(super) fn access(&self) -> Runners<'_> {
        Runners::of(&self.runners, self.grants.as_ref())
    }
}
