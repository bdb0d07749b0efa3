//! The managed package: installing it, upgrading it, removing it (facts/salesforce 5.2, 9).
//!
//! Version 3 brings the three packaged records with placeholders, and a permission set; older versions bring none of them.

use super::external_credential::{self, ExternalCredential};
use super::identity_provider::{self, IdentityProvider, PLACEHOLDER, Row};
use super::named_credential::{self, CalloutStatus, NamedCredential};
use super::permission::{ObjectFlags, ObjectPermission, PermissionSet, SetupEntityAccess};
use super::row::seal;
use super::{Header, Org};
use crate::clock::Millis;
use crate::settings::{ManagedBy, Settings};
use serde::{Deserialize, Serialize};

/// Developer name of the packaged records (facts/salesforce 13.A).
pub(crate) const RECORD_NAME: &str = "Akeneo";
/// The principal of the packaged External Credential.
pub(crate) const PRINCIPAL: &str = "Default";
/// Where the packaged records point before set-up.
pub(crate) const PLACEHOLDER_URL: &str = "https://example.com";
/// The row that says who decides about a packaged Named Credential, and its value where that is the developer.
const MANAGED_BY: &str = "ManagedByNamespace";
const DEVELOPER_CONTROLLED: &str = "DeveloperControlled";
/// Name of the packaged permission set.
pub(crate) const PERMISSION_SET: &str = "Akeneo_PIM_User";

/// An installed package.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Package {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) installed_id: String,
    pub(crate) package_id: String,
    pub(crate) version_id: String,
    pub(crate) version: Version,
}

/// A package version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) patch: u32,
}

impl Version {
    /// Reads `3.2.0`; missing parts are zero.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        let mut next = || parts.next().unwrap_or(Ok(0)).ok();
        let version = Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        parts.next().is_none().then_some(version)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Org {
    /// Installs a version, or upgrades to it if the package is there.
    pub(crate) fn install(&mut self, version: Version, version_id: &str, settings: &Settings, now: Millis) {
        if self.package.is_some() {
            self.upgrade(version, version_id, settings, now);
            return;
        }
        self.package = Some(Package {
            namespace: settings.namespace.clone(),
            name: "Akeneo PIM for Salesforce".to_owned(),
            installed_id: self.mint.id("0A3"),
            package_id: self.mint.id("033"),
            version_id: version_id.to_owned(),
            version,
        });
        if version.major >= 3 {
            self.add_packaged_records(settings, now);
        }
    }

    /// Values of packaged rows stay; rows that the subscriber added are deleted; tokens survive (facts/salesforce 5.2).
    pub(crate) fn upgrade(&mut self, version: Version, version_id: &str, settings: &Settings, now: Millis) {
        let Some(package) = self.package.as_mut() else { return };
        package.version = version;
        version_id.clone_into(&mut package.version_id);
        if version.major >= 3
            && self
                .external_credential(&format!("{}__{RECORD_NAME}", settings.namespace))
                .is_none()
        {
            self.add_packaged_records(settings, now);
        }
        for named in self
            .named_credentials
            .iter_mut()
            .filter(|named| named.header.namespace.is_some())
        {
            let controlled = named.metadata.rows(MANAGED_BY).next();
            if controlled.is_some_and(|row| row.parameter_value.as_deref() == Some(DEVELOPER_CONTROLLED)) {
                // What the developer controls has the developer's values after an upgrade (facts/salesforce 2.4).
                named.metadata.set_url(PLACEHOLDER_URL);
                named.metadata.callout_status = Some(CalloutStatus::Disabled);
            }
        }
        for provider in self
            .identity_providers
            .iter_mut()
            .filter(|provider| provider.header.namespace.is_some())
        {
            provider
                .metadata
                .external_auth_identity_provider_parameters
                .retain(|row| row.packaged || !row.is_request_parameter());
        }
    }

    /// Removes the package with everything that it brought.
    pub(crate) fn uninstall(&mut self) {
        let Some(package) = self.package.take() else { return };
        let namespace = Some(package.namespace);
        self.named_credentials
            .retain(|record| record.header.namespace != namespace);
        self.external_credentials
            .retain(|record| record.header.namespace != namespace);
        self.identity_providers
            .retain(|record| record.header.namespace != namespace);
        let sets: Vec<String> = self
            .grants
            .permission_sets
            .iter()
            .filter(|set| set.namespace == namespace)
            .map(|set| set.id.clone())
            .collect();
        for set in sets {
            self.grants.drop_set(&set);
        }
        self.forget_lost_principals();
    }

    fn add_packaged_records(&mut self, settings: &Settings, now: Millis) {
        let full_name = format!("{}__{RECORD_NAME}", settings.namespace);
        let mut header = |prefix: &str| Header {
            id: self.mint.id(prefix),
            developer_name: RECORD_NAME.to_owned(),
            namespace: Some(settings.namespace.clone()),
            created: now,
            modified: now,
        };
        let headers = (header("0XA"), header("0pt"), header(&settings.eaip_id_prefix));
        let mut named = NamedCredential {
            header: headers.0,
            metadata: named_credential::Metadata::secured(RECORD_NAME, PLACEHOLDER_URL, &full_name),
        };
        let managed_by = match settings.named_credential_managed_by {
            ManagedBy::Unsaid => None,
            ManagedBy::Subscriber => Some("SubscriberControlled"),
            ManagedBy::Developer => Some(DEVELOPER_CONTROLLED),
        };
        let rows = &mut named.metadata.named_credential_parameters;
        rows.extend(managed_by.map(|value| named_credential::Row {
            parameter_name: MANAGED_BY.to_owned(),
            parameter_type: MANAGED_BY.to_owned(),
            parameter_value: Some(value.to_owned()),
            ..named_credential::Row::default()
        }));
        let mut external = ExternalCredential {
            header: headers.1,
            metadata: packaged_external(&full_name),
        };
        let mut provider = IdentityProvider {
            header: headers.2,
            metadata: packaged_provider(),
            credentials: None,
        };
        seal(&mut named.metadata.named_credential_parameters, &mut self.mint);
        seal(&mut external.metadata.external_credential_parameters, &mut self.mint);
        seal(
            &mut provider.metadata.external_auth_identity_provider_parameters,
            &mut self.mint,
        );
        let principal = external.metadata.principals().map(|row| row.id.clone()).next();
        // An upgrade brings back what is gone and leaves what is there.
        if self.named_credential(&full_name).is_none() {
            self.named_credentials.push(named);
        }
        self.external_credentials.push(external);
        if self.identity_provider(&full_name).is_none() {
            self.identity_providers.push(provider);
        }
        self.apply_scope(settings);
        if let Some(principal) = principal {
            self.add_packaged_permission_set(&principal, settings);
        }
        self.add_self_records(settings, now);
    }

    fn add_packaged_permission_set(&mut self, principal: &str, settings: &Settings) {
        let sets = self.grants.permission_sets.iter();
        let mut known = sets.filter(|set| set.namespace.as_deref() == Some(&settings.namespace));
        if let Some(id) = known.next().map(|set| set.id.clone()) {
            let access = SetupEntityAccess {
                id: self.mint.id("0J0"),
                parent: id,
                entity: principal.to_owned(),
            };
            self.grants.setup_entity_access.push(access);
            return;
        }
        let id = self.mint.id("0PS");
        self.grants.permission_sets.push(PermissionSet {
            id: id.clone(),
            name: PERMISSION_SET.to_owned(),
            label: "Akeneo PIM User".to_owned(),
            description: None,
            namespace: Some(settings.namespace.clone()),
        });
        let access = SetupEntityAccess {
            id: self.mint.id("0J0"),
            parent: id.clone(),
            entity: principal.to_owned(),
        };
        self.grants.setup_entity_access.push(access);
        if !settings.uec_read_lost_at_install {
            let object = ObjectPermission {
                id: self.mint.id("110"),
                parent: id,
                object: "UserExternalCredential".to_owned(),
                flags: ObjectFlags {
                    read: true,
                    ..ObjectFlags::default()
                },
            };
            self.grants.object_permissions.push(object);
        }
    }
}

fn packaged_external(full_name: &str) -> external_credential::Metadata {
    let mut link = external_credential::Row::new(
        "ExternalAuthIdentityProvider",
        "ExternalAuthIdentityProvider",
        Some(full_name),
    );
    link.external_auth_identity_provider = Some(full_name.to_owned());
    external_credential::Metadata {
        authentication_protocol: "Oauth".to_owned(),
        description: None,
        external_credential_parameters: vec![
            link,
            external_credential::Row::principal(PRINCIPAL, "NamedPrincipal", Some(1)),
        ],
        label: RECORD_NAME.to_owned(),
    }
}

/// The PIM reads the client id from the form, so the packaged provider posts its credentials (facts/akeneo 3.1, 3.2).
fn packaged_provider() -> identity_provider::Metadata {
    identity_provider::Metadata {
        authentication_flow: "AuthorizationCode".to_owned(),
        authentication_protocol: "OAuth".to_owned(),
        description: Some("Akeneo PIM".to_owned()),
        external_auth_identity_provider_parameters: vec![
            Row::property("AuthorizeUrl", &format!("{PLACEHOLDER_URL}/connect/apps/v1/authorize")),
            Row::property("TokenUrl", &format!("{PLACEHOLDER_URL}/connect/apps/v1/oauth2/token")),
            Row::property("ClientAuthentication", "ClientSecretPost"),
            Row::new("TokenRequestBodyParameter", "code_identifier", PLACEHOLDER, Some(1)),
            Row::new("TokenRequestBodyParameter", "code_challenge", PLACEHOLDER, Some(2)),
        ],
        label: RECORD_NAME.to_owned(),
    }
}
