//! The one way in which a credential record changes, whichever API asked for it.
//!
//! Checks what the record may become, lets Salesforce's safety rules act (facts/salesforce 5.3), keeps the ids of rows that stay.

use super::external_credential::{self, ExternalCredential};
use super::identity_provider::{self, Credentials, IdentityProvider};
use super::named_credential::{self, CalloutStatus, NamedCredential};
use super::row::{carry_over, duplicate};
use super::{Org, manageability};
use crate::clock::Millis;
use crate::identifier::same;
use crate::refusal::Refusal;
use crate::settings::{DisableOnWrite, Settings, TokenAfterChange};

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A program with an OAuth session, such as the connector.
    External,
    /// Code of the managed package, such as the in-app set-up.
    PackageCode,
    /// A person in Setup.
    Person,
}

/// A write in progress: the rules in force and the moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Write<'a> {
    pub(crate) actor: Actor,
    pub(crate) settings: &'a Settings,
    pub(crate) now: Millis,
}

impl Write<'_> {
    fn trips_callouts(self) -> bool {
        match self.settings.disable_on_write {
            DisableOnWrite::None => false,
            DisableOnWrite::PackageCode => self.actor == Actor::PackageCode,
            DisableOnWrite::Any => self.actor != Actor::Person,
        }
    }

    fn check_url(self, url: Option<&str>) -> Result<(), Refusal> {
        let Some(url) = url else { return Ok(()) };
        let fine = url::Url::parse(url).is_ok_and(|parsed| match parsed.scheme() {
            "https" => parsed.has_host(),
            "http" => parsed.has_host() && !self.settings.require_https_urls,
            _ => false,
        });
        if fine {
            Ok(())
        } else {
            Err(Refusal::bad(
                "INVALID_API_INPUT",
                format!("The URL {url} is not valid. Enter a valid https URL."),
            ))
        }
    }
}

fn known_type(kind: &str, known: &[&str]) -> Result<(), Refusal> {
    if known.contains(&kind) {
        return Ok(());
    }
    let message = format!("Parameter Type: bad value for restricted picklist field: {kind}");
    Err(Refusal::bad("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message))
}

fn unique<R: super::row::ParameterRow>(rows: &[R], settings: &Settings) -> Result<(), Refusal> {
    match duplicate(rows) {
        Some((kind, name)) if !settings.duplicate_parameter_rows.accepts() => Err(Refusal::bad(
            "DUPLICATE_VALUE",
            format!("duplicate value found: {kind} {name}"),
        )),
        _ => Ok(()),
    }
}

impl Org {
    /// Replaces the metadata of a Named Credential.
    pub(crate) fn write_named_credential(
        &mut self,
        id: &str,
        mut metadata: named_credential::Metadata,
        write: Write<'_>,
    ) -> Result<(), Refusal> {
        for row in &metadata.named_credential_parameters {
            known_type(&row.parameter_type, named_credential::PARAMETER_TYPES)?;
        }
        write.check_url(metadata.url())?;
        if let Some(linked) = metadata.external_credential()
            && self.external_credential(linked).is_none()
        {
            return Err(Refusal::bad(
                "INVALID_CROSS_REFERENCE_KEY",
                format!("no ExternalCredential named {linked} found"),
            ));
        }
        let mint = &mut self.mint;
        let Some(record) = self
            .named_credentials
            .iter_mut()
            .find(|record| same(&record.header.id, id))
        else {
            return Err(Refusal::not_found());
        };
        if record.header.namespace.is_some() {
            manageability::named_credential(&record.metadata, &metadata, write.settings)?;
        }
        let moved = record.metadata.url() != metadata.url()
            || record.metadata.external_credential() != metadata.external_credential()
            || record.metadata.auth_provider != metadata.auth_provider;
        if moved && write.trips_callouts() {
            metadata.callout_status = Some(CalloutStatus::Disabled);
        }
        carry_over(
            &record.metadata.named_credential_parameters,
            &mut metadata.named_credential_parameters,
            mint,
        );
        record.metadata = metadata;
        record.header.modified = write.now;
        let linked = record.metadata.external_credential().map(str::to_owned);
        if moved && write.settings.token_after_change == TokenAfterChange::Invalidate {
            self.legacy_tokens.remove(id);
        }
        if moved && let Some(linked) = linked {
            self.after_change(write, |credential| credential.header.full_name() == linked);
        }
        Ok(())
    }

    /// Replaces the metadata of an External Credential; values of principals that are gone go with them.
    pub(crate) fn write_external_credential(
        &mut self,
        id: &str,
        mut metadata: external_credential::Metadata,
        write: Write<'_>,
    ) -> Result<(), Refusal> {
        for row in &metadata.external_credential_parameters {
            known_type(&row.parameter_type, external_credential::PARAMETER_TYPES)?;
        }
        known_type(&metadata.authentication_protocol, external_credential::PROTOCOLS)?;
        let mint = &mut self.mint;
        let Some(record) = self
            .external_credentials
            .iter_mut()
            .find(|record| same(&record.header.id, id))
        else {
            return Err(Refusal::not_found());
        };
        if record.header.namespace.is_some() {
            manageability::external_credential(&record.metadata, &metadata, write.settings)?;
        }
        carry_over(
            &record.metadata.external_credential_parameters,
            &mut metadata.external_credential_parameters,
            mint,
        );
        record.metadata = metadata;
        record.header.modified = write.now;
        self.forget_lost_principals();
        Ok(())
    }

    /// Replaces the metadata of an External Auth Identity Provider.
    pub(crate) fn write_identity_provider(
        &mut self,
        id: &str,
        mut metadata: identity_provider::Metadata,
        write: Write<'_>,
    ) -> Result<(), Refusal> {
        for row in &metadata.external_auth_identity_provider_parameters {
            if !row.is_request_parameter() {
                known_type(&row.parameter_type, identity_provider::PROPERTY_TYPES)?;
            }
        }
        unique(&metadata.external_auth_identity_provider_parameters, write.settings)?;
        for kind in ["AuthorizeUrl", "TokenUrl", "UserInfoUrl"] {
            write.check_url(metadata.value(kind))?;
        }
        let mint = &mut self.mint;
        let Some(record) = self
            .identity_providers
            .iter_mut()
            .find(|record| same(&record.header.id, id))
        else {
            return Err(Refusal::not_found());
        };
        if record.header.namespace.is_some() {
            manageability::identity_provider(&record.metadata, &metadata, write.settings)?;
        }
        let old = &record.metadata.external_auth_identity_provider_parameters;
        carry_over(old, &mut metadata.external_auth_identity_provider_parameters, mint);
        let moved = ["AuthorizeUrl", "TokenUrl"]
            .iter()
            .any(|kind| record.metadata.value(kind) != metadata.value(kind));
        record.metadata = metadata;
        record.header.modified = write.now;
        let name = record.header.full_name();
        if moved {
            self.after_change(write, |credential| credential.metadata.provider_name() == Some(&name));
        }
        Ok(())
    }

    /// Stores client id and secret of a provider.
    pub(crate) fn write_provider_credentials(&mut self, full_name: &str, credentials: Credentials, write: Write<'_>) {
        if let Some(record) = self
            .identity_providers
            .iter_mut()
            .find(|record| record.header.full_name() == full_name)
        {
            record.credentials = Some(credentials);
            record.header.modified = write.now;
        }
        self.after_change(write, |credential| {
            credential.metadata.provider_name() == Some(full_name)
        });
    }

    /// Adds a local Named Credential; enabled, as an external API creates it (facts/salesforce 5.3).
    pub(crate) fn add_named_credential(&mut self, mut record: NamedCredential) {
        carry_over(&[], &mut record.metadata.named_credential_parameters, &mut self.mint);
        self.named_credentials.push(record);
    }

    pub(crate) fn add_external_credential(&mut self, mut record: ExternalCredential) {
        carry_over(&[], &mut record.metadata.external_credential_parameters, &mut self.mint);
        self.external_credentials.push(record);
    }

    pub(crate) fn add_identity_provider(&mut self, mut record: IdentityProvider) {
        carry_over(
            &[],
            &mut record.metadata.external_auth_identity_provider_parameters,
            &mut self.mint,
        );
        self.identity_providers.push(record);
    }

    /// Drops tokens and values whose principal no longer exists.
    pub(crate) fn forget_lost_principals(&mut self) {
        let ids: Vec<String> = self
            .external_credentials
            .iter()
            .flat_map(|record| record.metadata.principals())
            .map(|row| row.id.clone())
            .collect();
        self.principal_tokens.retain(|id, _| ids.contains(id));
        self.principal_values.retain(|id, _| ids.contains(id));
        self.grants
            .setup_entity_access
            .retain(|access| ids.iter().any(|id| same(id, &access.entity)));
    }

    fn after_change(&mut self, write: Write<'_>, affected: impl Fn(&ExternalCredential) -> bool) {
        if write.settings.token_after_change != TokenAfterChange::Invalidate {
            return;
        }
        for credential in self
            .external_credentials
            .iter()
            .filter(|credential| affected(credential))
        {
            for principal in credential.metadata.principals() {
                self.principal_tokens.remove(&principal.id);
            }
        }
    }
}
