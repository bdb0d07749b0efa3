//! External Auth Identity Providers: the PIM's endpoints, the request parameters, the client credentials (facts/salesforce 3).
//!
//! The credentials are not part of the metadata: no API returns the secret, no package carries it.

use serde::{Deserialize, Serialize};

use super::Header;
use super::row::ParameterRow;

/// Row types that Connect lists as `parameters` and takes in them (facts/salesforce 3.1).
pub(crate) const REQUEST_TYPES: &[&str] = &[
    "AuthorizeRequestQueryParameter",
    "IdentityProviderOptions",
    "RefreshRequestBodyParameter",
    "RefreshRequestHttpHeader",
    "RefreshRequestQueryParameter",
    "TokenRequestBodyParameter",
    "TokenRequestHttpHeader",
    "TokenRequestQueryParameter",
];

/// Row types that Connect shows as keys of their own, or not at all.
pub(crate) const PROPERTY_TYPES: &[&str] = &[
    "AuthorizeUrl",
    "TokenUrl",
    "UserInfoUrl",
    "ClientAuthentication",
    "CreatedByNamespace",
    "StandardExternalIdentityProvider",
];

/// The value that the package ships in the rows that set-up has to fill (facts/salesforce 0).
pub(crate) const PLACEHOLDER: &str = "SET_DURING_AKENEO_SETUP";

/// An External Auth Identity Provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdentityProvider {
    pub(crate) header: Header,
    #[serde(with = "super::stored")]
    pub(crate) metadata: Metadata,
    pub(crate) credentials: Option<Credentials>,
}

/// Client id and secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The compound of facts/salesforce 3.2.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) authentication_flow: String,
    pub(crate) authentication_protocol: String,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) external_auth_identity_provider_parameters: Vec<Row>,
    pub(crate) label: String,
}

/// One parameter row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) description: Option<String>,
    pub(crate) parameter_name: String,
    pub(crate) parameter_type: String,
    pub(crate) parameter_value: Option<String>,
    pub(crate) sequence_number: Option<i64>,
    #[serde(skip)]
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) packaged: bool,
}

impl Row {
    pub(crate) fn new(kind: &str, name: &str, value: &str, sequence: Option<i64>) -> Self {
        Self {
            parameter_type: kind.to_owned(),
            parameter_name: name.to_owned(),
            parameter_value: Some(value.to_owned()),
            sequence_number: sequence,
            ..Self::default()
        }
    }

    /// A row whose name is its type, as for URLs.
    pub(crate) fn property(kind: &str, value: &str) -> Self {
        Self::new(kind, kind, value, None)
    }

    pub(crate) fn is_request_parameter(&self) -> bool {
        REQUEST_TYPES.contains(&self.parameter_type.as_str())
    }
}

impl ParameterRow for Row {
    fn key(&self) -> (&str, &str, &str) {
        (&self.parameter_type, &self.parameter_name, "")
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
        "0sp"
    }
}

impl Metadata {
    /// Rows of one type, in order.
    pub(crate) fn rows<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Row> {
        self.external_auth_identity_provider_parameters
            .iter()
            .filter(move |row| row.parameter_type == kind)
    }

    /// The value of the first row of this type.
    pub(crate) fn value(&self, kind: &str) -> Option<&str> {
        self.external_auth_identity_provider_parameters
            .iter()
            .find(|row| row.parameter_type == kind)
            .and_then(|row| row.parameter_value.as_deref())
    }

    /// Sets the value of the row with this type and name, adding the row if there is none.
    pub(crate) fn set(&mut self, kind: &str, name: &str, value: &str) {
        let rows = &mut self.external_auth_identity_provider_parameters;
        match rows
            .iter_mut()
            .find(|row| row.parameter_type == kind && row.parameter_name == name)
        {
            Some(row) => row.parameter_value = Some(value.to_owned()),
            None => rows.push(Row::new(kind, name, value, None)),
        }
    }
}
