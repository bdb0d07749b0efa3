//! The provider in Connect's shapes: what a GET gives, and the little that a PUT may take (facts/salesforce 3.1).

use serde::{Deserialize, Serialize};

use super::super::api::{ApiError, Org, Resource};
use super::super::parameter::Row;
use super::super::record::PackagedRecord;

/// A GET body. No `Debug`: it holds parameter values.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    label: Option<String>,
    description: Option<String>,
    authentication_protocol: Option<String>,
    authentication_flow: Option<String>,
    client_authentication: Option<String>,
    standard_external_identity_provider: Option<String>,
    pub(super) authorize_url: Option<String>,
    pub(super) token_url: Option<String>,
    user_info_url: Option<String>,
    parameters: Option<Vec<Row>>,
    pub(super) callback_url: Option<String>,
}

/// A PUT body. It replaces everything, and an unknown key is refused (facts/salesforce 0, decisions 4 and 5).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    full_name: &'a str,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    authentication_protocol: &'a str,
    authentication_flow: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_authentication: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_external_identity_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorize_url: Option<&'a str>,
    token_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_info_url: Option<&'a str>,
    parameters: Vec<Row>,
}

impl Output {
    pub(super) fn rows(&self) -> &[Row] {
        self.parameters.as_deref().unwrap_or_default()
    }

    /// The rows that Connect also takes; the others are the org's own.
    pub(super) fn input_rows(&self) -> impl Iterator<Item = &Row> {
        self.rows().iter().filter(|row| is_input(row))
    }
}

fn resource(record: &PackagedRecord) -> Resource {
    Resource::named_credentials("external-auth-identity-providers", record.full_name.as_str())
}

pub(super) async fn read(org: &Org, record: &PackagedRecord) -> Result<Output, ApiError> {
    org.get("salesforce.identity_provider.read", &resource(record)).await
}

/// Replaces the provider: everything as read, but for the URLs and the rows.
pub(super) async fn replace(
    org: &Org,
    record: &PackagedRecord,
    before: &Output,
    urls: (Option<&str>, &str),
    rows: &[Row],
) -> Result<(), ApiError> {
    let input = Input {
        full_name: record.full_name.as_str(),
        label: before.label.as_deref().ok_or(ApiError::Malformed)?,
        description: before.description.as_deref(),
        authentication_protocol: before.authentication_protocol.as_deref().unwrap_or("OAuth"),
        authentication_flow: before.authentication_flow.as_deref().unwrap_or("AuthorizationCode"),
        client_authentication: before.client_authentication.as_deref(),
        standard_external_identity_provider: before.standard_external_identity_provider.as_deref(),
        authorize_url: urls.0,
        token_url: urls.1,
        user_info_url: before.user_info_url.as_deref(),
        parameters: rows.iter().filter(|row| is_input(row)).map(Row::for_connect).collect(),
    };
    org.put("salesforce.identity_provider.write", &resource(record), &input)
        .await
}

/// The types that Connect takes; it shows more, which are its own (facts/salesforce 3.1).
fn is_input(row: &Row) -> bool {
    matches!(
        row.kind(),
        "AuthorizeRequestQueryParameter"
            | "IdentityProviderOptions"
            | "RefreshRequestBodyParameter"
            | "RefreshRequestHttpHeader"
            | "RefreshRequestQueryParameter"
            | "TokenRequestBodyParameter"
            | "TokenRequestHttpHeader"
            | "TokenRequestQueryParameter"
    )
}
