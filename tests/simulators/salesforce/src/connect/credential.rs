//! `credential`: the values of one principal (facts/salesforce 4.3).
//!
//! The token of a browser-flow principal cannot be written here; only the hop brings it.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::external_credential::principal_status;
use super::input::{self, PrincipalType};
use super::output::answer;
use crate::api::gate::Caller;
use crate::form::Fields;
use crate::org::Org;
use crate::org::external_credential::{ExternalCredential, PrincipalValue, Row};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::world::{Shared, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    authentication_protocol: String,
    authentication_protocol_variant: Option<String>,
    credentials: BTreeMap<String, Entry>,
    external_credential: String,
    principal_name: Option<String>,
    principal_type: PrincipalType,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    value: String,
    encrypted: Option<bool>,
}

fn find<'a>(
    org: &'a Org,
    credential: &str,
    kind: &str,
    name: &str,
) -> Result<(&'a ExternalCredential, &'a Row), Refusal> {
    let credential = org.external_credential(credential).ok_or_else(Refusal::not_found)?;
    let principal = credential
        .metadata
        .principal(kind, name)
        .ok_or_else(Refusal::not_found)?;
    Ok((credential, principal))
}

fn output(org: &Org, credential: &ExternalCredential, principal: &Row) -> Value {
    let values: Map<String, Value> = org
        .principal_values
        .get(&principal.id)
        .into_iter()
        .flatten()
        .map(|(name, stored)| {
            // An encrypted value has a key and no value (facts/salesforce 5.4).
            let shown = if stored.encrypted {
                json!({ "encrypted": true })
            } else {
                json!({ "encrypted": false, "value": stored.value })
            };
            (name.clone(), shown)
        })
        .collect();
    json!({
        "authenticationProtocol": credential.metadata.connect_protocol(), "authenticationProtocolVariant": credential.metadata.variant(),
        "authenticationStatus": principal_status(org, credential, principal), "credentials": values,
        "externalCredential": credential.header.full_name(), "principalName": principal.parameter_name,
        "principalType": principal.parameter_type,
    })
}

/// GET.
pub(crate) async fn show(State(sim): State<Shared>, _: Caller, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let world = sim.world();
    let get = |name| fields.get(name).unwrap_or_default();
    let (credential, principal) = find(
        &world.org,
        get("externalCredential"),
        get("principalType"),
        get("principalName"),
    )?;
    Ok(answer(
        StatusCode::OK,
        output(&world.org, credential, principal),
        &world.settings,
    ))
}

/// What a write does with what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Create,
    Replace,
    Merge,
}

fn check_names(input: &Input, settings: &Settings) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::bad("INVALID_API_INPUT", message));
    let allowed: &[&str] = match input.authentication_protocol.as_str() {
        "Custom" => return Ok(()),
        "OAuth" if settings.direct_token_keys.accepts() => &["clientId", "clientSecret", "accessToken", "refreshToken"],
        "OAuth" => &["clientId", "clientSecret"],
        "Basic" => &["username", "password"],
        "AwsSv4" => &["awsAccessKeyId", "awsSecretAccessKey", "awsRoleArn"],
        "Jwt" => &[],
        other => return refuse(format!("Invalid authentication protocol: {other}")),
    };
    for (name, entry) in &input.credentials {
        if !allowed.contains(&name.as_str()) {
            return refuse(format!("Invalid credential: {name}"));
        }
        if name == "clientId" && entry.encrypted == Some(true) {
            return refuse("The clientId credential can't be encrypted.".to_owned());
        }
    }
    Ok(())
}

fn write(
    world: &mut World,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
    verb: Verb,
) -> Result<Response, Refusal> {
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let input: Input = input::read(headers, body)?;
    check_names(&input, &world.settings)?;
    let kind = input.principal_type.row_type();
    let name = input.principal_name.clone().unwrap_or_default();
    let (credential, principal) = find(&world.org, &input.external_credential, kind, &name)?;
    if credential.metadata.connect_protocol() != input.authentication_protocol
        || input
            .authentication_protocol_variant
            .as_deref()
            .is_some_and(|variant| credential.metadata.variant() != Some(variant))
    {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "The authentication protocol does not match the external credential.",
        ));
    }
    if verb == Verb::Merge && (input.authentication_protocol != "Custom" || caller.version < 59) {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "PATCH is supported for the Custom authentication protocol only.",
        ));
    }
    let id = principal.id.clone();
    let stored = world.org.principal_values.entry(id).or_default();
    if verb == Verb::Create && !stored.is_empty() {
        let message = format!(
            "Authentication credentials for the principal \"{name}\" already exist. Use the PUT method to overwrite them."
        );
        return Err(Refusal::new(StatusCode::CONFLICT, "CONFLICT", message));
    }
    if verb != Verb::Merge {
        stored.clear();
    }
    for (name, entry) in input.credentials {
        stored.insert(
            name,
            PrincipalValue {
                value: entry.value,
                encrypted: entry.encrypted.unwrap_or(true),
            },
        );
    }
    let status = if verb == Verb::Create {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let (credential, principal) = find(&world.org, &input.external_credential, kind, &name)?;
    Ok(answer(
        status,
        output(&world.org, credential, principal),
        &world.settings,
    ))
}

/// POST.
pub(crate) async fn create(
    State(sim): State<Shared>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    if Fields::parse(query.unwrap_or_default().as_bytes())
        .get("action")
        .is_some()
    {
        // The PIM hands out no refresh token, so there is nothing that Refresh could use.
        return Err(Refusal::bad("INVALID_API_INPUT", "The principal has no refresh token."));
    }
    write(&mut sim.world(), &caller, &headers, &body, Verb::Create)
}

/// PUT: names that are missing are deleted.
pub(crate) async fn replace(
    State(sim): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    write(&mut sim.world(), &caller, &headers, &body, Verb::Replace)
}

/// PATCH: names that are missing stay.
pub(crate) async fn merge(
    State(sim): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    write(&mut sim.world(), &caller, &headers, &body, Verb::Merge)
}

/// DELETE.
pub(crate) async fn remove(
    State(sim): State<Shared>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut world = sim.world();
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let get = |name| fields.get(name).unwrap_or_default();
    let (_, principal) = find(
        &world.org,
        get("externalCredential"),
        get("principalType"),
        get("principalName"),
    )?;
    let id = principal.id.clone();
    match fields.get("authenticationParameters") {
        Some(names) => {
            if let Some(stored) = world.org.principal_values.get_mut(&id) {
                stored.retain(|name, _| !names.split(',').any(|wanted| wanted == name));
            }
        }
        None => {
            world.org.principal_values.remove(&id);
            world.org.principal_tokens.remove(&id);
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
