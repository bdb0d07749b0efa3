//! `external-auth-identity-providers` (facts/salesforce 3.1).
//!
//! URLs and client authentication are keys of their own here; request parameters are rows. Version 62 knows neither parameters nor client
//! authentication.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{self, Named};
use super::output::{answer, url};
use super::provider_credentials;
use crate::api::gate::Caller;
use crate::client_app::packaged::FLOW;
use crate::org::identity_provider::{IdentityProvider, Metadata, REQUEST_TYPES, Row};
use crate::org::write::{Actor, Write};
use crate::org::{Header, manageability};
use crate::refusal::Refusal;
use crate::world::{Shared, World};

const COLLECTION: &str = "external-auth-identity-providers";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    full_name: String,
    label: String,
    authentication_flow: String,
    authentication_protocol: String,
    token_url: String,
    authorize_url: Option<String>,
    description: Option<String>,
    user_info_url: Option<String>,
    client_authentication: Option<ClientAuthentication>,
    parameters: Option<Vec<Parameter>>,
    standard_external_identity_provider: Option<String>,
}

#[derive(Deserialize, Debug, Clone, Copy)]
enum ClientAuthentication {
    ClientSecretBasic,
    ClientSecretPost,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameter {
    parameter_name: String,
    parameter_type: String,
    parameter_value: Option<String>,
    sequence_number: Option<i64>,
}

fn output(sim: &Shared, world: &World, caller: &Caller, record: &IdentityProvider) -> Value {
    let metadata = &record.metadata;
    let name = record.header.full_name();
    let mut body = json!({
        "authenticationFlow": metadata.authentication_flow, "authenticationProtocol": metadata.authentication_protocol,
        "authorizeUrl": metadata.value("AuthorizeUrl"), "callbackUrl": sim.callback_url(world, record),
        "createdByNamespace": record.header.namespace, "credentials": provider_credentials::shape(record, &world.settings),
        "description": metadata.description, "fullName": name, "id": record.header.id, "label": metadata.label,
        "tokenUrl": metadata.value("TokenUrl"), "url": url(caller, COLLECTION, &name), "userInfoUrl": metadata.value("UserInfoUrl"),
    });
    if caller.version >= 63 {
        let shown = metadata
            .external_auth_identity_provider_parameters
            .iter()
            .filter(|_| caller.permissions.view_setup);
        let parameters: Vec<Value> = shown
            .filter(|row| row.is_request_parameter())
            .map(|row| {
                let mut item = json!({
                    "parameterName": row.parameter_name, "parameterType": row.parameter_type, "parameterValue": row.parameter_value,
                });
                if let Some(sequence) = row.sequence_number {
                    item["sequenceNumber"] = json!(sequence);
                }
                item
            })
            .collect();
        body["clientAuthentication"] = json!(metadata.value("ClientAuthentication"));
        body["parameters"] = json!(parameters);
        body["standardExternalIdentityProvider"] = json!(metadata.value("StandardExternalIdentityProvider"));
    }
    body
}

fn available(caller: &Caller) -> Result<(), Refusal> {
    if caller.version >= 62 {
        Ok(())
    } else {
        Err(Refusal::not_found())
    }
}

/// GET the collection.
pub(crate) async fn list(State(sim): State<Shared>, caller: Caller) -> Result<Response, Refusal> {
    available(&caller)?;
    let world = sim.world();
    let all: Vec<Value> = world
        .org
        .identity_providers
        .iter()
        .map(|record| output(&sim, &world, &caller, record))
        .collect();
    Ok(answer(
        StatusCode::OK,
        json!({ "externalAuthIdentityProviders": all }),
        &world.settings,
    ))
}

/// GET one.
pub(crate) async fn show(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
) -> Result<Response, Refusal> {
    available(&caller)?;
    let world = sim.world();
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    Ok(answer(
        StatusCode::OK,
        output(&sim, &world, &caller, record),
        &world.settings,
    ))
}

fn read(caller: &Caller, world: &World, headers: &HeaderMap, body: &Bytes) -> Result<Input, Refusal> {
    available(caller)?;
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let input: Input = input::read(headers, body)?;
    input::since(caller, 63, input.parameters.is_some(), "parameters", body)?;
    input::since(
        caller,
        63,
        input.client_authentication.is_some(),
        "clientAuthentication",
        body,
    )?;
    input::since(
        caller,
        63,
        input.standard_external_identity_provider.is_some(),
        "standardExternalIdentityProvider",
        body,
    )?;
    let known = match input.authentication_flow.as_str() {
        "AuthorizationCode" | "SalesforceDefined" => true,
        FLOW => caller.version >= world.settings.client_credentials_flow_min_version,
        _ => false,
    };
    if !known {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            format!("Invalid authentication flow: {}", input.authentication_flow),
        ));
    }
    if !matches!(input.authentication_protocol.as_str(), "OAuth" | "SalesforceDefined") {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            format!("Invalid authentication protocol: {}", input.authentication_protocol),
        ));
    }
    if input.authentication_flow == "AuthorizationCode" && input.authorize_url.is_none() {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "Required input parameter is missing: authorizeUrl",
        ));
    }
    Ok(input)
}

/// The metadata that an input asks for. Everything that it does not name is gone (facts/salesforce 0 fact 4), except what version 62 cannot
/// name.
fn metadata(caller: &Caller, input: Input, before: Option<&Metadata>) -> Result<Metadata, Refusal> {
    let mut rows = Vec::new();
    let mut property = |kind: &str, value: Option<String>| rows.extend(value.map(|value| Row::property(kind, &value)));
    property("AuthorizeUrl", input.authorize_url);
    property("TokenUrl", Some(input.token_url));
    property("UserInfoUrl", input.user_info_url);
    if caller.version >= 63 {
        let client_authentication = input
            .client_authentication
            .unwrap_or(ClientAuthentication::ClientSecretBasic);
        property("ClientAuthentication", Some(format!("{client_authentication:?}")));
        property(
            "StandardExternalIdentityProvider",
            input.standard_external_identity_provider,
        );
    }
    for parameter in input.parameters.unwrap_or_default() {
        if !REQUEST_TYPES.contains(&parameter.parameter_type.as_str()) {
            return Err(Refusal::bad(
                "POST_BODY_PARSE_ERROR",
                format!("Invalid value \"{}\"", parameter.parameter_type),
            ));
        }
        rows.push(Row {
            parameter_name: parameter.parameter_name,
            parameter_type: parameter.parameter_type,
            parameter_value: parameter.parameter_value,
            sequence_number: parameter.sequence_number,
            ..Row::default()
        });
    }
    let old = before
        .map(|before| before.external_auth_identity_provider_parameters.as_slice())
        .unwrap_or_default();
    let untouched = |row: &&Row| {
        let nameable = row.is_request_parameter()
            || matches!(
                row.parameter_type.as_str(),
                "ClientAuthentication" | "StandardExternalIdentityProvider"
            );
        row.parameter_type == "CreatedByNamespace" || (caller.version < 63 && nameable)
    };
    rows.extend(old.iter().filter(untouched).cloned());
    Ok(Metadata {
        authentication_flow: input.authentication_flow,
        authentication_protocol: input.authentication_protocol,
        description: input.description,
        external_auth_identity_provider_parameters: rows,
        label: input.label,
    })
}

/// POST.
pub(crate) async fn create(
    State(sim): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    let input = read(&caller, world, &headers, &body)?;
    let name = input.full_name.clone();
    if world.org.identity_provider(&name).is_some() {
        return Err(Refusal::bad(
            "DUPLICATE_VALUE",
            format!("An external auth identity provider with the name {name} already exists."),
        ));
    }
    let metadata = metadata(&caller, input, None)?;
    let prefix = world.settings.eaip_id_prefix.clone();
    let header = Header::local(world.org.mint.id(&prefix), &name, sim.clock.now());
    world.org.add_identity_provider(IdentityProvider {
        header,
        metadata,
        credentials: None,
    });
    let record = world.org.identity_provider(&name).ok_or_else(Refusal::not_found)?;
    Ok(answer(
        StatusCode::CREATED,
        output(&sim, world, &caller, record),
        &world.settings,
    ))
}

/// PUT: full replace.
pub(crate) async fn replace(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    let input = read(&caller, world, &headers, &body)?;
    let settings = world.settings.clone();
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    if record.header.namespace.is_some() && !settings.connect_put_managed_eaip.accepts() {
        return Err(manageability::refusal(&settings));
    }
    if input.full_name != path.name {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "The full name does not match the resource.",
        ));
    }
    let (id, metadata) = (
        record.header.id.clone(),
        metadata(&caller, input, Some(&record.metadata))?,
    );
    let write = Write {
        actor: Actor::External,
        settings: &settings,
        now: sim.clock.now(),
    };
    world.org.write_identity_provider(&id, metadata, write)?;
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    Ok(answer(StatusCode::OK, output(&sim, world, &caller, record), &settings))
}

/// DELETE; managed records go with their package only.
pub(crate) async fn remove(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
) -> Result<Response, Refusal> {
    available(&caller)?;
    let mut world = sim.world();
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let record = world.org.identity_provider(&path.name).ok_or_else(Refusal::not_found)?;
    if record.header.namespace.is_some() {
        return Err(manageability::refusal(&world.settings));
    }
    world
        .org
        .identity_providers
        .retain(|record| record.header.full_name() != path.name);
    Ok(StatusCode::NO_CONTENT.into_response())
}
