//! Tooling PATCH of the three credential types: the whole `Metadata` compound (facts/salesforce 2.4, 3.2, 4.2). DELETE of Named
//! Credentials that no package brought.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::gate::Caller;
use super::record::Address;
use crate::connect::input;
use crate::identifier::same;
use crate::org::manageability;
use crate::org::named_credential;
use crate::org::write::{Actor, Write};
use crate::refusal::{Refusal, json_answer};
use crate::settings::{PatchSuccess, Verdict};
use crate::world::{Shared, World};

/// The body: `Metadata`, and the name if it comes along unchanged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change<M> {
    #[serde(rename = "Metadata")]
    metadata: M,
    #[serde(rename = "FullName")]
    full_name: Option<String>,
}

fn read<M: DeserializeOwned>(headers: &HeaderMap, body: &Bytes, full_name: Option<String>) -> Result<M, Refusal> {
    let change: Change<M> = input::read(headers, body)?;
    match (change.full_name, full_name) {
        (None, _) => Ok(change.metadata),
        (Some(_), None) => Err(Refusal::not_found()),
        (Some(sent), Some(own)) if sent == own => Ok(change.metadata),
        (Some(_), Some(_)) => Err(Refusal::bad("FIELD_INTEGRITY_EXCEPTION", "FullName is locked")),
    }
}

/// PATCH `tooling/sobjects/{object}/{id}`.
pub(crate) async fn patch(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    let settings = world.settings.clone();
    caller.needs(
        caller.permissions.writes_credentials() && caller.permissions.modify_metadata,
        &settings,
    )?;
    let write = Write {
        actor: Actor::External,
        settings: &settings,
        now: sim.clock.now(),
    };
    let (object, id) = (address.object.as_str(), address.id.as_str());
    let org = &mut world.org;
    if object.eq_ignore_ascii_case("NamedCredential") {
        let record = org
            .named_credentials
            .iter()
            .find(|record| same(&record.header.id, id))
            .cloned();
        let record = record.ok_or_else(Refusal::not_found)?;
        let metadata = read(&headers, &body, Some(record.header.full_name()))?;
        let metadata = keep_secrets(metadata, &record.metadata);
        let managed = record.header.namespace.is_some();
        let taken = match (managed, record.metadata.kind()) {
            (true, _) => settings.writes.tooling_named_credential,
            (false, "Legacy") => settings.writes.tooling_classic_credential,
            (false, _) => Verdict::Accept,
        };
        if !taken.accepts() {
            return Err(manageability::refusal(&settings));
        }
        let switched = metadata.callout_status != record.metadata.callout_status;
        if managed && switched && !settings.tooling_callout_status.accepts() {
            let text = "You can't change the callout status of a managed named credential.";
            return Err(Refusal::forbidden("INSUFFICIENT_ACCESS_OR_READONLY", text));
        }
        org.write_named_credential(id, metadata, write)?;
    } else if object.eq_ignore_ascii_case("ExternalCredential") {
        let name = org
            .external_credentials
            .iter()
            .find(|record| same(&record.header.id, id))
            .map(|record| record.header.full_name());
        org.write_external_credential(id, read(&headers, &body, name)?, write)?;
    } else if object.eq_ignore_ascii_case("ExternalAuthIdentityProvider") {
        let found = org.identity_providers.iter().find(|record| same(&record.header.id, id));
        let managed = found.is_some_and(|record| record.header.namespace.is_some());
        if managed && !settings.writes.tooling_provider.accepts() {
            return Err(manageability::refusal(&settings));
        }
        let name = found.map(|record| record.header.full_name());
        org.write_identity_provider(id, read(&headers, &body, name)?, write)?;
    } else {
        return Err(Refusal::not_found());
    }
    Ok(match settings.tooling_patch_success {
        PatchSuccess::NoContent => StatusCode::NO_CONTENT.into_response(),
        PatchSuccess::EmptyObject => json_answer(StatusCode::OK, &json!({})),
    })
}

/// DELETE `tooling/sobjects/NamedCredential/{id}`; a managed one goes with its package only.
pub(crate) async fn remove(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
) -> Result<Response, Refusal> {
    let mut world = sim.world();
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    if !address.object.eq_ignore_ascii_case("NamedCredential") {
        return Err(Refusal::not_found());
    }
    let mut all = world.org.named_credentials.iter();
    let found = all.find(|record| same(&record.header.id, &address.id));
    let header = found
        .map(|record| record.header.clone())
        .ok_or_else(Refusal::not_found)?;
    if header.namespace.is_some() {
        return Err(manageability::refusal(&world.settings));
    }
    world
        .org
        .named_credentials
        .retain(|record| record.header.id != header.id);
    world.org.legacy_tokens.remove(&header.id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Write-only values that the body does not name stay: nobody can have read them back (facts/salesforce 5.4). A missing callout status
/// stays too, as it cannot be told from "not asked".
fn keep_secrets(mut new: named_credential::Metadata, old: &named_credential::Metadata) -> named_credential::Metadata {
    new.callout_status = new.callout_status.or(old.callout_status);
    new.password = new.password.or_else(|| old.password.clone());
    new.oauth_token = new.oauth_token.or_else(|| old.oauth_token.clone());
    new.oauth_refresh_token = new.oauth_refresh_token.or_else(|| old.oauth_refresh_token.clone());
    new.aws_access_secret = new.aws_access_secret.or_else(|| old.aws_access_secret.clone());
    new
}
