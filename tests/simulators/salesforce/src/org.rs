//! The org: its users, its package, its credentials and grants (facts/salesforce 14.1).
//!
//! Plain data and the rules that hold whichever API is used. Nothing here knows HTTP; a rule that refuses says so with a `Refusal`,
//! because its code and text are part of the rule.

pub(crate) mod external_credential;
pub(crate) mod identity_provider;
pub(crate) mod manageability;
pub(crate) mod named_credential;
pub(crate) mod package;
pub(crate) mod permission;
pub(crate) mod row;
pub(crate) mod scope;
pub(crate) mod stored;
pub(crate) mod user;
pub(crate) mod write;

use std::collections::{BTreeMap, HashMap};

use crate::client_app::ClientApp;
use crate::clock::Millis;
use crate::identifier::{Mint, same};
use crate::legacy::{AuthProvider, PluginRecord};
use crate::package_install::InstallRequest;
use crate::settings::Settings;
use external_credential::{ExternalCredential, PrincipalValue, StoredToken};
use identity_provider::IdentityProvider;
use named_credential::NamedCredential;
use package::Package;
use permission::Grants;
use serde::{Deserialize, Serialize};
use user::User;

/// What every setup record has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) id: String,
    pub(crate) developer_name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) created: Millis,
    pub(crate) modified: Millis,
}

impl Header {
    /// `ns__Name` for managed records, `Name` for local ones (facts/salesforce 1.2).
    pub(crate) fn full_name(&self) -> String {
        self.namespace.as_ref().map_or_else(
            || self.developer_name.clone(),
            |namespace| format!("{namespace}__{}", self.developer_name),
        )
    }

    /// Whether it is one of the package's `Akeneo` records, which lead to the PIM.
    pub(crate) fn is_the_packages(&self) -> bool {
        self.namespace.is_some() && self.developer_name == package::RECORD_NAME
    }

    /// A local record named by its developer name.
    pub(crate) fn local(id: String, developer_name: &str, now: Millis) -> Self {
        Self {
            id,
            developer_name: developer_name.to_owned(),
            namespace: None,
            created: now,
            modified: now,
        }
    }
}

/// API requests in the rolling day.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct ApiUsage {
    pub(crate) window_start: Millis,
    pub(crate) used: u64,
}

impl ApiUsage {
    const DAY_MS: Millis = 86_400_000;

    /// Counts one request; says no (and does not count) when the quota is used up.
    pub(crate) fn count(&mut self, now: Millis, settings: &Settings) -> bool {
        if now - self.window_start >= Self::DAY_MS {
            *self = Self {
                window_start: now,
                used: 0,
            };
        }
        let granted = self.used < settings.api_requests_max;
        if granted {
            self.used += 1;
        }
        granted
    }
}

/// One org.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Org {
    pub(crate) mint: Mint,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) instance_name: String,
    pub(crate) is_sandbox: bool,
    /// How often the sandbox was refreshed; part of its addresses.
    pub(crate) refreshes: u32,
    pub(crate) users: Vec<User>,
    pub(crate) package: Option<Package>,
    /// Installations that were asked for through the API.
    #[serde(default)]
    pub(crate) install_requests: Vec<InstallRequest>,
    pub(crate) named_credentials: Vec<NamedCredential>,
    pub(crate) external_credentials: Vec<ExternalCredential>,
    pub(crate) identity_providers: Vec<IdentityProvider>,
    /// Tokens by principal id (`0pu…`).
    pub(crate) principal_tokens: HashMap<String, StoredToken>,
    /// Values of custom and basic principals by principal id.
    pub(crate) principal_values: HashMap<String, BTreeMap<String, PrincipalValue>>,
    pub(crate) grants: Grants,
    /// Records of the plugin's custom metadata type.
    #[serde(default)]
    pub(crate) plugin_records: Vec<PluginRecord>,
    #[serde(default)]
    pub(crate) auth_providers: Vec<AuthProvider>,
    /// Tokens of classic Named Credentials by their id.
    #[serde(default)]
    pub(crate) legacy_tokens: HashMap<String, StoredToken>,
    pub(crate) api_usage: ApiUsage,
    /// Local External Client Apps.
    #[serde(default)]
    pub(crate) client_apps: Vec<ClientApp>,
    /// The two settings that together let an API session read consumer secrets (facts/salesforce 8.1).
    #[serde(default)]
    pub(crate) shows_consumer_secrets: (bool, bool),
}

impl Org {
    /// An org with people in it and nothing installed.
    pub(crate) fn new(now: Millis, is_sandbox: bool) -> Self {
        let mut mint = Mint::new();
        let id = mint.id("00D");
        let users = User::staff(&mut mint, &id);
        Self {
            mint,
            id,
            name: "Acme Corporation".to_owned(),
            instance_name: if is_sandbox { "SIM1S" } else { "SIM1" }.to_owned(),
            is_sandbox,
            refreshes: 0,
            users,
            package: None,
            install_requests: Vec::new(),
            named_credentials: Vec::new(),
            external_credentials: Vec::new(),
            identity_providers: Vec::new(),
            principal_tokens: HashMap::new(),
            principal_values: HashMap::new(),
            grants: Grants::default(),
            client_apps: Vec::new(),
            shows_consumer_secrets: (false, false),
            plugin_records: Vec::new(),
            auth_providers: Vec::new(),
            legacy_tokens: HashMap::new(),
            api_usage: ApiUsage {
                window_start: now,
                used: 0,
            },
        }
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| same(&user.id, id))
    }

    pub(crate) fn user_named(&self, username: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.username.eq_ignore_ascii_case(username))
    }

    /// The administrator, the first of the staff.
    pub(crate) fn administrator(&self) -> Option<&User> {
        self.users.first()
    }

    pub(crate) fn named_credential(&self, full_name: &str) -> Option<&NamedCredential> {
        self.named_credentials
            .iter()
            .find(|record| record.header.full_name() == full_name)
    }

    pub(crate) fn external_credential(&self, full_name: &str) -> Option<&ExternalCredential> {
        self.external_credentials
            .iter()
            .find(|record| record.header.full_name() == full_name)
    }

    pub(crate) fn identity_provider(&self, full_name: &str) -> Option<&IdentityProvider> {
        self.identity_providers
            .iter()
            .find(|record| record.header.full_name() == full_name)
    }

    /// The provider that an External Credential is linked to.
    pub(crate) fn provider_of(&self, credential: &ExternalCredential) -> Option<&IdentityProvider> {
        self.identity_provider(credential.metadata.provider_name()?)
    }
}
