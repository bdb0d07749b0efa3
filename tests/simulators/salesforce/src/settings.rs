//! Every switch of the org: one for each contested or unverified point (facts/salesforce 14.3) and the knobs that tests need.
//!
//! A switch is read at the moment it matters, so that a change takes effect at once. The few that shape records (names, prefixes) are
//! read when a preset builds the org; their documentation says so. Nothing else in this crate may hide a choice about Salesforce.

mod choice;
mod install;
mod plugin;
mod text;
mod writes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

pub use choice::{
    AppInstallation, AppKeysOnDeploy, Approval, Conflict, CredentialsShape, DeployPart, DisableOnWrite, EarlyApp,
    LegacyCode, Login, ManageabilityStatus, ManagedBy, NullKeys, OauthToken, PatchSuccess, PkceMismatch, RevokeUnknown,
    ScopeCarrier, SingleAccess, TokenAfterChange, Verdict,
};
pub use install::InstallSettings;
pub use plugin::PluginNames;
pub use text::Texts;
pub use writes::Writes;

/// The nine scopes of the seed document, which the packaged provider asks for.
pub const NINE_SCOPES: &str = "read_products read_catalog_structure read_channel_settings read_channel_localization read_attribute_options read_catalogs write_catalogs delete_catalogs read_categories";

/// The org's switches. Serialized names are the field names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Oldest API version served.
    pub version_min: u32,
    /// Newest API version served.
    pub version_max: u32,
    /// Quota of API requests in 24 hours.
    pub api_requests_max: u64,

    /// Whether a refresh hands out a new refresh token and ends the old one (facts/salesforce 10.3).
    pub refresh_rotation: bool,
    /// Whether the code flow insists on PKCE.
    pub require_pkce: bool,
    /// Error code when verifier and challenge disagree.
    pub pkce_mismatch_error: PkceMismatch,
    /// Life of an authorization code.
    pub code_lifetime_seconds: i64,
    /// Whether an exchange that fails after the code was found uses it up.
    pub failed_exchange_consumes_code: bool,
    /// Life of an access token without use.
    pub session_timeout_seconds: i64,
    /// Life of a refresh token without use; 0 for ever.
    pub refresh_idle_seconds: i64,
    /// Approvals per user and client; one more revokes the oldest.
    pub max_approvals: usize,
    /// What the approval page does.
    pub approval: Approval,
    /// Whether a person has to log in.
    pub login: Login,
    /// Password of every user on the login page.
    pub password: String,
    /// Whether the org knows the OAuth client.
    pub app_installation: AppInstallation,
    /// Answer to the revocation of an unknown token.
    pub revoke_unknown_token: RevokeUnknown,
    /// Which access tokens open a browser's session (facts/salesforce 4.4).
    pub single_access: SingleAccess,
    /// Origin of identity URLs; this server unless set.
    pub id_base: Option<Url>,

    /// Null keys in Connect answers.
    pub null_keys: NullKeys,
    /// Tooling PATCH that changes `calloutStatus` of a managed Named Credential.
    pub tooling_callout_status: Verdict,
    /// Connect PUT on a managed External Auth Identity Provider.
    pub connect_put_managed_eaip: Verdict,
    /// A write that repeats the unchanged label of a managed Named Credential.
    pub resend_developer_only: Verdict,
    /// Second POST of provider credentials.
    pub second_credentials_post: Conflict,
    /// The key `externalAuthIdentityProvider` in the body of a credentials POST.
    pub extra_eaip_credentials_key: Verdict,
    /// What GET shows of provider credentials that are set.
    pub eaip_credentials_shape: CredentialsShape,
    /// Success of a Tooling PATCH.
    pub tooling_patch_success: PatchSuccess,
    /// Who switches callouts off by changing an endpoint (facts/salesforce 5.3).
    pub disable_on_write: DisableOnWrite,
    /// What becomes of a principal's token when URLs or credentials change.
    pub token_after_change: TokenAfterChange,
    /// Status of a manageability refusal.
    pub manageability_status: ManageabilityStatus,
    /// Keys `accessToken` and `refreshToken` on `credential`.
    pub direct_token_keys: Verdict,
    /// A second parameter row with the same type and name.
    pub duplicate_parameter_rows: Verdict,
    /// Which writes are taken, by which way.
    pub writes: Writes,
    /// Whether URLs must be https; off, since everything here runs on loopback.
    pub require_https_urls: bool,
    /// Whether the limit on concurrent requests has the code of the daily limit.
    pub concurrent_limit_shares_code: bool,
    /// How many polls a deploy stays in progress.
    pub deploy_polls: u32,
    /// With a text, every deploy fails with it (facts/salesforce 14.4 items 16 and 17).
    pub deploy_problem: Option<String>,
    /// Anonymous Apex that calls through a managed Named Credential.
    pub execute_anonymous_managed: Verdict,

    /// The provider's callback URL; `{base}`, `{full_name}` and `{generation}` (empty, then `_1` … after sandbox refreshes) are filled in.
    pub callback_url: String,
    /// Id prefix of External Auth Identity Providers; read when a preset builds the org.
    pub eaip_id_prefix: String,
    /// The callback reached with a `state` that the org did not issue.
    pub relay_unknown_state: Verdict,
    /// The callback reached by a browser other than the one that started.
    pub relay_foreign_browser: Verdict,
    /// Life of an authentication URL.
    pub authentication_url_lifetime_seconds: i64,
    /// A `returnUrl` on another origin.
    pub foreign_return_url: Verdict,
    /// Scopes that the org asks the PIM for.
    pub org_scope: String,
    /// Where the org keeps these scopes.
    pub org_scope_carrier: ScopeCarrier,

    /// Namespace of the package; read when a package is installed.
    pub namespace: String,
    /// Version of the package that an installation brings, `major.minor.patch`.
    pub package_version: String,
    /// The id behind the install link when the link does not name one.
    pub package_version_id: String,
    /// What the packaged Named Credential says about who decides; read when a package is installed.
    pub named_credential_managed_by: ManagedBy,
    /// Whether the packaged permission set loses its read on `UserExternalCredential` when installed (facts/salesforce 6).
    pub uec_read_lost_at_install: bool,
    /// Error codes by username: users whose licence, profile or type does not take a permission set.
    pub refused_assignments: BTreeMap<String, String>,
    /// How an installation through the API goes.
    pub install: InstallSettings,

    /// Names inside a package before 3.0 (facts/salesforce 7).
    pub plugin: PluginNames,
    /// Whether the plugin's settings can be queried.
    pub plugin_record_query: Verdict,
    /// Whether a query shows an Auth. Provider's plugin and its settings' record.
    pub auth_provider_details: Verdict,
    /// What a deployed `oauthToken` of a classic Named Credential does (facts/salesforce 7).
    pub legacy_oauth_token: OauthToken,
    /// What the package's code does before 3.0 with an External Credential of the customer's (facts/salesforce 7, 14.3).
    pub legacy_custom_credential: LegacyCode,

    /// Whether the package brings records for picklist synchronisation; read when a package is installed.
    pub self_packaged: bool,
    /// Developer name of these records; read when a package is installed.
    pub self_record_name: String,
    /// The version from which Connect takes the flow `ClientCredentials` (facts/salesforce 8.3).
    pub client_credentials_flow_min_version: u32,
    /// How long Salesforce does not know a new External Client App.
    pub client_app_propagation_seconds: i64,
    /// What it says of the app in that time.
    pub client_app_early_error: EarlyApp,
    /// What a deploy does with the key and the secret that it carries.
    pub client_app_keys_on_deploy: AppKeysOnDeploy,
    /// Whether the connecting user may read an app's key and secret.
    pub client_app_keys: Verdict,

    /// Wordings that no public source confirms.
    pub texts: Texts,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version_min: 31,
            version_max: 67,
            api_requests_max: 15_000,
            refresh_rotation: true,
            require_pkce: true,
            pkce_mismatch_error: PkceMismatch::InvalidGrant,
            code_lifetime_seconds: 60,
            failed_exchange_consumes_code: true,
            session_timeout_seconds: 7200,
            refresh_idle_seconds: 30 * 86_400,
            max_approvals: 5,
            approval: Approval::Ask,
            login: Login::Form,
            password: "simulator".to_owned(),
            app_installation: AppInstallation::Installed,
            revoke_unknown_token: RevokeUnknown::Ok,
            single_access: SingleAccess::WebOrFull,
            id_base: None,
            null_keys: NullKeys::Emit,
            tooling_callout_status: Verdict::Accept,
            connect_put_managed_eaip: Verdict::Accept,
            resend_developer_only: Verdict::Accept,
            second_credentials_post: Conflict::Conflict,
            extra_eaip_credentials_key: Verdict::Reject,
            eaip_credentials_shape: CredentialsShape::NameOnly,
            tooling_patch_success: PatchSuccess::NoContent,
            disable_on_write: DisableOnWrite::PackageCode,
            token_after_change: TokenAfterChange::Keep,
            manageability_status: ManageabilityStatus::BadRequest,
            direct_token_keys: Verdict::Reject,
            duplicate_parameter_rows: Verdict::Accept,
            writes: Writes::default(),
            require_https_urls: false,
            concurrent_limit_shares_code: true,
            deploy_polls: 1,
            deploy_problem: None,
            execute_anonymous_managed: Verdict::Accept,
            callback_url: "{base}services/authcallback/{full_name}{generation}".to_owned(),
            eaip_id_prefix: "0so".to_owned(),
            relay_unknown_state: Verdict::Reject,
            relay_foreign_browser: Verdict::Reject,
            authentication_url_lifetime_seconds: 600,
            foreign_return_url: Verdict::Reject,
            org_scope: NINE_SCOPES.to_owned(),
            org_scope_carrier: ScopeCarrier::AuthorizeRequestQueryParameter,
            namespace: "akeneo_pim".to_owned(),
            package_version: "3.2.0".to_owned(),
            package_version_id: "04tHs000000SIM3EAA".to_owned(),
            named_credential_managed_by: ManagedBy::Unsaid,
            uec_read_lost_at_install: false,
            refused_assignments: BTreeMap::new(),
            install: InstallSettings::default(),
            plugin: PluginNames::default(),
            plugin_record_query: Verdict::Accept,
            auth_provider_details: Verdict::Accept,
            legacy_oauth_token: OauthToken::Ignored,
            legacy_custom_credential: LegacyCode::Fails,
            self_packaged: false,
            self_record_name: "Salesforce_Self".to_owned(),
            client_credentials_flow_min_version: 64,
            client_app_propagation_seconds: 0,
            client_app_early_error: EarlyApp::InvalidClientId,
            client_app_keys_on_deploy: AppKeysOnDeploy::Ignored,
            client_app_keys: Verdict::Accept,
            texts: Texts::default(),
        }
    }
}

impl Settings {
    /// These settings with a merge patch applied (RFC 7396); unknown names and wrong values are refused.
    pub(crate) fn patched(&self, patch: &Value) -> Result<Self, serde_json::Error> {
        let mut merged = serde_json::to_value(self)?;
        merge(&mut merged, patch);
        serde_json::from_value(merged)
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(fields) = target {
        for (name, change) in changes {
            if change.is_null() {
                // A null puts the default back: every field has one.
                fields.remove(name);
            } else {
                merge(fields.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use serde_json::json;

    #[test]
    fn a_patch_changes_what_it_names_and_null_restores_the_default() {
        let start = Settings::default();
        let patched = start
            .patched(&json!({ "code_lifetime_seconds": 5, "texts": { "inactive_user": "gone" } }))
            .unwrap();
        assert_eq!(patched.code_lifetime_seconds, 5);
        assert_eq!(patched.texts.inactive_user, "gone");
        assert_eq!(patched.texts.access_denied, start.texts.access_denied);
        assert_eq!(
            patched
                .patched(&json!({ "code_lifetime_seconds": null, "texts": null }))
                .unwrap(),
            start
        );
    }

    #[test]
    fn unknown_names_and_values_are_refused() {
        assert!(Settings::default().patched(&json!({ "no_such": 1 })).is_err());
        assert!(Settings::default().patched(&json!({ "approval": "perhaps" })).is_err());
    }
}
