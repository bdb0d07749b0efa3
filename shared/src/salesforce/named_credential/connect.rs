//! The credential in Connect's shapes: what a GET gives, and the little that a PUT may take (facts/salesforce 2.2, 2.3).

use serde::{Deserialize, Serialize};
use url::Url;

use super::super::absence::or_default;
use super::super::api::{ApiError, Org, Resource};
use super::super::record::PackagedRecord;
use super::written;

/// A GET body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    pub(super) callout_status: Option<String>,
    pub(super) callout_url: Option<String>,
    external_credentials: Option<Vec<CredentialRef>>,
    master_label: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: String,
    callout_options: Option<CalloutOptions>,
    custom_headers: Option<Vec<Header>>,
    parameters: Option<Vec<Parameter>>,
    network_connection: Option<String>,
    description: Option<String>,
}

impl Output {
    /// Full names of the External Credentials.
    pub(super) fn external_credentials(&self) -> Vec<String> {
        self.external_credentials
            .iter()
            .flatten()
            .map(|reference| reference.developer_name.clone())
            .collect()
    }
}

/// What Connect accepts; everything else in a GET body is output only (facts/salesforce 2.3).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    master_label: String,
    #[serde(rename = "type")]
    kind: String,
    callout_url: &'a str,
    external_credentials: Vec<CredentialRef>,
    callout_options: CalloutOptions,
    custom_headers: Vec<Header>,
    parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_connection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialRef {
    developer_name: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CalloutOptions {
    #[serde(default, deserialize_with = "or_default")]
    allow_merge_fields_in_body: bool,
    #[serde(default, deserialize_with = "or_default")]
    allow_merge_fields_in_header: bool,
    #[serde(default, deserialize_with = "or_default")]
    generate_authorization_header: bool,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    header_name: String,
    header_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<i64>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameter {
    #[serde(default, deserialize_with = "or_default")]
    parameter_name: String,
    #[serde(default, deserialize_with = "or_default")]
    parameter_type: String,
    parameter_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter_description: Option<String>,
}

fn resource(record: &PackagedRecord) -> Resource {
    Resource::named_credentials("named-credential-setup", record.full_name.as_str())
}

pub(super) async fn read(org: &Org, record: &PackagedRecord) -> Result<Output, ApiError> {
    org.get("salesforce.named_credential.read", &resource(record)).await
}

/// Replaces the credential: everything as read, but for the URL. The status cannot be sent (facts/salesforce 2.3).
pub(super) async fn put_url(org: &Org, record: &PackagedRecord, url: &Url) -> Result<(), ApiError> {
    let output = read(org, record).await?;
    let input = Input {
        master_label: output.master_label.ok_or(ApiError::Malformed)?,
        kind: output.kind,
        callout_url: written(url),
        external_credentials: output.external_credentials.unwrap_or_default(),
        callout_options: output.callout_options.unwrap_or_default(),
        custom_headers: output.custom_headers.unwrap_or_default(),
        // Only these two can be sent; others that the org shows are its own (facts/salesforce 2.3).
        parameters: output
            .parameters
            .unwrap_or_default()
            .into_iter()
            .filter(is_input)
            .collect(),
        network_connection: output.network_connection,
        description: output.description,
    };
    org.put("salesforce.named_credential.write", &resource(record), &input)
        .await
}

fn is_input(parameter: &Parameter) -> bool {
    matches!(
        parameter.parameter_type.as_str(),
        "AllowedManagedPackageNamespaces" | "ClientCertificate"
    )
}
