//! What "Create an App" and the secret's settings ask for in the background (facts/akeneo 8).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::visitor::{anybody, creators, script_call};
use crate::answer::{self, Refusal};
use crate::custom_app::{self, Deletion, NewCustomApp};
use crate::simulator::{Simulator, World};

/// `GET /rest/custom-apps`.
pub(super) async fn list(State(simulator): State<Simulator>, headers: HeaderMap) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let visitor = script_call(&mut world, &headers, anybody)?;
    let apps: Vec<Value> = world
        .pim
        .custom_apps
        .iter()
        .map(|app| {
            json!({
                "id": app.client_id,
                "name": app.name,
                "author": app.author,
                "created_at": crate::clock::rfc3339(app.created_at),
                "activate_url": app.activate_url,
                "callback_url": app.callback_url,
                "connected": world.pim.connected_apps.contains_key(&app.client_id),
                "connection_code": world.pim.connected_apps.get(&app.client_id).map(|app| &app.connection_code),
            })
        })
        .collect();
    let may_create = creators(visitor.acls);
    Ok(answer::json(
        StatusCode::OK,
        &json!({"total": apps.len(), "apps": apps, "mayCreate": may_create}),
    ))
}

/// `POST /rest/custom-apps`.
pub(super) async fn create(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let visitor = script_call(&mut world, &headers, creators)?;
    let fields: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |snake: &str, camel: &str| {
        fields
            .get(camel)
            .or_else(|| fields.get(snake))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let new = NewCustomApp {
        name: text("name", "name"),
        activate_url: text("activate_url", "activateUrl"),
        callback_url: text("callback_url", "callbackUrl"),
    };
    let now = world.now();
    let World { pim, settings, .. } = &mut *world;
    Ok(match custom_app::create(pim, settings, &visitor.name, &new, now) {
        Ok(credentials) => {
            let body = json!({"clientId": credentials.client_id, "clientSecret": credentials.client_secret});
            answer::json(StatusCode::CREATED, &body)
        }
        Err(violations) => answer::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({"errors": violations})),
    })
}

/// `DELETE /rest/custom-apps/{id}`.
pub(super) async fn remove(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, creators)?;
    let World { pim, settings, .. } = &mut *world;
    Ok(match custom_app::delete(pim, settings, &client_id) {
        Deletion::Deleted => answer::no_content(),
        Deletion::Unknown => answer::error_page(StatusCode::NOT_FOUND),
        Deletion::StillConnected => {
            answer::envelope(StatusCode::UNPROCESSABLE_ENTITY, "The app must be disconnected first.")
        }
    })
}

/// `GET /rest/custom-apps/{id}/secret`: masked.
pub(super) async fn masked_secret(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, creators)?;
    Ok(match world.pim.custom_app(&client_id) {
        Some(app) => answer::json(StatusCode::OK, &json!(custom_app::masked(&app.client_secret))),
        None => answer::error_page(StatusCode::NOT_FOUND),
    })
}

/// `POST /rest/custom-apps/{id}/secret`: a new secret, as a JSON string.
pub(super) async fn regenerate_secret(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, creators)?;
    Ok(match custom_app::regenerate_secret(&mut world.pim, &client_id) {
        Some(secret) => answer::json(StatusCode::OK, &json!(secret)),
        None => answer::error_page(StatusCode::NOT_FOUND),
    })
}
