//! Writing the Named Credential: three ways to the same end, and a look at the result (facts/salesforce 13.A step 7).

use url::Url;

use super::super::api::{ApiError, Org};
use super::super::capability::Capability;
use super::super::change::{ChangeError, Field, applied};
use super::super::deploy::{self, Component, DeployError};
use super::super::parameter;
use super::super::record::{Kind, PackagedRecord};
use super::super::tooling::{self, Metadata};
use super::{Callouts, NamedCredential, ROWS, URL, connect, read, written};

/// Sets the URL and the callout status and reads both back. One Tooling PATCH; where the org refuses that, the URL by Connect and
/// the status by Tooling or a Metadata deploy, which are also tried where the status alone is not in place.
///
/// Callouts that are to be off are never left to a way that moves the URL alone: that would send a stored token to the new host.
///
/// # Errors
/// [`ChangeError`]; [`Field::Callouts`] not applied means that a person has to switch callouts on in Setup.
pub async fn write(
    org: &Org,
    current: &NamedCredential,
    url: &Url,
    callouts: Callouts,
) -> Result<NamedCredential, ChangeError> {
    if !current.is_secured_endpoint() {
        return Err(ChangeError::Unsuitable);
    }
    let record = &current.record;
    match patch(org, record, url, callouts).await {
        Err(refusal) if refusal.is_refusal() => otherwise(org, current, url, callouts, refusal).await?,
        other => other?,
    }
    let mut after = read(org, record).await?;
    if missed(&after, url, callouts) == [Field::Callouts] {
        // Salesforce may switch callouts off because the URL was written; once more, now that it stands (facts/salesforce
        // 5.3). A refusal shows in the read below, as a status that is not applied.
        let again = patch(org, record, url, callouts).await;
        again.or_else(|error| if error.is_refusal() { Ok(()) } else { Err(error) })?;
        after = read(org, record).await?;
    }
    if missed(&after, url, callouts) == [Field::Callouts] {
        match deployed(org, record, url, callouts).await {
            Err(error) if !error.is_refusal() => return Err(error.into()),
            _ => after = read(org, record).await?,
        }
    }
    applied(missed(&after, url, callouts))?;
    Ok(after)
}

/// The other ways after Tooling has refused.
async fn otherwise(
    org: &Org,
    current: &NamedCredential,
    url: &Url,
    callouts: Callouts,
    refusal: ApiError,
) -> Result<(), ChangeError> {
    let record = &current.record;
    if callouts == Callouts::Enabled && !current.points_at(url) {
        match connect::put_url(org, record, url).await {
            Err(error) if error.is_refusal() => {}
            done => return Ok(done?),
        }
    }
    match deployed(org, record, url, callouts).await {
        // Refused in every way: the first one says more about the way that should have worked.
        Err(error) if error.is_refusal() => Err(refusal.into()),
        other => Ok(other?),
    }
}

fn missed(after: &NamedCredential, url: &Url, callouts: Callouts) -> Vec<Field> {
    let url = (!after.points_at(url)).then_some(Field::Url);
    let status = (callouts.as_str().is_some() && after.callouts != callouts).then_some(Field::Callouts);
    url.into_iter().chain(status).collect()
}

async fn patch(org: &Org, record: &PackagedRecord, url: &Url, callouts: Callouts) -> Result<(), ApiError> {
    let before = tooling::read(org, Kind::NamedCredential, &record.id).await?;
    let metadata = changed(before.clone(), url, callouts)?;
    if metadata == before {
        return Ok(());
    }
    let switches = metadata.text("calloutStatus") != before.text("calloutStatus");
    if switches && !org.capabilities().may(Capability::ToolingCalloutStatus) {
        return Err(ApiError::KnownRefused);
    }
    tooling::write(org, Kind::NamedCredential, &record.id, &metadata).await
}

async fn deployed(org: &Org, record: &PackagedRecord, url: &Url, callouts: Callouts) -> Result<(), DeployError> {
    let metadata = tooling::read(org, Kind::NamedCredential, &record.id).await?;
    let metadata = changed(metadata, url, callouts)?;
    let component = Component {
        kind: "NamedCredential",
        full_name: record.full_name.to_string(),
        path: format!("namedCredentials/{}.namedCredential", record.full_name),
        xml: metadata.document("NamedCredential"),
    };
    deploy::run(org, &[component]).await
}

fn changed(mut metadata: Metadata, url: &Url, callouts: Callouts) -> Result<Metadata, ApiError> {
    let mut rows = metadata.rows(ROWS)?;
    parameter::set(&mut rows, &URL, written(url));
    metadata.set_rows(ROWS, &rows)?;
    if let Some(status) = callouts.as_str() {
        metadata.set_text("calloutStatus", status);
    }
    Ok(metadata)
}
