//! What a subscriber may change in a managed record (facts/salesforce 5.1).
//!
//! Local records have no such limits. The status and the words of a refusal are switches, since no public source shows them.

use axum::http::StatusCode;

use super::{external_credential, identity_provider, named_credential};
use crate::refusal::Refusal;
use crate::settings::{ManageabilityStatus, Settings};

const NAMED_CREDENTIAL_ROWS: &[&str] = &[
    "Url",
    "Authentication",
    "HttpHeader",
    "NamedCredentialOptions",
    "ClientCertificate",
    "OutboundNetworkConnection",
    "AllowedManagedPackageNamespaces",
];

const EXTERNAL_CREDENTIAL_ROWS: &[&str] = &[
    "AuthHeader",
    "AuthProvider",
    "AuthProviderUrl",
    "AuthProviderUrlQueryParameter",
    "AuthParameter",
    "NamedPrincipal",
    "PerUserPrincipal",
    "AwsStsPrincipal",
    "SigningCertificate",
    "JwtBodyClaim",
    "JwtHeaderClaim",
    "AdditionalRefreshStatusCode",
];

const PROVIDER_ROWS_LOCKED: &[&str] = &["CreatedByNamespace", "StandardExternalIdentityProvider"];

/// The refusal of a change that only the developer may make.
pub(crate) fn refusal(settings: &Settings) -> Refusal {
    let status = match settings.manageability_status {
        ManageabilityStatus::BadRequest => StatusCode::BAD_REQUEST,
        ManageabilityStatus::Forbidden => StatusCode::FORBIDDEN,
    };
    Refusal::new(
        status,
        &settings.texts.manageability_code,
        settings.texts.manageability.clone(),
    )
}

fn allow(allowed: bool, settings: &Settings) -> Result<(), Refusal> {
    if allowed { Ok(()) } else { Err(refusal(settings)) }
}

/// Label, type and (legacy) endpoint belong to the developer, and so do rows of types that are not listed as editable.
pub(crate) fn named_credential(
    old: &named_credential::Metadata,
    new: &named_credential::Metadata,
    settings: &Settings,
) -> Result<(), Refusal> {
    let fixed = |metadata: &named_credential::Metadata| -> Vec<named_credential::Row> {
        let rows = metadata.named_credential_parameters.iter();
        rows.filter(|row| !NAMED_CREDENTIAL_ROWS.contains(&row.parameter_type.as_str()))
            .cloned()
            .collect()
    };
    let (before, after) = (fixed(old), fixed(new));
    let same_rows = before.len() == after.len()
        && before
            .iter()
            .all(|row| after.iter().any(|other| row.same_content(other)));
    let same_head = old.label == new.label && old.kind() == new.kind() && old.endpoint == new.endpoint;
    let resent = settings.resend_developer_only.accepts();
    allow(same_rows && same_head && resent, settings)
}

/// Label, protocol and variant belong to the developer; the link to the provider is not listed as editable.
pub(crate) fn external_credential(
    old: &external_credential::Metadata,
    new: &external_credential::Metadata,
    settings: &Settings,
) -> Result<(), Refusal> {
    let fixed = |metadata: &external_credential::Metadata| -> Vec<external_credential::Row> {
        let rows = metadata.external_credential_parameters.iter();
        rows.filter(|row| !EXTERNAL_CREDENTIAL_ROWS.contains(&row.parameter_type.as_str()))
            .cloned()
            .collect()
    };
    let (before, after) = (fixed(old), fixed(new));
    let same_rows = before.len() == after.len()
        && before
            .iter()
            .all(|row| after.iter().any(|other| row.same_content(other)));
    allow(
        same_rows && old.label == new.label && old.authentication_protocol == new.authentication_protocol,
        settings,
    )
}

/// Label, description, flow and protocol belong to the developer; every URL and request parameter is editable.
pub(crate) fn identity_provider(
    old: &identity_provider::Metadata,
    new: &identity_provider::Metadata,
    settings: &Settings,
) -> Result<(), Refusal> {
    let same_locked = PROVIDER_ROWS_LOCKED
        .iter()
        .all(|kind| old.value(kind) == new.value(kind));
    let same_head = old.label == new.label
        && old.description == new.description
        && old.authentication_flow == new.authentication_flow
        && old.authentication_protocol == new.authentication_protocol;
    allow(same_locked && same_head, settings)
}
