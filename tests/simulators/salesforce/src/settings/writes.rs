//! Which writes of managed records, and of the records of the legacy path, the org takes, and by which way (facts/salesforce 7, 13.A, 16).

use serde::{Deserialize, Serialize};

use super::choice::{DeployPart, Verdict};

/// One switch for each write and way. What is refused is refused as a change that only the developer may make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Writes {
    /// Tooling PATCH of a managed Named Credential.
    pub tooling_named_credential: Verdict,
    /// Connect PUT of a managed Named Credential.
    pub connect_named_credential: Verdict,
    /// Metadata deploy of a managed Named Credential.
    pub deploy_named_credential: Verdict,
    /// Tooling PATCH of a managed External Auth Identity Provider.
    pub tooling_provider: Verdict,
    /// Metadata deploy of a managed External Auth Identity Provider.
    pub deploy_provider: Verdict,
    /// Client id and secret of a managed provider; there is one way only.
    pub provider_credentials: Verdict,
    /// Rows of the org's own permission sets by the data API.
    pub permission_set_rows: Verdict,
    /// Metadata deploy of permission sets.
    pub deploy_permission_set: Verdict,
    /// Metadata deploy of the settings of the plugin of a package before 3.0.
    pub deploy_plugin_settings: Verdict,
    /// Metadata deploy of Auth. Providers.
    pub deploy_auth_provider: Verdict,
    /// Metadata deploy of a classic Named Credential.
    pub deploy_classic_credential: Verdict,
    /// Tooling PATCH of a classic Named Credential.
    pub tooling_classic_credential: Verdict,
    /// What the first part of a deploy has to be called.
    pub deploy_part: DeployPart,
}

impl Default for Writes {
    fn default() -> Self {
        Self {
            tooling_named_credential: Verdict::Accept,
            connect_named_credential: Verdict::Accept,
            deploy_named_credential: Verdict::Accept,
            tooling_provider: Verdict::Accept,
            deploy_provider: Verdict::Accept,
            provider_credentials: Verdict::Accept,
            permission_set_rows: Verdict::Accept,
            deploy_permission_set: Verdict::Accept,
            deploy_plugin_settings: Verdict::Accept,
            deploy_auth_provider: Verdict::Accept,
            deploy_classic_credential: Verdict::Accept,
            tooling_classic_credential: Verdict::Accept,
            deploy_part: DeployPart::Any,
        }
    }
}
