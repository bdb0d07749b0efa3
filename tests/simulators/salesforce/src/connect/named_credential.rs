//! `named-credential-setup` (facts/salesforce 2.2, 2.3).
//!
//! `calloutStatus` can be read here and not written.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{self, Named};
use super::output::{answer, url};
use crate::api::gate::Caller;
use crate::identifier::same;
use crate::org::named_credential::{CalloutStatus, Metadata, NamedCredential, Row};
use crate::org::write::{Actor, Write};
use crate::org::{Header, Org, manageability};
use crate::refusal::Refusal;
use crate::world::{Shared, World};

const COLLECTION: &str = "named-credential-setup";
/// Row types that Connect shows as `parameters`.
const PARAMETERS: &[&str] = &["AllowedManagedPackageNamespaces", "ClientCertificate"];
/// Row types that Connect neither shows as such nor replaces.
const OUTSIDE: &[&str] = &[
    "CreatedByNamespace",
    "ManagedByNamespace",
    "ManagedByFeature",
    "ManagedByComponent",
    "ConnectionStatus",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    developer_name: Option<String>,
    master_label: String,
    #[serde(rename = "type")]
    kind: String,
    callout_url: String,
    callout_options: Options,
    external_credentials: Vec<Link>,
    #[serde(default)]
    custom_headers: Option<Vec<CustomHeader>>,
    #[serde(default)]
    parameters: Option<Vec<Parameter>>,
    network_connection: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    allow_merge_fields_in_body: Option<bool>,
    allow_merge_fields_in_header: Option<bool>,
    generate_authorization_header: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Link {
    developer_name: String,
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
    parameter_description: Option<String>,
    id: Option<String>,
}

fn output(org: &Org, caller: &Caller, record: &NamedCredential) -> Value {
    let metadata = &record.metadata;
    let name = record.header.full_name();
    let linked = metadata
        .external_credential()
        .and_then(|name| org.external_credential(name));
    let links: Vec<Value> = linked
        .iter()
        .map(|credential| {
            let name = credential.header.full_name();
            let url = url(caller, "external-credentials", &name);
            json!({ "developerName": name, "id": credential.header.id, "masterLabel": credential.metadata.label, "url": url })
        })
        .collect();
    let headers: Vec<Value> = metadata
        .rows("HttpHeader")
        .map(|row| {
            json!({ "headerName": row.parameter_name, "headerValue": row.parameter_value, "id": row.id, "sequenceNumber": row.sequence_number })
        })
        .collect();
    let parameters: Vec<Value> = metadata
        .named_credential_parameters
        .iter()
        .filter(|row| PARAMETERS.contains(&row.parameter_type.as_str()))
        .map(|row| {
            json!({
                "parameterName": row.parameter_name, "parameterType": row.parameter_type, "parameterValue": row.parameter_value,
                "parameterDescription": row.description, "id": row.id,
            })
        })
        .collect();
    let mut body = json!({
        "calloutOptions": {
            "allowMergeFieldsInBody": metadata.allow_merge_fields_in_body.unwrap_or(false),
            "allowMergeFieldsInHeader": metadata.allow_merge_fields_in_header.unwrap_or(false),
            "generateAuthorizationHeader": metadata.generate_authorization_header.unwrap_or(false),
        },
        "calloutUrl": metadata.url(), "customHeaders": headers, "developerName": name, "externalCredentials": links,
        "id": record.header.id, "masterLabel": metadata.label, "networkConnection": metadata.outbound_network_connection,
        "parameters": parameters, "type": metadata.kind(), "url": url(caller, COLLECTION, &name),
    });
    if caller.version >= 59 {
        body["calloutStatus"] = json!(metadata.callout_status);
        body["createdByNamespace"] = json!(record.header.namespace);
    }
    if caller.version >= 64 {
        body["description"] = json!(metadata.description);
    }
    body
}

/// GET the collection: summaries only.
pub(crate) async fn list(State(sim): State<Shared>, caller: Caller) -> Response {
    let world = sim.world();
    let all = world.org.named_credentials.iter().map(|record| {
        let name = record.header.full_name();
        json!({
            "calloutUrl": record.metadata.url(), "developerName": name, "id": record.header.id,
            "masterLabel": record.metadata.label, "type": record.metadata.kind(), "url": url(&caller, COLLECTION, &name),
        })
    });
    answer(
        StatusCode::OK,
        json!({ "namedCredentials": all.collect::<Vec<_>>() }),
        &world.settings,
    )
}

/// GET one.
pub(crate) async fn show(
    State(sim): State<Shared>,
    caller: Caller,
    Path(path): Path<Named>,
) -> Result<Response, Refusal> {
    let world = sim.world();
    let record = world.org.named_credential(&path.name).ok_or_else(Refusal::not_found)?;
    let mut body = output(&world.org, &caller, record);
    if !caller.permissions.view_setup {
        // Without View Setup some properties are empty (facts/salesforce 4.1).
        body["externalCredentials"] = json!([]);
        body["parameters"] = json!([]);
        body["customHeaders"] = json!([]);
    }
    Ok(answer(StatusCode::OK, body, &world.settings))
}

/// The metadata that an input asks for, on top of what Connect does not touch.
fn metadata(input: Input, before: Option<&Metadata>) -> Result<Metadata, Refusal> {
    let [link] = input.external_credentials.as_slice() else {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "Specify exactly one external credential.",
        ));
    };
    let mut metadata = Metadata::secured(&input.master_label, &input.callout_url, &link.developer_name);
    metadata.named_credential_type = Some(input.kind);
    metadata.allow_merge_fields_in_body = Some(input.callout_options.allow_merge_fields_in_body.unwrap_or(false));
    metadata.allow_merge_fields_in_header = Some(input.callout_options.allow_merge_fields_in_header.unwrap_or(false));
    metadata.generate_authorization_header = Some(input.callout_options.generate_authorization_header.unwrap_or(true));
    metadata.outbound_network_connection = input.network_connection;
    metadata.description = input.description;
    metadata.callout_status = before.map_or(Some(CalloutStatus::Enabled), |before| before.callout_status);
    let rows = &mut metadata.named_credential_parameters;
    rows.extend(input.custom_headers.unwrap_or_default().into_iter().map(|header| Row {
        parameter_name: header.header_name,
        parameter_type: "HttpHeader".to_owned(),
        parameter_value: Some(header.header_value),
        sequence_number: header.sequence_number,
        ..Row::default()
    }));
    for parameter in input.parameters.unwrap_or_default() {
        if !PARAMETERS.contains(&parameter.parameter_type.as_str()) {
            return Err(Refusal::bad(
                "POST_BODY_PARSE_ERROR",
                format!("Invalid value \"{}\"", parameter.parameter_type),
            ));
        }
        // The id comes back from a GET; the row is known by its name and type.
        drop(parameter.id);
        rows.push(Row {
            parameter_name: parameter.parameter_name,
            parameter_type: parameter.parameter_type,
            parameter_value: parameter.parameter_value,
            description: parameter.parameter_description,
            ..Row::default()
        });
    }
    if let Some(before) = before {
        let kept = before
            .named_credential_parameters
            .iter()
            .filter(|row| OUTSIDE.contains(&row.parameter_type.as_str()));
        rows.extend(kept.cloned());
    }
    Ok(metadata)
}

fn read(caller: &Caller, world: &World, headers: &HeaderMap, body: &Bytes) -> Result<Input, Refusal> {
    if caller.version < 58 {
        return Err(Refusal::not_found());
    }
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let input: Input = input::read(headers, body)?;
    input::since(caller, 64, input.description.is_some(), "description", body)?;
    Ok(input)
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
    if world.org.named_credential(&name).is_some() {
        return Err(Refusal::bad(
            "DUPLICATE_VALUE",
            format!("A named credential with the name {name} already exists."),
        ));
    }
    let metadata = metadata(input, None)?;
    if metadata
        .external_credential()
        .and_then(|name| world.org.external_credential(name))
        .is_none()
    {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "The external credential does not exist.",
        ));
    }
    let header = Header::local(world.org.mint.id("0XA"), &name, sim.clock.now());
    let id = header.id.clone();
    world.org.add_named_credential(NamedCredential { header, metadata });
    let record = world
        .org
        .named_credentials
        .iter()
        .find(|record| same(&record.header.id, &id))
        .ok_or_else(Refusal::not_found)?;
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
    let record = world.org.named_credential(&path.name).ok_or_else(Refusal::not_found)?;
    if input.developer_name.as_ref().is_some_and(|name| *name != path.name) {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "The developer name does not match the resource.",
        ));
    }
    if record.header.namespace.is_some() && !world.settings.writes.connect_named_credential.accepts() {
        return Err(manageability::refusal(&world.settings));
    }
    let (id, metadata) = (record.header.id.clone(), metadata(input, Some(&record.metadata))?);
    let settings = world.settings.clone();
    world.org.write_named_credential(
        &id,
        metadata,
        Write {
            actor: Actor::External,
            settings: &settings,
            now: sim.clock.now(),
        },
    )?;
    let record = world.org.named_credential(&path.name).ok_or_else(Refusal::not_found)?;
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
    let record = world.org.named_credential(&path.name).ok_or_else(Refusal::not_found)?;
    if record.header.namespace.is_some() {
        return Err(manageability::refusal(&world.settings));
    }
    world
        .org
        .named_credentials
        .retain(|record| record.header.full_name() != path.name);
    Ok(StatusCode::NO_CONTENT.into_response())
}
