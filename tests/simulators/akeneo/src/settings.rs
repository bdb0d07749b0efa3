//! The knobs (facts/akeneo 10.3, and 12 for everything that is UNVERIFIED or INFERRED).
//!
//! A knob describes how the PIM is or was decided to behave; faults that hit single requests are in [`crate::fault`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::credential::TokenFormat;

/// What a person of the PIM may do (facts/akeneo 8, 10.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserAcls {
    /// "Manage apps": consent, change scopes, disconnect.
    pub manage_apps: bool,
    /// "Open apps": open connected apps only.
    pub open_apps: bool,
    /// "Create and delete custom apps".
    pub manage_custom_apps: bool,
}

/// What the person at the consent screen does without being asked (facts/akeneo 10.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserDecision {
    /// The page waits for a person or a test.
    #[default]
    Ask,
    /// The page confirms by itself.
    Accept,
    /// The page cancels by itself: back to the app store, the callback is never called.
    Cancel,
    /// The page offers no way to decide.
    NeverAnswer,
}

/// Shape of a 401 body (facts/akeneo 7.3: which one SaaS sends is UNVERIFIED).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnauthorizedStyle {
    /// `{"code":401,"message":…}`.
    #[default]
    Akeneo,
    /// `{"error":…,"error_description":…}` with `WWW-Authenticate`.
    Fos,
}

/// How a 429 tells when to come back (facts/akeneo 7.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfterStyle {
    /// `Retry-After: 15`.
    #[default]
    Seconds,
    /// `Retry-After: Sun, 06 Nov 1994 08:49:37 GMT`.
    HttpDate,
    /// No header.
    Absent,
}

/// Wording of the 403 of catalogs (facts/akeneo 7.1: the code and the documentation differ).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogWording {
    /// "access app catalogs", as the code says.
    #[default]
    Code,
    /// "list catalogs", as the documentation says.
    Documentation,
}

/// Everything that can be set. `PATCH /_simulator/settings` merges into it (RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `version` of system-information.
    pub version: String,
    /// `edition` of system-information.
    pub edition: String,
    /// Feature flag `marketplace_activate`: off answers 404 on all of the Apps endpoints.
    pub marketplace_activate: bool,
    /// Feature flag `catalogs`: off (PaaS, CE) drops the catalog scopes in silence and has no `/catalogs`.
    pub catalogs: bool,
    /// Whether the Enterprise scopes exist.
    pub enterprise_scopes: bool,
    /// Whether the consent screen has the Enterprise steps "permissions" and "summary" (facts/akeneo 1.3).
    pub permission_step: bool,
    /// The clock stands still.
    pub clock_frozen: bool,
    /// Life of a code in seconds; expired when older than that.
    pub code_lifetime_seconds: i64,
    /// Most custom apps (facts/akeneo 8).
    pub custom_app_limit: usize,
    /// Most connections and connected apps together (facts/akeneo 2).
    pub connection_limit: usize,
    /// Connections that exist besides the connected apps; they count towards the limit.
    pub other_connections: usize,
    /// Who can log in, with any password.
    pub users: BTreeMap<String, UserAcls>,
    /// Scopes whose permission an administrator has taken from the apps' roles; the scope strings stay.
    pub removed_role_acls: BTreeSet<String>,
    /// The permission "Overall Web API access" of the apps' roles.
    pub web_api_access: bool,
    /// What the person at the consent screen does.
    pub user_decision: UserDecision,
    /// `pim_url` ends with a slash, as on PaaS and on-premises.
    pub pim_url_trailing_slash: bool,
    /// After login the browser returns to where it wanted to go (INFERRED); off leads to the dashboard.
    pub return_to_target: bool,
    /// Authorize without any scope on a connected app overwrites the stored scopes with nothing (INFERRED); off keeps them.
    pub empty_scope_overwrites: bool,
    /// The token endpoint reads JSON bodies (UNVERIFIED).
    pub token_reads_json: bool,
    /// The token answer carries `Cache-Control: no-store`; off is the framework's `no-cache, private` (INFERRED).
    pub token_no_store: bool,
    /// Shape of codes and tokens (newest content UNVERIFIED).
    pub token_format: TokenFormat,
    /// A connected custom app must be disconnected before it can be deleted (UNVERIFIED).
    pub delete_requires_disconnect: bool,
    /// 401 body without a token (UNVERIFIED).
    pub missing_token_style: UnauthorizedStyle,
    /// 401 body of an unknown or revoked token (INFERRED).
    pub invalid_token_style: UnauthorizedStyle,
    /// system-information wants a token (UNVERIFIED).
    pub system_information_needs_token: bool,
    /// 403 comes before 404 on attribute options (INFERRED).
    pub options_acl_before_lookup: bool,
    /// Wording of the 403 of catalogs.
    pub catalog_wording: CatalogWording,
    /// Catalogs that an app owns from its first connection on.
    pub catalogs_per_app: usize,
    /// Those catalogs are disabled: their products answer 200 with `error`.
    pub catalogs_disabled: bool,
    /// Wrong firewall order: the API answers 302 to `/user/login`.
    pub api_redirects_to_login: bool,
    /// A web server strips the Authorization header: 401 with a valid token.
    pub strip_authorization: bool,
    /// Requests per second to the API of the whole PIM before 429, in real seconds (facts/akeneo 7.4: 100); 0 is no limit.
    pub requests_per_second: usize,
    /// Calls at the same time with one token before 429 (facts/akeneo 7.4); 0 is no limit.
    pub concurrent_calls_per_connection: usize,
    /// Calls at the same time of the whole PIM before 429; 0 is no limit.
    pub concurrent_calls: usize,
    /// Header of the 429 answers.
    pub retry_after: RetryAfterStyle,
    /// Seconds in that header.
    pub retry_after_seconds: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let acls = |manage_apps, open_apps, manage_custom_apps| UserAcls {
            manage_apps,
            open_apps,
            manage_custom_apps,
        };
        Self {
            version: "v20261101000000".to_owned(),
            edition: "Serenity".to_owned(),
            marketplace_activate: true,
            catalogs: true,
            enterprise_scopes: true,
            permission_step: false,
            clock_frozen: false,
            code_lifetime_seconds: 30,
            custom_app_limit: 20,
            connection_limit: 50,
            other_connections: 0,
            users: BTreeMap::from([
                ("admin".to_owned(), acls(true, true, true)),
                ("opener".to_owned(), acls(false, true, false)),
                ("viewer".to_owned(), acls(false, false, false)),
            ]),
            removed_role_acls: BTreeSet::new(),
            web_api_access: true,
            user_decision: UserDecision::Ask,
            pim_url_trailing_slash: false,
            return_to_target: true,
            empty_scope_overwrites: true,
            token_reads_json: false,
            token_no_store: false,
            token_format: TokenFormat::Base64,
            delete_requires_disconnect: false,
            missing_token_style: UnauthorizedStyle::Akeneo,
            invalid_token_style: UnauthorizedStyle::Akeneo,
            system_information_needs_token: false,
            options_acl_before_lookup: true,
            catalog_wording: CatalogWording::Code,
            catalogs_per_app: 1,
            catalogs_disabled: false,
            api_redirects_to_login: false,
            strip_authorization: false,
            requests_per_second: 0,
            concurrent_calls_per_connection: 4,
            concurrent_calls: 10,
            retry_after: RetryAfterStyle::Seconds,
            retry_after_seconds: 15,
        }
    }
}

impl Settings {
    /// These settings with a JSON merge patch applied (RFC 7396: null removes, that is, resets to the default).
    pub fn patched(&self, patch: serde_json::Value) -> Result<Self, serde_json::Error> {
        let mut document = serde_json::to_value(self)?;
        merge(&mut document, patch);
        serde_json::from_value(document)
    }
}

fn merge(target: &mut serde_json::Value, patch: serde_json::Value) {
    use serde_json::Value;
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(&name);
                } else {
                    merge(target.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch @ Value::Object(_)) => {
            *target = Value::Object(serde_json::Map::new());
            merge(target, patch);
        }
        (target, patch) => *target = patch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_touches_only_what_it_names() {
        let patched = Settings::default()
            .patched(json!({"users": {"admin": {"manage_apps": false}}, "catalogs": false, "retry_after": "http_date"}))
            .expect("a valid patch");
        assert!(!patched.users["admin"].manage_apps);
        assert!(patched.users["admin"].open_apps);
        assert!(!patched.catalogs);
        assert_eq!(patched.retry_after, RetryAfterStyle::HttpDate);
        assert!(
            patched
                .patched(json!({"catalogs": null}))
                .expect("a valid patch")
                .catalogs
        );
    }

    #[test]
    fn an_unknown_knob_is_refused() {
        assert!(Settings::default().patched(json!({"marketplace": false})).is_err());
    }
}
