//! OAuth clients: what an External Client App is to the authorization server.

use serde::{Deserialize, Serialize};

/// A registered client.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthClient {
    /// Consumer key.
    pub client_id: String,
    /// Consumer secret.
    pub client_secret: String,
    /// Redirect URIs, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Whether it was made in this org, which then needs nobody's installation.
    #[serde(default)]
    pub local: bool,
}

impl Default for OAuthClient {
    /// A client that can do nothing until it gets a redirect URI.
    fn default() -> Self {
        Self {
            client_id: "3MVG9SIMULATOR.vendor_external_client_app".to_owned(),
            client_secret: "51M0000000000000000000000000000000000000000000000000000000000ECA".to_owned(),
            redirect_uris: Vec::new(),
            local: false,
        }
    }
}

impl std::fmt::Debug for OAuthClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OAuthClient")
            .field("client_id", &self.client_id)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}
