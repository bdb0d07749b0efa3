//! Names inside the package before 3.0: its Auth. Provider plugin and the custom metadata type with the plugin's settings.
//!
//! No public source tells them (facts/salesforce 7, 14.3); the labels are those of the guide's form.

use serde::{Deserialize, Serialize};

/// API names without the namespace. Read when the plugin is described, queried or run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PluginNames {
    /// The Apex class of the plugin.
    pub class: String,
    /// The custom metadata type, without `__mdt`.
    pub custom_type: String,
    /// Field "Client ID".
    pub client_id: String,
    /// Field "Client Secret".
    pub client_secret: String,
    /// Field "Authorize Endpoint".
    pub authorize_endpoint: String,
    /// Field "Token Endpoint".
    pub token_endpoint: String,
    /// Field "Base Endpoint".
    pub base_endpoint: String,
    /// Field "Authentication Scopes".
    pub scopes: String,
}

impl Default for PluginNames {
    fn default() -> Self {
        Self {
            class: "AkeneoAuthProvider".to_owned(),
            custom_type: "Akeneo_Auth_Provider".to_owned(),
            client_id: "Client_Id__c".to_owned(),
            client_secret: "Client_Secret__c".to_owned(),
            authorize_endpoint: "Authorize_Endpoint__c".to_owned(),
            token_endpoint: "Token_Endpoint__c".to_owned(),
            base_endpoint: "Base_Endpoint__c".to_owned(),
            scopes: "Authentication_Scopes__c".to_owned(),
        }
    }
}

impl PluginNames {
    /// The fields with the labels of the guide's form.
    pub(crate) fn labelled(&self) -> [(&str, &'static str); 6] {
        [
            (&self.client_id, "Client ID"),
            (&self.client_secret, "Client Secret"),
            (&self.authorize_endpoint, "Authorize Endpoint"),
            (&self.token_endpoint, "Token Endpoint"),
            (&self.base_endpoint, "Base Endpoint"),
            (&self.scopes, "Authentication Scopes"),
        ]
    }
}
