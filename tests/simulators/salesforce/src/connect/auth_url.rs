//! `credential/auth-url/o-auth`: the address at which a person authorizes a principal (facts/salesforce 4.4).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::input::{self, PrincipalType};
use crate::api::gate::Caller;
use crate::hop::start;
use crate::refusal::{Refusal, json_answer};
use crate::settings::Settings;
use crate::world::{Shared, Simulator, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    external_credential: String,
    principal_name: Option<String>,
    principal_type: PrincipalType,
    return_url: Option<String>,
}

/// The absolute return URL; on this origin unless the switch allows others.
fn return_url(sim: &Simulator, settings: &Settings, text: Option<&str>) -> Result<String, Refusal> {
    let text = text.unwrap_or("lightning/setup/SetupOneHome/home");
    let invalid = || Refusal::bad("INVALID_API_INPUT", "The return URL is not valid.");
    let target: Url = sim.base.join(text).map_err(|_| invalid())?;
    if target.origin() != sim.base.origin() && !settings.foreign_return_url.accepts() {
        return Err(invalid());
    }
    Ok(target.into())
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
    let input: Input = input::read(&headers, &body)?;
    caller.needs(caller.permissions.writes_credentials(), &world.settings)?;
    let credential = world
        .org
        .external_credential(&input.external_credential)
        .ok_or_else(Refusal::not_found)?;
    if credential.metadata.authentication_protocol != "Oauth" {
        return Err(Refusal::bad(
            "INVALID_API_INPUT",
            "The external credential does not use OAuth.",
        ));
    }
    let kind = input.principal_type.row_type();
    let name = input.principal_name.unwrap_or_default();
    let principal = credential
        .metadata
        .principal(kind, &name)
        .ok_or_else(Refusal::not_found)?
        .id
        .clone();
    let return_url = return_url(&sim, &world.settings, input.return_url.as_deref())?;
    let url = start::ticket(&sim, world, &principal, return_url);
    Ok(json_answer(StatusCode::OK, &json!({ "authenticationUrl": url })))
}
