//! The legacy path (facts/salesforce 7; the guide's Part D): Auth. Providers made with the package's plugin, the plugin's settings in a
//! custom metadata record, and classic Named Credentials whose token a browser brings.
//!
//! The plugin is package code: it computes its own pair of code identifier and challenge and runs against the PIM for real.

pub(crate) mod deed;
pub(crate) mod deployed;
pub(crate) mod described;
pub(crate) mod hop;
pub(crate) mod queried;
pub(crate) mod reported;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::org::{Header, Org};
use crate::settings::Settings;

/// A record of a custom metadata type; values by field name with its namespace.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PluginRecord {
    pub(crate) header: Header,
    /// The type, `ns__Type`.
    pub(crate) custom_type: String,
    pub(crate) label: String,
    pub(crate) values: BTreeMap<String, String>,
}

impl std::fmt::Debug for PluginRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PluginRecord")
            .field("name", &self.full_name())
            .finish_non_exhaustive()
    }
}

impl PluginRecord {
    /// `ns__Type.Record`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{}", self.custom_type, self.header.developer_name)
    }
}

/// An Auth. Provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuthProvider {
    pub(crate) header: Header,
    pub(crate) metadata: Metadata,
}

/// The fields of the metadata type that make a difference here (facts/salesforce 7).
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) provider_type: String,
    pub(crate) friendly_name: String,
    pub(crate) plugin: Option<String>,
    pub(crate) custom_metadata_type_record: Option<String>,
    pub(crate) execution_user: Option<String>,
    pub(crate) registration_handler: Option<String>,
    pub(crate) consumer_key: Option<String>,
    /// Taken when the provider is made and never again (facts/salesforce 7).
    pub(crate) consumer_secret: Option<String>,
    pub(crate) authorize_url: Option<String>,
    pub(crate) token_url: Option<String>,
    pub(crate) user_info_url: Option<String>,
    pub(crate) default_scopes: Option<String>,
    pub(crate) error_url: Option<String>,
    pub(crate) logout_url: Option<String>,
    pub(crate) icon_url: Option<String>,
    pub(crate) is_pkce_enabled: Option<bool>,
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Metadata")
            .field("provider_type", &self.provider_type)
            .field("plugin", &self.plugin)
            .finish_non_exhaustive()
    }
}

/// Names in the package, with its namespace.
#[derive(Debug, Clone)]
pub(crate) struct Plugin {
    pub(crate) namespace: String,
    /// `ns__Class`.
    pub(crate) class: String,
    /// `ns__Type`, without `__mdt`.
    pub(crate) custom_type: String,
    /// Field name, label.
    pub(crate) fields: Vec<(String, &'static str)>,
}

/// The plugin of the installed package.
pub(crate) fn plugin(org: &Org, settings: &Settings) -> Option<Plugin> {
    let namespace = org.package.as_ref()?.namespace.clone();
    let names = &settings.plugin;
    let full = |name: &str| format!("{namespace}__{name}");
    let fields = names.labelled().map(|(name, label)| (full(name), label)).to_vec();
    Some(Plugin {
        class: full(&names.class),
        custom_type: full(&names.custom_type),
        fields,
        namespace,
    })
}

impl Plugin {
    /// The name of the field with this label.
    pub(crate) fn field(&self, label: &str) -> &str {
        let found = self.fields.iter().find(|(_, own)| *own == label);
        found.map_or("", |(name, _)| name.as_str())
    }
}

impl Org {
    pub(crate) fn auth_provider(&self, developer_name: &str) -> Option<&AuthProvider> {
        self.auth_providers
            .iter()
            .find(|provider| provider.header.developer_name == developer_name)
    }

    pub(crate) fn plugin_record(&self, full_name: &str) -> Option<&PluginRecord> {
        self.plugin_records
            .iter()
            .find(|record| record.full_name() == full_name)
    }
}
