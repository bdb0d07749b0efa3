//! `external-credentials` (facts/salesforce 4.1, 4.7).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{self, Named, PrincipalType};
use super::output::{answer, url};
use crate::api::gate::Caller;
use crate::identifier::same;
use crate::org::external_credential::{ExternalCredential, Metadata, Row};
use crate::org::write::{Actor, Write};
use crate::org::{Header, Org, manageability};
use crate::refusal::Refusal;
use crate::world::{Shared, World};

const COLLECTION: &str = "external-credentials";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    developer_name: Option<String>,
    master_label: String,
    authentication_protocol: String,
    authentication_protocol_variant: Option<String>,
    principals: Vec<Principal>,
    #[serde(default)]
    custom_headers: Option<Vec<CustomHeader>>,
    #[serde(default)]
    parameters: Option<Vec<Parameter>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Principal {
    principal_name: String,
    principal_type: PrincipalType,
    sequence_number: Option<i64>,
    #[serde(default)]
    parameters: Option<Vec<Parameter>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CustomHeader {
    header_name: String,
    header_value: String,
    sequence_number: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameter {
    parameter_name: String,
    parameter_type: String,
    parameter_value: Option<String>,
}

/// Status of one principal (facts/salesforce 4.3): a stored token, stored values, or none of them.
pub(crate) fn principal_status(org: &Org, credential: &ExternalCredential, principal: &Row) -> &'static str {
    let has_token = org.principal_tokens.contains_key(&principal.id);
    let has_values = org
        .principal_values
        .get(&principal.id)
        .is_some_and(|values| !values.is_empty());
    match credential.metadata.authentication_protocol.as_str() {
        "Custom" if credential.metadata.variant().is_none() => "Unknown",
        _ if org.has_client_credentials(credential) => "Configured",
        _ if has_token || has_values || credential.metadata.variant() == Some("NoAuthentication") => "Configured",
        _ => "NotConfigured",
    }
}

/// The credential is configured if one principal is (facts/salesforce 4.1).
fn credential_status(org: &Org, credential: &ExternalCredential) -> &'static str {
    let mut statuses = credential
        .metadata
        .principals()
        .map(|row| principal_status(org, credential, row));
    let mut best = "NotConfigured";
    for status in statuses.by_ref() {
        match status {
            "Configured" => return status,
            "Unknown" => best = status,
            _ => {}
        }
    }
    best
}

fn principals(org: &Org, record: &ExternalCredential) -> Vec<Value> {
    record
        .metadata
        .principals()
        .map(|row| {
            let access: Vec<Value> = org
                .grants
                .setup_entity_access
                .iter()
                .filter(|access| same(&access.entity, &row.id))
                .filter_map(|access| org.grants.permission_set(&access.parent))
                .map(|set| json!({ "id": set.id, "developerName": set.name, "masterLabel": set.label, "type": "PermissionSet" }))
                .collect();
            json!({
                "authenticationStatus": principal_status(org, record, row), "id": row.id, "parameters": [], "principalAccess": access,
                "principalName": row.parameter_name, "principalType": row.parameter_type, "sequenceNumber": row.sequence_number,
            })
        })
        .collect()
}

fn output(org: &Org, caller: &Caller, record: &ExternalCredential) -> Value {
    let name = record.header.full_name();
    let related: Vec<Value> = org
        .named_credentials
        .iter()
        .filter(|named| named.metadata.external_credential() == Some(&name))
        .map(|named| {
            let name = named.header.full_name();
            let url = url(caller, "named-credential-setup", &name);
            json!({ "developerName": name, "id": named.header.id, "masterLabel": named.metadata.label, "url": url })
        })
        .collect();
    let headers: Vec<Value> = record
        .metadata
        .rows("AuthHeader")
        .map(|row| {
            json!({ "headerName": row.parameter_name, "headerValue": row.parameter_value, "id": row.id, "sequenceNumber": row.sequence_number })
        })
        .collect();
    let parameters: Vec<Value> = record
        .metadata
        .external_credential_parameters
        .iter()
        .filter(|row| {
            !row.is_principal() && !matches!(row.parameter_type.as_str(), "AuthHeader" | "AuthProtocolVariant")
        })
        .map(|row| {
            let value = row
                .parameter_value
                .as_ref()
                .or(row.external_auth_identity_provider.as_ref());
            json!({ "parameterName": row.parameter_name, "parameterType": row.parameter_type, "parameterValue": value })
        })
        .collect();
    // Without View Setup the lists are empty, with 200 (facts/salesforce 4.1, 14.4 item 19).
    let sees = caller.permissions.view_setup;
    let shown = |list: Vec<Value>| if sees { list } else { Vec::new() };
    json!({
        "authenticationProtocol": record.metadata.connect_protocol(), "authenticationProtocolVariant": record.metadata.variant(),
        "authenticationStatus": credential_status(org, record), "createdByNamespace": record.header.namespace,
        "customHeaders": shown(headers), "developerName": name, "id": record.header.id, "masterLabel": record.metadata.label,
        "parameters": shown(parameters), "principals": shown(principals(org, record)), "relatedNamedCredentials": shown(related),
        "url": url(caller, COLLECTION, &name),
    })
}

/// GET the collection, in full.
pub(crate) async fn list(State(sim): State<Shared>, caller: Caller) -> Response {
    let world = sim.world();
    let all: Vec<Value> = world
        .org
        .external_credentials
        .iter()
        .map(|record| output(&world.org, &caller, record))
        .collect();
    answer(StatusCode::OK, json!({ "externalCredentials": all }), &world.settings)
}

/// GET one.
pub(crate) async fn show(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
) -> Result<Response, Refusal> {
    let world = sim.world();
    let record = world
        .org
        .external_credential(&path.name)
        .ok_or_else(Refusal::not_found)?;
    Ok(answer(
        StatusCode::OK,
        output(&world.org, &caller, record),
        &world.settings,
    ))
}

fn protocol(connect: &str) -> Result<String, Refusal> {
    match connect {
        "OAuth" => Ok("Oauth".to_owned()),
        "Custom" | "Basic" | "AwsSv4" | "Jwt" => Ok(connect.to_owned()),
        other => Err(Refusal::bad(
            "INVALID_API_INPUT",
            format!("Invalid authentication protocol: {other}"),
        )),
    }
}

fn metadata(input: Input) -> Result<Metadata, Refusal> {
    let mut rows = Vec::new();
    if let Some(variant) = &input.authentication_protocol_variant {
        rows.push(Row::new("AuthProtocolVariant", "AuthProtocolVariant", Some(variant)));
    }
    let from = |parameter: Parameter, group: Option<&str>| {
        let mut row = Row::new(
            &parameter.parameter_type,
            &parameter.parameter_name,
            parameter.parameter_value.as_deref(),
        );
        row.parameter_group = group.map(str::to_owned);
        if parameter.parameter_type == "ExternalAuthIdentityProvider" {
            row.external_auth_identity_provider = parameter.parameter_value;
        }
        row
    };
    rows.extend(
        input
            .parameters
            .unwrap_or_default()
            .into_iter()
            .map(|parameter| from(parameter, None)),
    );
    for principal in input.principals {
        let kind = principal.principal_type.row_type();
        rows.push(Row::principal(
            &principal.principal_name,
            kind,
            principal.sequence_number,
        ));
        let group = Some(principal.principal_name.as_str());
        rows.extend(
            principal
                .parameters
                .unwrap_or_default()
                .into_iter()
                .map(|parameter| from(parameter, group)),
        );
    }
    for header in input.custom_headers.unwrap_or_default() {
        let row = Row::new("AuthHeader", &header.header_name, Some(&header.header_value));
        rows.push(Row {
            sequence_number: header.sequence_number,
            ..row
        });
    }
    Ok(Metadata {
        authentication_protocol: protocol(&input.authentication_protocol)?,
        description: None,
        external_credential_parameters: rows,
        label: input.master_label,
    })
}

fn read(caller: &Caller, world: &World, headers: &HeaderMap, body: &Bytes) -> Result<Input, Refusal> {
    if caller.version < 58 {
        return Err(Refusal::not_found());
    }
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    input::read(headers, body)
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
    let mut input = read(&caller, world, &headers, &body)?;
    let name = input.developer_name.take().ok_or_else(|| {
        Refusal::bad(
            "INVALID_API_INPUT",
            "Required input parameter is missing: developerName",
        )
    })?;
    if world.org.external_credential(&name).is_some() {
        return Err(Refusal::bad(
            "DUPLICATE_VALUE",
            format!("An external credential with the name {name} already exists."),
        ));
    }
    let metadata = metadata(input)?;
    let header = Header::local(world.org.mint.id("0pt"), &name, sim.clock.now());
    world
        .org
        .add_external_credential(ExternalCredential { header, metadata });
    let record = world.org.external_credential(&name).ok_or_else(Refusal::not_found)?;
    Ok(answer(
        StatusCode::CREATED,
        output(&world.org, &caller, record),
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
    let record = world
        .org
        .external_credential(&path.name)
        .ok_or_else(Refusal::not_found)?;
    let id = record.header.id.clone();
    let settings = world.settings.clone();
    let write = Write {
        actor: Actor::External,
        settings: &settings,
        now: sim.clock.now(),
    };
    world.org.write_external_credential(&id, metadata(input)?, write)?;
    let record = world
        .org
        .external_credential(&path.name)
        .ok_or_else(Refusal::not_found)?;
    Ok(answer(StatusCode::OK, output(&world.org, &caller, record), &settings))
}

/// DELETE; managed records go with their package only.
pub(crate) async fn remove(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
) -> Result<Response, Refusal> {
    let mut world = sim.world();
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let record = world
        .org
        .external_credential(&path.name)
        .ok_or_else(Refusal::not_found)?;
    if record.header.namespace.is_some() {
        return Err(manageability::refusal(&world.settings));
    }
    if world
        .org
        .named_credentials
        .iter()
        .any(|named| named.metadata.external_credential() == Some(&path.name))
    {
        return Err(Refusal::bad(
            "DELETE_FAILED",
            "The external credential is used by a named credential.",
        ));
    }
    world
        .org
        .external_credentials
        .retain(|record| record.header.full_name() != path.name);
    world.org.forget_lost_principals();
    Ok(StatusCode::NO_CONTENT.into_response())
}
