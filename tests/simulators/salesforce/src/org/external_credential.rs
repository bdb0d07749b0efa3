//! External Credentials and their principals (facts/salesforce 4).
//!
//! A principal is a row of type NamedPrincipal. Its token, or its custom values, are kept apart from the row, because they are never
//! part of metadata, are never packaged and are lost on a sandbox refresh.

use serde::{Deserialize, Serialize};

use super::Header;
use super::row::ParameterRow;
use crate::clock::Millis;

/// Types of an External Credential parameter (facts/salesforce 4.2).
pub(crate) const PARAMETER_TYPES: &[&str] = &[
    "ExternalAuthIdentityProvider",
    "AuthProvider",
    "AuthProviderUrl",
    "AuthProviderUrlQueryParameter",
    "SigningCertificate",
    "AuthParameter",
    "NamedPrincipal",
    "PerUserPrincipal",
    "AwsStsPrincipal",
    "GlobalNamedPrincipal",
    "SystemUserPrincipal",
    "AuthHeader",
    "AuthProtocolVariant",
    "JwtBodyClaim",
    "JwtHeaderClaim",
    "CreatedByNamespace",
    "AdditionalRefreshStatusCode",
];

/// Row types that are principals.
pub(crate) const PRINCIPAL_TYPES: &[&str] = &["NamedPrincipal", "PerUserPrincipal", "AwsStsPrincipal"];

/// Authentication protocols as Tooling spells them; Connect writes `OAuth` where Tooling writes `Oauth`.
pub(crate) const PROTOCOLS: &[&str] = &[
    "NoAuthentication",
    "Oauth",
    "Password",
    "AwsSv4",
    "Jwt",
    "JwtExchange",
    "Custom",
    "Basic",
];

/// An External Credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ExternalCredential {
    pub(crate) header: Header,
    #[serde(with = "super::stored")]
    pub(crate) metadata: Metadata,
}

/// The compound of facts/salesforce 4.2.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) authentication_protocol: String,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) external_credential_parameters: Vec<Row>,
    pub(crate) label: String,
}

/// One parameter row; principals are rows too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) auth_provider: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) external_auth_identity_provider: Option<String>,
    pub(crate) parameter_group: Option<String>,
    pub(crate) parameter_name: String,
    pub(crate) parameter_type: String,
    pub(crate) parameter_value: Option<String>,
    pub(crate) sequence_number: Option<i64>,
    #[serde(skip)]
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) packaged: bool,
}

/// The token that the browser hop brought.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredToken {
    pub(crate) access_token: String,
    pub(crate) scope: Option<String>,
    pub(crate) obtained: Millis,
}

/// One value of a custom or basic principal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PrincipalValue {
    pub(crate) value: String,
    pub(crate) encrypted: bool,
}

impl Row {
    pub(crate) fn new(kind: &str, name: &str, value: Option<&str>) -> Self {
        Self {
            parameter_type: kind.to_owned(),
            parameter_name: name.to_owned(),
            parameter_value: value.map(str::to_owned),
            ..Self::default()
        }
    }

    pub(crate) fn principal(name: &str, kind: &str, sequence: Option<i64>) -> Self {
        Self {
            parameter_group: Some(name.to_owned()),
            sequence_number: sequence,
            ..Self::new(kind, name, None)
        }
    }

    pub(crate) fn is_principal(&self) -> bool {
        PRINCIPAL_TYPES.contains(&self.parameter_type.as_str())
    }

    /// Equal in everything that can be written.
    pub(crate) fn same_content(&self, other: &Self) -> bool {
        let bare = |row: &Self| Self {
            id: String::new(),
            packaged: false,
            ..row.clone()
        };
        bare(self) == bare(other)
    }
}

impl ParameterRow for Row {
    fn key(&self) -> (&str, &str, &str) {
        (
            &self.parameter_type,
            &self.parameter_name,
            self.parameter_group.as_deref().unwrap_or_default(),
        )
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn packaged(&self) -> bool {
        self.packaged
    }
    fn adopt(&mut self, id: String, packaged: bool) {
        self.id = id;
        self.packaged = packaged;
    }
    fn prefix(&self) -> &'static str {
        "0pu"
    }
}

impl Metadata {
    /// Rows of one type, in order.
    pub(crate) fn rows<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Row> {
        self.external_credential_parameters
            .iter()
            .filter(move |row| row.parameter_type == kind)
    }

    pub(crate) fn principals(&self) -> impl Iterator<Item = &Row> {
        self.external_credential_parameters
            .iter()
            .filter(|row| row.is_principal())
    }

    pub(crate) fn principal(&self, kind: &str, name: &str) -> Option<&Row> {
        self.principals()
            .find(|row| row.parameter_type == kind && row.parameter_name == name)
    }

    /// Full name of the linked External Auth Identity Provider.
    pub(crate) fn provider_name(&self) -> Option<&str> {
        let row = self.rows("ExternalAuthIdentityProvider").next()?;
        row.external_auth_identity_provider
            .as_deref()
            .or(row.parameter_value.as_deref())
    }

    pub(crate) fn variant(&self) -> Option<&str> {
        self.rows("AuthProtocolVariant").next()?.parameter_value.as_deref()
    }

    /// The protocol in Connect's spelling.
    pub(crate) fn connect_protocol(&self) -> &str {
        if self.authentication_protocol == "Oauth" {
            "OAuth"
        } else {
            &self.authentication_protocol
        }
    }
}
