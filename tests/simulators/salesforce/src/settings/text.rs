//! Wordings that no public source confirms, each one a switch (facts/salesforce 10.1, 10.2, 14.3).

use serde::{Deserialize, Serialize};

/// Texts of answers that are marked UNVERIFIED in the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// Description of `access_denied` on the callback.
    pub access_denied: String,
    /// Description of `OAUTH_EC_APP_NOT_FOUND`.
    pub app_not_found: String,
    /// Description of `OAUTH_APPROVAL_ERROR_GENERIC`.
    pub approval_error: String,
    /// Description of `invalid_grant` for a user who was deactivated.
    pub inactive_user: String,
    /// Message of a 503.
    pub server_unavailable: String,
    /// Error code of a manageability refusal.
    pub manageability_code: String,
    /// Message of a manageability refusal.
    pub manageability: String,
    /// Description where a flow is not served at a login host.
    pub not_this_domain: String,
    /// Message when a user lacks a permission.
    pub no_permission: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            access_denied: "end-user denied authorization".to_owned(),
            app_not_found: "external client app not found".to_owned(),
            approval_error: "An unexpected error has occured during authentication. Please try again.".to_owned(),
            inactive_user: "inactive user".to_owned(),
            server_unavailable: "The server is unable to handle the request at this time".to_owned(),
            manageability_code: "FIELD_INTEGRITY_EXCEPTION".to_owned(),
            manageability: "Cannot modify managed object".to_owned(),
            not_this_domain: "request not supported on this domain".to_owned(),
            no_permission: "You do not have the level of access necessary to perform the operation you requested."
                .to_owned(),
        }
    }
}
