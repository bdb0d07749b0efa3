//! `/_simulator/*`: the control interface over HTTP. Each route calls one function of [`Control`].

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer;
use crate::control::{Control, ControlError};
use crate::custom_app::NewCustomApp;
use crate::fault::Fault;

/// The routes, without their prefix.
pub(super) fn router(control: Control) -> Router {
    Router::new()
        .route("/settings", get(settings).patch(patch_settings))
        .route("/clock", get(read_clock).post(set_clock))
        .route("/custom-apps", get(custom_apps).post(create_custom_app))
        .route("/custom-apps/{client_id}", delete(delete_custom_app))
        .route("/custom-apps/{client_id}/regenerate-secret", post(regenerate_secret))
        .route("/custom-apps/{client_id}/disconnect", post(disconnect))
        .route("/custom-apps/{client_id}/preconnect", post(preconnect))
        .route("/custom-apps/{client_id}/second-consumer", post(second_consumer))
        .route("/state", get(state))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/load", get(load).delete(forget_load))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .fallback(|| async { answer::json(StatusCode::NOT_FOUND, &json!({"error": "no such control"})) })
        .with_state(control)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    #[serde(default)]
    advance_seconds: i64,
    frozen: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scopes {
    scopes: Vec<String>,
}

fn done(value: &Value) -> Response {
    answer::json(StatusCode::OK, value)
}

fn outcome<T>(result: Result<T, ControlError>, show: impl FnOnce(T) -> Value) -> Response {
    let error = match result {
        Ok(value) => return done(&show(value)),
        Err(error) => error,
    };
    let status = match &error {
        ControlError::UnknownApp => StatusCode::NOT_FOUND,
        ControlError::NotConnected | ControlError::StillConnected => StatusCode::CONFLICT,
        ControlError::InvalidApp(_) | ControlError::InvalidSettings(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let details = match &error {
        ControlError::InvalidApp(violations) => json!(violations),
        ControlError::InvalidSettings(cause) => json!(cause.to_string()),
        _ => Value::Null,
    };
    answer::json(status, &json!({"error": error.to_string(), "details": details}))
}

async fn settings(State(control): State<Control>) -> Response {
    done(&json!(control.settings()))
}

async fn patch_settings(State(control): State<Control>, Json(patch): Json<Value>) -> Response {
    outcome(control.patch_settings(patch), |settings| json!(settings))
}

async fn read_clock(State(control): State<Control>) -> Response {
    clock(&control)
}

async fn set_clock(State(control): State<Control>, Json(change): Json<ClockChange>) -> Response {
    if let Some(frozen) = change.frozen {
        control.freeze_clock(frozen);
    }
    control.advance_clock(change.advance_seconds);
    clock(&control)
}

fn clock(control: &Control) -> Response {
    let now = control.now();
    done(&json!({"unix_seconds": now, "now": crate::clock::rfc3339(now), "frozen": control.settings().clock_frozen}))
}

async fn custom_apps(State(control): State<Control>) -> Response {
    done(&json!(control.custom_apps()))
}

async fn create_custom_app(State(control): State<Control>, Json(new): Json<NewCustomApp>) -> Response {
    outcome(control.create_custom_app(&new), |credentials| json!(credentials))
}

async fn delete_custom_app(State(control): State<Control>, Path(client_id): Path<String>) -> Response {
    outcome(control.delete_custom_app(&client_id), |()| json!({}))
}

async fn regenerate_secret(State(control): State<Control>, Path(client_id): Path<String>) -> Response {
    outcome(
        control.regenerate_secret(&client_id),
        |secret| json!({"client_secret": secret}),
    )
}

async fn disconnect(State(control): State<Control>, Path(client_id): Path<String>) -> Response {
    outcome(control.disconnect(&client_id), |()| json!({}))
}

async fn preconnect(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Json(wanted): Json<Scopes>,
) -> Response {
    outcome(control.preconnect(&client_id, &wanted.scopes), |()| json!({}))
}

async fn second_consumer(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Json(wanted): Json<Scopes>,
) -> Response {
    outcome(control.second_consumer(&client_id, &wanted.scopes), |token| {
        json!(token)
    })
}

async fn state(State(control): State<Control>) -> Response {
    done(&json!(control.state()))
}

async fn requests(State(control): State<Control>) -> Response {
    done(&json!(control.requests()))
}

async fn clear_requests(State(control): State<Control>) -> Response {
    control.clear_requests();
    answer::no_content()
}

async fn load(State(control): State<Control>) -> Response {
    done(&json!(control.load()))
}

async fn forget_load(State(control): State<Control>) -> Response {
    control.forget_load();
    answer::no_content()
}

async fn faults(State(control): State<Control>) -> Response {
    done(&json!(control.faults()))
}

async fn add_fault(State(control): State<Control>, Json(fault): Json<Fault>) -> Response {
    control.add_fault(fault);
    answer::no_content()
}

async fn clear_faults(State(control): State<Control>) -> Response {
    control.clear_faults();
    answer::no_content()
}
