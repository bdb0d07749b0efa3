//! `external-auth-identity-provider-credentials` (facts/salesforce 3.3).
//!
//! POST creates, PUT replaces, and both want both entries. The secret never comes back.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{self, Named};
use super::output::answer;
use crate::api::gate::Caller;
use crate::org::identity_provider::{Credentials, IdentityProvider};
use crate::org::manageability;
use crate::org::write::{Actor, Write};
use crate::refusal::Refusal;
use crate::settings::{Conflict, CredentialsShape, Settings};
use crate::world::{Shared, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    credentials: Vec<Entry>,
    external_auth_identity_provider: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    credential_name: String,
    credential_value: String,
}

/// What is shown of credentials: null when unset, otherwise as the switch says.
pub(crate) fn shape(record: &IdentityProvider, settings: &Settings) -> Value {
    let Some(credentials) = &record.credentials else {
        return Value::Null;
    };
    match settings.eaip_credentials_shape {
        CredentialsShape::Null => Value::Null,
        CredentialsShape::NameOnly => json!([{ "credentialName": "clientId" }, { "credentialName": "clientSecret" }]),
        CredentialsShape::Masked => json!([
            { "credentialName": "clientId", "credentialValue": "********" },
            { "credentialName": "clientSecret", "credentialValue": "********" },
        ]),
        CredentialsShape::ClientIdClear => json!([
            { "credentialName": "clientId", "credentialValue": credentials.client_id },
            { "credentialName": "clientSecret" },
        ]),
    }
}

fn body(record: &IdentityProvider, settings: &Settings) -> Value {
    json!({ "externalAuthIdentityProvider": record.header.full_name(), "credentials": shape(record, settings) })
}

fn available(caller: &Caller) -> Result<(), Refusal> {
    if caller.version >= 62 {
        Ok(())
    } else {
        Err(Refusal::not_found())
    }
}

/// GET.
pub(crate) async fn show(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
) -> Result<Response, Refusal> {
    available(&caller)?;
    let world = sim.world();
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    Ok(answer(StatusCode::OK, body(record, &world.settings), &world.settings))
}

fn read(caller: &Caller, world: &World, headers: &HeaderMap, body: &Bytes) -> Result<Credentials, Refusal> {
    available(caller)?;
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let input: Input = input::read(headers, body)?;
    if input.external_auth_identity_provider.is_some() && !world.settings.extra_eaip_credentials_key.accepts() {
        return Err(Refusal::bad(
            "JSON_PARSER_ERROR",
            "Unrecognized field \"externalAuthIdentityProvider\" at [line:1, column:32]",
        ));
    }
    let mut id = None;
    let mut secret = None;
    for entry in input.credentials {
        let slot = match entry.credential_name.as_str() {
            "clientId" => &mut id,
            "clientSecret" => &mut secret,
            other => {
                return Err(Refusal::bad(
                    "INVALID_API_INPUT",
                    format!("Invalid credential name: {other}"),
                ));
            }
        };
        if slot.replace(entry.credential_value).is_some() {
            return Err(Refusal::bad(
                "INVALID_API_INPUT",
                format!("Duplicate credential name: {}", entry.credential_name),
            ));
        }
    }
    match (id, secret) {
        (Some(client_id), Some(client_secret)) if !client_id.is_empty() && !client_secret.is_empty() => {
            Ok(Credentials {
                client_id,
                client_secret,
            })
        }
        _ => Err(Refusal::bad(
            "INVALID_API_INPUT",
            "Specify both clientId and clientSecret.",
        )),
    }
}

fn store(
    sim: &Shared,
    world: &mut World,
    name: &str,
    credentials: Credentials,
    status: StatusCode,
) -> Result<Response, Refusal> {
    let settings = world.settings.clone();
    let managed = world
        .org
        .identity_provider(name)
        .is_some_and(|record| record.header.namespace.is_some());
    if managed && !settings.writes.provider_credentials.accepts() {
        return Err(manageability::refusal(&settings));
    }
    let write = Write {
        actor: Actor::External,
        settings: &settings,
        now: sim.clock.now(),
    };
    world.org.write_provider_credentials(name, credentials, write);
    let record = world.org.identity_provider(name).ok_or_else(Refusal::not_found)?;
    Ok(answer(status, body(record, &settings), &settings))
}

/// POST: the first time. The second time is a switch.
pub(crate) async fn create(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    let credentials = read(&caller, world, &headers, &body)?;
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    let present = record.credentials.is_some();
    if present && world.settings.second_credentials_post == Conflict::Conflict {
        let message = format!(
            "Credentials for the external auth identity provider \"{}\" already exist. Use the PUT method to overwrite them.",
            path.name
        );
        return Err(Refusal::new(StatusCode::CONFLICT, "CONFLICT", message));
    }
    let status = if present { StatusCode::OK } else { StatusCode::CREATED };
    store(&sim, world, &path.name, credentials, status)
}

/// PUT: every later time.
pub(crate) async fn replace(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    let credentials = read(&caller, world, &headers, &body)?;
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    if record.credentials.is_none() {
        return Err(Refusal::not_found());
    }
    store(&sim, world, &path.name, credentials, StatusCode::OK)
}
