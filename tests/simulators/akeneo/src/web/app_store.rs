//! What the app store and the list of connected apps ask for in the background: connect, open, disconnect (facts/akeneo 2, 4).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::visitor::{anybody, managers, openers, script_call};
use crate::activation::{self, NoActivation};
use crate::answer::{self, Refusal};
use crate::simulator::{Simulator, World};

/// `GET /rest/apps/activate/{id}`.
pub(super) async fn activate(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, managers)?;
    let World { pim, settings, .. } = &mut *world;
    Ok(opened(activation::activate_url(
        pim,
        settings,
        &simulator.pim_url,
        &client_id,
    )))
}

/// `GET /rest/apps/connected-apps/{code}/open-app-url`.
pub(super) async fn open_url(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, openers)?;
    let World { pim, settings, .. } = &mut *world;
    Ok(opened(activation::open_url(pim, settings, &simulator.pim_url, &code)))
}

fn opened(url: Result<String, NoActivation>) -> Response {
    match url {
        Ok(url) => answer::json(StatusCode::OK, &json!({"url": url})),
        Err(NoActivation::LimitReached) => {
            answer::envelope(StatusCode::BAD_REQUEST, "App and connections limit reached")
        }
        Err(NoActivation::UnknownApp) => answer::envelope(StatusCode::NOT_FOUND, "Invalid app identifier"),
    }
}

/// `GET /rest/apps/connected-apps`.
pub(super) async fn connected_apps(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, anybody)?;
    let apps: Vec<Value> = world
        .pim
        .connected_apps
        .iter()
        .map(|(client_id, app)| {
            json!({
                "id": client_id,
                "name": app.name,
                "connection_code": app.connection_code,
                "scopes": app.scopes.to_vec(),
                "scope_messages": app.scopes.in_words(),
                "has_outdated_scopes": app.has_outdated_scopes,
                "is_custom_app": world.pim.custom_app(client_id).is_some(),
                "is_pending": !world.pim.tokens.iter().any(|token| &token.client_id == client_id),
            })
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &Value::Array(apps)))
}

/// `DELETE /rest/apps/connected-apps/{code}`.
pub(super) async fn disconnect(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    script_call(&mut world, &headers, managers)?;
    Ok(match world.pim.client_of_connection(&code) {
        Some(client_id) => {
            world.pim.disconnect(&client_id);
            answer::no_content()
        }
        None => answer::error_page(StatusCode::NOT_FOUND),
    })
}
