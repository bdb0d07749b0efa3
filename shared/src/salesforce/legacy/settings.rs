//! The plugin's settings: one record of its custom metadata type (facts/salesforce 7). The client secret stands in it, readable by the
//! org's administrators; the package wants it there.

use serde_json::{Map, Value};
use url::Url;

use super::super::api::{ApiError, Org, literal};
use super::super::deploy::{Component, xml};
use super::plugin::{Plugin, Setting};
use super::{NAME, SCOPES};
use crate::secret::{AccessToken, ClientSecret, Sensitive};

/// What the plugin and the Named Credential should be told (the guide's tables).
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The Custom App's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// The PIM's Authorize URL.
    pub authorize: Url,
    /// The PIM's Token URL.
    pub token: Url,
    /// The PIM.
    pub base: Url,
    /// The token that the plugin would be given for these credentials and scopes, if we hold it: Akeneo has one for both sides (design
    /// section 5).
    pub our_token: Option<AccessToken>,
}

impl Wanted {
    fn value(&self, setting: Setting) -> &str {
        match setting {
            Setting::ClientId => &self.client_id,
            Setting::ClientSecret => self.client_secret.expose(),
            Setting::AuthorizeEndpoint => self.authorize.as_str(),
            Setting::TokenEndpoint => self.token.as_str(),
            Setting::BaseEndpoint => bare(&self.base),
            Setting::Scopes => SCOPES,
        }
    }
}

/// A base URL as the guide writes it: without a trailing slash.
pub(super) fn bare(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

/// The settings as they stand, compared at once so that the secret goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsState {
    /// There is no record.
    Absent,
    /// This user may not read it.
    Hidden,
    /// There is one.
    Present {
        /// Whether every value is as wanted.
        equal: bool,
        /// Whether client id and token endpoint are, so that a token issued with them is the wanted app's.
        same_app: bool,
    },
}

/// Reads the record and compares it.
///
/// # Errors
/// [`ApiError`]; a refusal to read it is no error.
pub async fn read(org: &Org, plugin: &Plugin, wanted: Option<&Wanted>) -> Result<SettingsState, ApiError> {
    let columns: Vec<&str> = Setting::ALL.iter().map(|setting| plugin.field(*setting)).collect();
    let soql = format!(
        "SELECT {} FROM {}__mdt WHERE DeveloperName={}",
        columns.join(","),
        plugin.custom_type,
        literal(NAME)
    );
    let rows: Vec<Map<String, Value>> = match org.query("salesforce.legacy.settings", &soql).await {
        Err(error) if error.is_refusal() => return Ok(SettingsState::Hidden),
        other => other?,
    };
    let Some(row) = rows.into_iter().next() else {
        return Ok(SettingsState::Absent);
    };
    let same = |setting: Setting| {
        let found = row
            .get(plugin.field(setting))
            .and_then(Value::as_str)
            .unwrap_or_default();
        wanted.is_some_and(|wanted| alike(setting, found, wanted.value(setting)))
    };
    Ok(SettingsState::Present {
        equal: Setting::ALL.into_iter().all(same),
        same_app: same(Setting::ClientId) && same(Setting::TokenEndpoint),
    })
}

fn alike(setting: Setting, found: &str, wanted: &str) -> bool {
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    match setting {
        Setting::Scopes => sorted(found) == sorted(wanted),
        Setting::ClientId | Setting::ClientSecret => found == wanted,
        _ => found.trim_end_matches('/') == wanted.trim_end_matches('/'),
    }
}

/// The record as a file.
#[must_use]
pub fn component(plugin: &Plugin, wanted: &Wanted) -> Component {
    let value = |setting: &Setting| {
        let text = xml::escape(wanted.value(*setting));
        let field = xml::text("field", plugin.field(*setting));
        xml::parent(
            "values",
            &format!("{field}<value xsi:type=\"xsd:string\">{text}</value>"),
        )
    };
    let values: String = Setting::ALL.iter().map(value).collect();
    let file = xml::document(
        "CustomMetadata",
        &format!("{}<protected>false</protected>{values}", xml::text("label", NAME)),
    );
    let full_name = plugin.record_name();
    Component {
        kind: "CustomMetadata",
        path: format!("customMetadata/{full_name}.md"),
        full_name,
        xml: file,
    }
}
