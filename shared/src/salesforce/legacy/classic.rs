//! The classic Named Credential `Akeneo`, which the package's code calls by this very name (facts/salesforce 7).

use serde::Deserialize;
use url::Url;

use super::super::api::{ApiError, Org, literal};
use super::super::deploy::{Component, xml};
use super::super::record::Kind;
use super::super::record_id::RecordId;
use super::super::tooling::{self, Metadata};
use super::settings::bare;
use super::token_credential::LABEL;
use super::{NAME, SCOPES};
use crate::salesforce::named_credential::Callouts;
use crate::secret::{AccessToken, Sensitive};

/// The settings of the guide, but for URL, scope and callouts.
const TEXTS: [(&str, &str); 5] = [
    ("label", NAME),
    ("namedCredentialType", "Legacy"),
    ("principalType", "NamedUser"),
    ("protocol", "Oauth"),
    ("authProvider", NAME),
];
const FLAGS: [(&str, bool); 3] = [
    ("generateAuthorizationHeader", true),
    ("allowMergeFieldsInBody", false),
    ("allowMergeFieldsInHeader", false),
];

/// The Named Credential as it stands.
#[derive(Clone)]
pub struct Classic {
    /// Its id.
    pub id: RecordId,
    metadata: Metadata,
}

impl std::fmt::Debug for Classic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Classic({})", self.id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: RecordId,
    namespace_prefix: Option<String>,
}

/// Looks for the customer's own Named Credential of this name.
///
/// # Errors
/// [`ApiError`].
pub async fn find(org: &Org) -> Result<Option<RecordId>, ApiError> {
    let soql = format!(
        "SELECT Id,DeveloperName,NamespacePrefix,ManageableState FROM NamedCredential WHERE DeveloperName={}",
        literal(NAME)
    );
    let rows: Vec<Row> = org.tooling_query("salesforce.legacy.named_credential", &soql).await?;
    let local = |row: &Row| row.namespace_prefix.as_ref().is_none_or(String::is_empty);
    Ok(rows.into_iter().find(local).map(|row| row.id))
}

/// Reads it whole.
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org) -> Result<Option<Classic>, ApiError> {
    let Some(id) = find(org).await? else { return Ok(None) };
    let metadata = tooling::read(org, Kind::NamedCredential, &id).await?;
    Ok(Some(Classic { id, metadata }))
}

impl Classic {
    /// Whether it is of the classic kind at all; the kind cannot be changed.
    #[must_use]
    pub fn is_classic(&self) -> bool {
        matches!(self.metadata.text("namedCredentialType"), None | Some("Legacy"))
    }

    /// Whether it is the one that we made for the headless alternative ([`super::token_credential`]).
    #[must_use]
    pub fn is_headless(&self) -> bool {
        !self.is_classic() && self.metadata.text("label") == Some(LABEL)
    }

    /// Where callouts go.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.metadata.text("endpoint")
    }

    /// Enabled for Callouts.
    #[must_use]
    pub fn callouts(&self) -> bool {
        self.metadata.text("calloutStatus") == Some("Enabled")
    }

    /// Whether it takes its tokens from the provider `Akeneo`.
    #[must_use]
    pub fn uses_our_provider(&self) -> bool {
        self.metadata.text("authProvider") == Some(NAME)
    }

    /// Whether everything is as the guide prescribes, but for URL and callouts.
    #[must_use]
    pub fn follows_the_guide(&self) -> bool {
        let scopes = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        let texts = TEXTS.iter().all(|(key, wanted)| match self.metadata.text(key) {
            None => *key == "namedCredentialType",
            Some(found) => found == *wanted,
        });
        let flags = FLAGS
            .iter()
            .all(|(key, wanted)| self.metadata.flag(key).unwrap_or(false) == *wanted);
        texts && flags && scopes(self.metadata.text("oauthScope").unwrap_or_default()) == scopes(SCOPES)
    }
}

/// The Named Credential as a file (facts/salesforce 7, "Legacy NC"), with a token where the org is known to take one from it.
#[must_use]
pub fn component(base: &Url, callouts: bool, token: Option<&AccessToken>) -> Component {
    let [label, kind, principal, protocol, provider] = TEXTS.map(|(key, value)| xml::text(key, value));
    let flags: String = FLAGS
        .iter()
        .map(|(key, value)| xml::text(key, &value.to_string()))
        .collect();
    let status = if callouts {
        Callouts::Enabled
    } else {
        Callouts::Disabled
    };
    let elements = [
        label,
        xml::text("endpoint", bare(base)),
        principal,
        protocol,
        provider,
        xml::text("oauthScope", SCOPES),
        token.map_or_else(String::new, |token| xml::text("oauthToken", token.expose())),
        flags,
        kind,
        xml::text("calloutStatus", status.as_str().unwrap_or_default()),
    ];
    Component {
        kind: "NamedCredential",
        full_name: NAME.to_owned(),
        path: format!("namedCredentials/{NAME}.namedCredential"),
        xml: xml::document("NamedCredential", &elements.concat()),
    }
}

/// Switches callouts off and leaves everything else: a provider that the file would name need not be there yet.
///
/// # Errors
/// [`ApiError`].
pub async fn pause(org: &Org, current: &Classic) -> Result<(), ApiError> {
    let mut metadata = current.metadata.clone();
    metadata.set_text("calloutStatus", "Disabled");
    tooling::write(org, Kind::NamedCredential, &current.id, &metadata).await
}

/// Sets URL and callouts over Tooling, for an org that refuses the deploy of a record that is there.
///
/// # Errors
/// [`ApiError`].
pub async fn patch(org: &Org, current: &Classic, base: &Url, callouts: bool) -> Result<(), ApiError> {
    let mut metadata = current.metadata.clone();
    for (key, value) in TEXTS {
        metadata.set_text(key, value);
    }
    for (key, value) in FLAGS {
        metadata.set_flag(key, value);
    }
    metadata.set_text("oauthScope", SCOPES);
    metadata.set_text("endpoint", bare(base));
    metadata.set_text("calloutStatus", if callouts { "Enabled" } else { "Disabled" });
    tooling::write(org, Kind::NamedCredential, &current.id, &metadata).await
}
