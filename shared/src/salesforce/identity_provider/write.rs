//! Writing the provider: Connect first, Tooling where the org refuses that, a Metadata deploy where it refuses both, and a look at
//! the result (facts/salesforce 13.A step 5).

use super::super::api::{ApiError, Org};
use super::super::capability::Capability;
use super::super::change::{ChangeError, Field, applied};
use super::super::deploy::{self, Component, DeployError};
use super::super::parameter::{self, Row, Slot};
use super::super::record::{Kind, PackagedRecord};
use super::super::tooling::{self, Metadata};
use super::{
    CODE_CHALLENGE, CODE_IDENTIFIER, IdentityProvider, ProviderDesired, ProviderReading, SCOPE, connect, reading,
};
use crate::secret::Sensitive;

/// The metadata type.
const KIND: &str = "ExternalAuthIdentityProvider";
/// The list inside Tooling's metadata, where the URLs are rows too (facts/salesforce 3.1, 3.2).
const ROWS: &str = "externalAuthIdentityProviderParameters";
const AUTHORIZE_URL: Slot = Slot::single("AuthorizeUrl");
const TOKEN_URL: Slot = Slot::single("TokenUrl");

/// Sets the URLs and the pair, keeps everything else, and reads back (facts/salesforce 3.1, 13.A step 5). Writes nothing
/// if everything is in place.
///
/// # Errors
/// [`ChangeError`].
pub async fn write(
    org: &Org,
    current: &IdentityProvider,
    desired: &ProviderDesired,
) -> Result<ProviderReading, ChangeError> {
    let record = &current.record;
    let before = connect::read(org, record).await?;
    let seen = reading(org, record, &before);
    if differences(&before, &before, &seen, desired).is_empty() {
        return Ok(seen);
    }
    match put(org, record, &before, desired).await {
        Err(refusal) if refusal.is_refusal() => otherwise(org, record, desired, refusal).await?,
        other => other?,
    }
    let after = connect::read(org, record).await?;
    let seen = reading(org, record, &after);
    applied(differences(&before, &after, &seen, desired))?;
    Ok(seen)
}

async fn put(
    org: &Org,
    record: &PackagedRecord,
    before: &connect::Output,
    desired: &ProviderDesired,
) -> Result<(), ApiError> {
    if !org.capabilities().may(Capability::ConnectPutManagedEaip) {
        return Err(ApiError::KnownRefused);
    }
    let mut rows = before.rows().to_vec();
    set_parameters(&mut rows, desired);
    let urls = (Some(desired.authorize_url.as_str()), desired.token_url.as_str());
    connect::replace(org, record, before, urls, &rows).await
}

/// The other ways after Connect has refused.
async fn otherwise(
    org: &Org,
    record: &PackagedRecord,
    desired: &ProviderDesired,
    refusal: ApiError,
) -> Result<(), ChangeError> {
    match patch(org, record, desired).await {
        Err(error) if error.is_refusal() => {}
        done => return Ok(done?),
    }
    match deployed(org, record, desired).await {
        // Refused in every way: the first one says more about the way that should have worked.
        Err(error) if error.is_refusal() => Err(refusal.into()),
        other => Ok(other?),
    }
}

async fn patch(org: &Org, record: &PackagedRecord, desired: &ProviderDesired) -> Result<(), ApiError> {
    if !org.capabilities().may(Capability::ToolingPatchManagedEaip) {
        return Err(ApiError::KnownRefused);
    }
    let metadata = changed(org, record, desired).await?;
    tooling::write(org, Kind::IdentityProvider, &record.id, &metadata).await
}

async fn deployed(org: &Org, record: &PackagedRecord, desired: &ProviderDesired) -> Result<(), DeployError> {
    let metadata = changed(org, record, desired).await?;
    let component = Component {
        kind: KIND,
        full_name: record.full_name.to_string(),
        path: format!(
            "externalAuthIdentityProviders/{}.externalAuthIdentityProvider",
            record.full_name
        ),
        xml: metadata.document(KIND),
    };
    deploy::run(org, &[component]).await
}

/// The compound as it should be.
async fn changed(org: &Org, record: &PackagedRecord, desired: &ProviderDesired) -> Result<Metadata, ApiError> {
    let mut metadata = tooling::read(org, Kind::IdentityProvider, &record.id).await?;
    let mut rows = metadata.rows(ROWS)?;
    parameter::set(&mut rows, &AUTHORIZE_URL, desired.authorize_url.as_str());
    parameter::set(&mut rows, &TOKEN_URL, desired.token_url.as_str());
    set_parameters(&mut rows, desired);
    metadata.set_rows(ROWS, &rows)?;
    Ok(metadata)
}

fn set_parameters(rows: &mut Vec<Row>, desired: &ProviderDesired) {
    parameter::set(rows, &CODE_IDENTIFIER, desired.pair.code_identifier.expose());
    parameter::set(rows, &CODE_CHALLENGE, desired.pair.code_challenge.expose());
    if let Some(scopes) = &desired.scopes {
        parameter::set(rows, &SCOPE, scopes);
    }
}

fn differences(
    before: &connect::Output,
    after: &connect::Output,
    seen: &ProviderReading,
    desired: &ProviderDesired,
) -> Vec<Field> {
    let slots: &[Slot] = match desired.scopes {
        Some(_) => &[CODE_IDENTIFIER, CODE_CHALLENGE, SCOPE],
        None => &[CODE_IDENTIFIER, CODE_CHALLENGE],
    };
    let asks = |scopes: &String| {
        let mut rows = after.rows().iter().filter(|row| SCOPE.takes(row));
        rows.any(|row| row.value() == Some(scopes.as_str()))
    };
    let checks = [
        (
            Field::AuthorizeUrl,
            after.authorize_url.as_deref() == Some(desired.authorize_url.as_str()),
        ),
        (
            Field::TokenUrl,
            after.token_url.as_deref() == Some(desired.token_url.as_str()),
        ),
        (
            Field::CodeIdentifier,
            seen.pair.has_identifier(&desired.pair.code_identifier),
        ),
        (
            Field::CodeChallenge,
            seen.pair.has_challenge(&desired.pair.code_challenge),
        ),
        (Field::Scopes, desired.scopes.as_ref().is_none_or(asks)),
        (
            Field::OtherParameters,
            parameter::same_elsewhere(before.input_rows(), after.input_rows(), slots),
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, holds)| !holds)
        .map(|(field, _)| field)
        .collect()
}
