//! Writing the provider: Connect first, Tooling where the org refuses that, and a look at the result.

use super::super::api::{ApiError, Org};
use super::super::change::{ChangeError, Field, applied};
use super::super::parameter::{self, Row, Slot};
use super::super::record::{Kind, PackagedRecord};
use super::super::tooling;
use super::{CODE_CHALLENGE, CODE_IDENTIFIER, IdentityProvider, ProviderDesired, ProviderReading, connect, reading};
use crate::secret::Sensitive;

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
        Err(refusal) if refusal.is_refusal() => {
            let patched = patch(org, record, desired).await;
            // Two refusals: the first one says more about the way that should have worked.
            patched.map_err(|error| if error.is_refusal() { refusal } else { error })?;
        }
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
    let mut rows = before.rows().to_vec();
    set_pair(&mut rows, desired);
    let urls = (desired.authorize_url.as_str(), desired.token_url.as_str());
    connect::replace(org, record, before, urls, &rows).await
}

async fn patch(org: &Org, record: &PackagedRecord, desired: &ProviderDesired) -> Result<(), ApiError> {
    let mut metadata = tooling::read(org, Kind::IdentityProvider, &record.id).await?;
    let mut rows = metadata.rows(ROWS)?;
    parameter::set(&mut rows, &AUTHORIZE_URL, desired.authorize_url.as_str());
    parameter::set(&mut rows, &TOKEN_URL, desired.token_url.as_str());
    set_pair(&mut rows, desired);
    metadata.set_rows(ROWS, &rows)?;
    tooling::write(org, Kind::IdentityProvider, &record.id, &metadata).await
}

fn set_pair(rows: &mut Vec<Row>, desired: &ProviderDesired) {
    parameter::set(rows, &CODE_IDENTIFIER, desired.pair.code_identifier.expose());
    parameter::set(rows, &CODE_CHALLENGE, desired.pair.code_challenge.expose());
}

fn differences(
    before: &connect::Output,
    after: &connect::Output,
    seen: &ProviderReading,
    desired: &ProviderDesired,
) -> Vec<Field> {
    let slots = [CODE_IDENTIFIER, CODE_CHALLENGE];
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
        (
            Field::OtherParameters,
            parameter::same_elsewhere(before.input_rows(), after.input_rows(), &slots),
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, holds)| !holds)
        .map(|(field, _)| field)
        .collect()
}
