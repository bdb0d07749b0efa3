//! `/_simulator/*`: control over HTTP, JSON in and out. Not journaled and never disturbed by faults.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Action, Control};
use crate::fault::Fault;
use crate::journal::JournalEntry;
use crate::oauth::client::OAuthClient;
use crate::preset::{Preset, Story};
use crate::refusal::json_answer;
use crate::settings::Settings;
use crate::traffic::Load;
use crate::world::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    username: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choose {
    preset: Preset,
}

/// The routes.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_simulator/settings", get(settings).patch(patch_settings))
        .route("/_simulator/clock", post(clock))
        .route("/_simulator/preset", get(story).post(preset))
        .route("/_simulator/clients", post(client))
        .route("/_simulator/state", get(state))
        .route("/_simulator/requests", get(requests).delete(clear_requests))
        .route("/_simulator/load", get(load).delete(forget_load))
        .route("/_simulator/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_simulator/actions/{name}", post(act))
        .route("/_simulator/transfer", post(transfer))
}

fn control(sim: Shared) -> Control {
    Control { sim }
}

fn done() -> Response {
    json_answer(StatusCode::OK, &json!({ "ok": true }))
}

fn refuse(problem: &dyn std::fmt::Display) -> Response {
    json_answer(StatusCode::BAD_REQUEST, &json!({ "error": problem.to_string() }))
}

#[expect(
    clippy::result_large_err,
    reason = "the refusal is the answer itself, and callers return it at once"
)]
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Response> {
    serde_json::from_slice(body).map_err(|error| refuse(&error))
}

async fn load(State(sim): State<Shared>) -> Json<Load> {
    Json(control(sim).load())
}

async fn forget_load(State(sim): State<Shared>) -> Response {
    control(sim).forget_load();
    done()
}

async fn settings(State(sim): State<Shared>) -> Json<Settings> {
    Json(control(sim).settings())
}

async fn patch_settings(State(sim): State<Shared>, body: Bytes) -> Result<Json<Settings>, Response> {
    let patch: Value = read(&body)?;
    control(sim)
        .patch_settings(&patch)
        .map(Json)
        .map_err(|error| refuse(&error))
}

async fn clock(State(sim): State<Shared>, body: Bytes) -> Result<Response, Response> {
    let advance: Advance = read(&body)?;
    control(sim).advance_clock(advance.advance_seconds);
    Ok(done())
}

async fn preset(State(sim): State<Shared>, body: Bytes) -> Result<Response, Response> {
    let choice: Choose = read(&body)?;
    control(sim).preset(choice.preset);
    Ok(done())
}

async fn story(State(sim): State<Shared>) -> Json<Story> {
    Json(control(sim).made_from().story())
}

async fn client(State(sim): State<Shared>, body: Bytes) -> Result<Response, Response> {
    let client: OAuthClient = read(&body)?;
    control(sim).register_client(client);
    Ok(done())
}

async fn state(State(sim): State<Shared>) -> Json<Value> {
    Json(control(sim).state())
}

async fn requests(State(sim): State<Shared>) -> Json<Vec<JournalEntry>> {
    Json(control(sim).requests())
}

async fn clear_requests(State(sim): State<Shared>) -> Response {
    control(sim).clear_requests();
    done()
}

async fn faults(State(sim): State<Shared>) -> Json<Vec<Fault>> {
    Json(control(sim).faults())
}

async fn add_fault(State(sim): State<Shared>, body: Bytes) -> Result<Response, Response> {
    let fault: Fault = read(&body)?;
    control(sim).add_fault(fault);
    Ok(done())
}

async fn clear_faults(State(sim): State<Shared>) -> Response {
    control(sim).clear_faults();
    done()
}

async fn act(State(sim): State<Shared>, Path(name): Path<String>, body: Bytes) -> Result<Response, Response> {
    let mut fields: Value = if body.is_empty() { json!({}) } else { read(&body)? };
    let Value::Object(map) = &mut fields else {
        return Err(refuse(&"the body is not an object"));
    };
    map.insert("action".to_owned(), Value::String(name));
    let action: Action = serde_json::from_value(fields).map_err(|error| refuse(&error))?;
    control(sim).act(&action).map_err(|error| refuse(&error))?;
    Ok(done())
}

async fn transfer(State(sim): State<Shared>, body: Bytes) -> Result<Response, Response> {
    let wanted = if body.is_empty() {
        Transfer::default()
    } else {
        read(&body)?
    };
    let answer = match control(sim).transfer(wanted.username.as_deref()).await {
        Ok(status) => json!({ "status": status }),
        Err(problem) => json!({ "problem": problem }),
    };
    Ok(json_answer(StatusCode::OK, &answer))
}
