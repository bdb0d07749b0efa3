//! What can differ in an org with a package before 3.0, and how its authorization is known.

use serde::{Deserialize, Serialize};

use crate::connection::Task;

/// A difference that only this path has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegacyFinding {
    /// The package shows no plugin that fits the guide, or more than one.
    PluginUnknown,
    /// The plugin's settings are missing or other ones.
    Settings,
    /// The Auth. Provider is missing or has other settings.
    Provider,
    /// The Auth. Provider `Akeneo` was not made with the plugin. That cannot be changed.
    ForeignProvider,
    /// The Named Credential `Akeneo` is not of the classic kind. That cannot be changed.
    NameTaken,
    /// The Named Credential is missing or not as the guide prescribes.
    Credential,
    /// The External Credential of the headless way is missing or has other settings.
    TokenCredential,
    /// It does not hold the token that we have now.
    StoredToken,
    /// The Named Credential of the headless way is missing or has other settings.
    TokenNamedCredential,
    /// Records of the headless way are there and not wanted any more.
    TokenRecords,
}

impl LegacyFinding {
    /// Whether a person has to act in the org.
    #[must_use]
    pub fn needs_a_person(self) -> bool {
        matches!(self, Self::PluginUnknown | Self::ForeignProvider | Self::NameTaken)
    }

    /// What a person does about it where the service cannot.
    #[must_use]
    pub fn task(self) -> Option<Task> {
        match self {
            Self::PluginUnknown | Self::Settings | Self::Provider => Some(Task::AuthProvider),
            Self::Credential => Some(Task::ClassicCredential),
            Self::ForeignProvider
            | Self::NameTaken
            | Self::TokenCredential
            | Self::StoredToken
            | Self::TokenNamedCredential
            | Self::TokenRecords => None,
        }
    }

    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PluginUnknown => "legacy_plugin_unknown",
            Self::Settings => "legacy_settings",
            Self::Provider => "legacy_provider",
            Self::ForeignProvider => "legacy_foreign_provider",
            Self::NameTaken => "legacy_name_taken",
            Self::Credential => "legacy_credential",
            Self::TokenCredential => "legacy_token_credential",
            Self::StoredToken => "legacy_stored_token",
            Self::TokenNamedCredential => "legacy_token_named_credential",
            Self::TokenRecords => "legacy_token_records",
        }
    }

    /// What it is and, where a person is needed, what to do; whole sentences.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::PluginUnknown => {
                "The installed package does not show the Auth. Provider plugin that the guide describes for versions below 3.0, so this \
                 service cannot make the Auth. Provider. Upgrade the package “Akeneo PIM for Salesforce” to version 3.0 or higher, or \
                 make the Auth. Provider as the page “Set up Salesforce by hand” shows, then check again."
            }
            Self::Settings => "The settings of the package’s Auth. Provider plugin are not those of the PIM yet.",
            Self::Provider => "The Auth. Provider “Akeneo” does not use the package’s plugin with these settings yet.",
            Self::ForeignProvider => {
                "In Setup > Identity > Auth. Providers, “Akeneo” was not made with the package’s plugin, and Salesforce lets \
                 nobody change the type or the consumer secret of a provider. If the Named Credential “Akeneo” uses it, delete \
                 that one first (Setup > Security > Named Credentials), then delete the Auth. Provider, then check again. Both are \
                 made anew by this service, and Salesforce asks for its authorization once more."
            }
            Self::NameTaken => {
                "In Setup > Security > Named Credentials, “Akeneo” is not a classic (legacy) Named Credential, and its kind \
                 cannot be changed. The package needs a classic one of exactly this name. Delete it or give it another name, then \
                 check again; the classic one is made by this service."
            }
            Self::Credential => "The Named Credential “Akeneo” is not set up as the guide prescribes yet.",
            Self::TokenCredential => "The External Credential “Akeneo_Token” of this service is not set up yet.",
            Self::StoredToken => "The External Credential “Akeneo_Token” does not have the token yet.",
            Self::TokenNamedCredential => "The Named Credential “Akeneo” is not set up by this service yet.",
            Self::TokenRecords => {
                "The External Credential “Akeneo_Token” and the Named Credential that this service made for it are not needed any more. \
                 The service takes them away."
            }
        }
    }
}

/// How it is known that the org is authorized in the PIM; an org tells no status for a classic Named Credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A callout of the org's own reached the PIM.
    Callout,
    /// The authorization passed through our callback, and our own token works, which is the same one (design section 5). The org
    /// lets us make no callout.
    Relay,
}

impl Evidence {
    /// In words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Callout => "a callout from Salesforce reached the PIM",
            Self::Relay => {
                "the authorization passed through our callback; Salesforce did not let us make a test callout, because the \
                 connected user may not run anonymous Apex"
            }
        }
    }
}
