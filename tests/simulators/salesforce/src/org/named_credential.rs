//! Named Credentials: where a callout goes and which credential it carries (facts/salesforce 2).
//!
//! The `Metadata` compound of the Tooling API is the record; what Connect shows is derived from it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Header;
use super::row::ParameterRow;

/// Types of a Named Credential parameter (facts/salesforce 2.4).
pub(crate) const PARAMETER_TYPES: &[&str] = &[
    "Url",
    "HttpHeader",
    "ClientCertificate",
    "Authentication",
    "OutboundNetworkConnection",
    "AllowedManagedPackageNamespaces",
    "CreatedByNamespace",
    "CustomParameter",
    "StandardNamedCredentialType",
    "ManagedByFeature",
    "ManagedByComponent",
    "ConnectionStatus",
    "ManagedByNamespace",
    "NamedCredentialOptions",
    "SfHttpRequestExtensionName",
];

/// A Named Credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NamedCredential {
    pub(crate) header: Header,
    #[serde(with = "super::stored")]
    pub(crate) metadata: Metadata,
}

/// Whether callouts are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CalloutStatus {
    Enabled,
    Disabled,
}

/// The compound of facts/salesforce 2.4, keys as in the metadata WSDL.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Metadata {
    #[serde(default)]
    pub(crate) allow_merge_fields_in_body: Option<bool>,
    #[serde(default)]
    pub(crate) allow_merge_fields_in_header: Option<bool>,
    pub(crate) auth_provider: Option<String>,
    pub(crate) auth_token_endpoint_url: Option<String>,
    pub(crate) aws_access_key: Option<String>,
    #[serde(skip_serializing)]
    pub(crate) aws_access_secret: Option<String>,
    pub(crate) aws_region: Option<String>,
    pub(crate) aws_service: Option<String>,
    pub(crate) callout_status: Option<CalloutStatus>,
    pub(crate) certificate: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) generate_authorization_header: Option<bool>,
    pub(crate) jwt_audience: Option<String>,
    pub(crate) jwt_formula_subject: Option<String>,
    pub(crate) jwt_issuer: Option<String>,
    pub(crate) jwt_signing_certificate: Option<String>,
    pub(crate) jwt_text_subject: Option<String>,
    pub(crate) jwt_validity_period_seconds: Option<i64>,
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) named_credential_parameters: Vec<Row>,
    pub(crate) named_credential_type: Option<String>,
    // Write-only (facts/salesforce 5.4).
    #[serde(skip_serializing)]
    pub(crate) oauth_refresh_token: Option<String>,
    pub(crate) oauth_scope: Option<String>,
    #[serde(skip_serializing)]
    pub(crate) oauth_token: Option<String>,
    pub(crate) outbound_network_connection: Option<String>,
    #[serde(skip_serializing)]
    pub(crate) password: Option<String>,
    pub(crate) principal_type: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) username: Option<String>,
}

/// One parameter row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) certificate: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) external_credential: Option<String>,
    pub(crate) global_named_principal_credential: Option<Value>,
    pub(crate) managed_feature_enabled_callout: Option<Value>,
    pub(crate) outbound_network_connection: Option<String>,
    pub(crate) parameter_name: String,
    pub(crate) parameter_type: String,
    pub(crate) parameter_value: Option<String>,
    pub(crate) read_only_named_credential: Option<Value>,
    pub(crate) sequence_number: Option<i64>,
    pub(crate) system_user_named_credential: Option<Value>,
    #[serde(skip)]
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) packaged: bool,
}

impl Row {
    pub(crate) fn url(value: &str) -> Self {
        Self {
            parameter_name: "Url".to_owned(),
            parameter_type: "Url".to_owned(),
            parameter_value: Some(value.to_owned()),
            ..Self::default()
        }
    }

    pub(crate) fn authentication(external_credential: &str) -> Self {
        Self {
            parameter_name: "ExternalCredential".to_owned(),
            parameter_type: "Authentication".to_owned(),
            external_credential: Some(external_credential.to_owned()),
            ..Self::default()
        }
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
        "0pv"
    }
}

impl Metadata {
    /// A Named Credential of the present kind, linked to an External Credential.
    pub(crate) fn secured(label: &str, url: &str, external_credential: &str) -> Self {
        let mut metadata = Self::bare(label);
        metadata.named_credential_type = Some("SecuredEndpoint".to_owned());
        metadata.named_credential_parameters = vec![Row::url(url), Row::authentication(external_credential)];
        metadata
    }

    /// A classic Named Credential with the settings of the guide's Part D, but for provider and scope.
    pub(crate) fn legacy(label: &str, url: &str) -> Self {
        let mut metadata = Self::bare(label);
        metadata.named_credential_type = Some("Legacy".to_owned());
        metadata.endpoint = Some(url.to_owned());
        metadata.principal_type = Some("NamedUser".to_owned());
        metadata.protocol = Some("Oauth".to_owned());
        metadata
    }

    fn bare(label: &str) -> Self {
        Self {
            allow_merge_fields_in_body: Some(false),
            allow_merge_fields_in_header: Some(false),
            auth_provider: None,
            auth_token_endpoint_url: None,
            aws_access_key: None,
            aws_access_secret: None,
            aws_region: None,
            aws_service: None,
            callout_status: Some(CalloutStatus::Disabled),
            certificate: None,
            description: None,
            endpoint: None,
            generate_authorization_header: Some(true),
            jwt_audience: None,
            jwt_formula_subject: None,
            jwt_issuer: None,
            jwt_signing_certificate: None,
            jwt_text_subject: None,
            jwt_validity_period_seconds: None,
            label: label.to_owned(),
            named_credential_parameters: Vec::new(),
            named_credential_type: None,
            oauth_refresh_token: None,
            oauth_scope: None,
            oauth_token: None,
            outbound_network_connection: None,
            password: None,
            principal_type: None,
            protocol: None,
            username: None,
        }
    }

    pub(crate) fn kind(&self) -> &str {
        self.named_credential_type.as_deref().unwrap_or("Legacy")
    }

    pub(crate) fn enabled(&self) -> bool {
        self.callout_status == Some(CalloutStatus::Enabled)
    }

    /// Rows of one type, in order.
    pub(crate) fn rows<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Row> {
        self.named_credential_parameters
            .iter()
            .filter(move |row| row.parameter_type == kind)
    }

    /// Where callouts go; a legacy record keeps it in `endpoint`.
    pub(crate) fn url(&self) -> Option<&str> {
        self.rows("Url")
            .next()
            .map_or(self.endpoint.as_deref(), |row| row.parameter_value.as_deref())
    }

    /// Full name of the linked External Credential. Field code sets it as the value, the WSDL has its own key: both are read.
    pub(crate) fn external_credential(&self) -> Option<&str> {
        let row = self.rows("Authentication").next()?;
        row.external_credential.as_deref().or(row.parameter_value.as_deref())
    }

    pub(crate) fn set_url(&mut self, url: &str) {
        if let Some(row) = self
            .named_credential_parameters
            .iter_mut()
            .find(|row| row.parameter_type == "Url")
        {
            row.parameter_value = Some(url.to_owned());
        } else {
            self.endpoint = Some(url.to_owned());
        }
    }
}
