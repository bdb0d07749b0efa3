//! Where the packaged credentials keep the scopes that the org asks the PIM for.
//!
//! No public source shows the packaged records, so the place is a switch. A client that wants to know the scopes reads the same rows that
//! the authorization redirect is built from.

use super::Org;
use super::external_credential::{self, ExternalCredential};
use super::identity_provider::{self, IdentityProvider};
use super::row::seal;
use crate::settings::{ScopeCarrier, Settings};

const QUERY: &str = "AuthorizeRequestQueryParameter";
const OPTIONS: &str = "IdentityProviderOptions";
const AUTH_PARAMETER: &str = "AuthParameter";

impl Org {
    /// Writes the scopes into the packaged records as the switches say, and takes them out of the other places.
    pub(crate) fn apply_scope(&mut self, settings: &Settings) {
        let mint = &mut self.mint;
        for provider in self
            .identity_providers
            .iter_mut()
            .filter(|provider| provider.header.is_the_packages())
        {
            let rows = &mut provider.metadata.external_auth_identity_provider_parameters;
            rows.retain(|row| !is_scope(&row.parameter_type, &row.parameter_name, &[QUERY, OPTIONS]));
            let mut added = match settings.org_scope_carrier {
                ScopeCarrier::AuthorizeRequestQueryParameter => {
                    vec![identity_provider::Row::new(
                        QUERY,
                        "scope",
                        &settings.org_scope,
                        Some(3),
                    )]
                }
                ScopeCarrier::IdentityProviderOptions => {
                    vec![identity_provider::Row::new(OPTIONS, "Scope", &settings.org_scope, None)]
                }
                ScopeCarrier::ExternalCredential | ScopeCarrier::None => Vec::new(),
            };
            seal(&mut added, mint);
            rows.append(&mut added);
        }
        for credential in self
            .external_credentials
            .iter_mut()
            .filter(|credential| credential.header.is_the_packages())
        {
            let rows = &mut credential.metadata.external_credential_parameters;
            rows.retain(|row| !is_scope(&row.parameter_type, &row.parameter_name, &[AUTH_PARAMETER]));
            if settings.org_scope_carrier == ScopeCarrier::ExternalCredential {
                let mut added = [external_credential::Row::new(
                    AUTH_PARAMETER,
                    "Scope",
                    Some(&settings.org_scope),
                )];
                seal(&mut added, mint);
                rows.extend(added);
            }
        }
    }
}

fn is_scope(kind: &str, name: &str, kinds: &[&str]) -> bool {
    kinds.contains(&kind) && name.eq_ignore_ascii_case("scope")
}

/// The scopes that the records ask for, other than as a query row (which is sent like every other query row).
pub(crate) fn declared<'a>(credential: &'a ExternalCredential, provider: &'a IdentityProvider) -> Option<&'a str> {
    let option = provider
        .metadata
        .rows(OPTIONS)
        .find(|row| row.parameter_name.eq_ignore_ascii_case("scope"));
    let parameter = credential
        .metadata
        .rows(AUTH_PARAMETER)
        .find(|row| row.parameter_name.eq_ignore_ascii_case("scope"));
    option
        .and_then(|row| row.parameter_value.as_deref())
        .or_else(|| parameter.and_then(|row| row.parameter_value.as_deref()))
}
