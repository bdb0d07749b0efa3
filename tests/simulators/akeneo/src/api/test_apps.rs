//! `/test-apps`: the internal, undocumented API to create Custom Apps (facts/akeneo 8). Connections only, no app scope grants it.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::bearer::forbidden;
use super::{Call, Caller};
use crate::answer::{self, Refusal};
use crate::custom_app::{self, Deletion, NewCustomApp};
use crate::simulator::World;

/// `GET` and `POST /test-apps`.
pub(super) fn collection(world: &mut World, call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    permitted(world, caller)?;
    let now = world.now();
    let World { pim, settings, .. } = world;
    if *call.method == Method::POST {
        let fields: Value = serde_json::from_slice(call.body).unwrap_or_default();
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        let new = NewCustomApp {
            name: text("name"),
            activate_url: text("activate_url"),
            callback_url: text("callback_url"),
        };
        return Ok(match custom_app::create(pim, settings, "API", &new, now) {
            Ok(credentials) => answer::json(StatusCode::CREATED, &json!(credentials)),
            Err(violations) => answer::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({"errors": violations})),
        });
    }
    let apps: Vec<Value> = pim
        .custom_apps
        .iter()
        .map(|app| {
            json!({
                "client_id": app.client_id,
                "client_secret": app.client_secret,
                "name": app.name,
                "author": app.author,
                "activate_url": app.activate_url,
                "callback_url": app.callback_url,
                "connected": pim.connected_apps.contains_key(&app.client_id),
            })
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &Value::Array(apps)))
}

/// `DELETE /test-apps/{clientId}`.
pub(super) fn one(world: &mut World, caller: &Caller, client_id: &str) -> Result<Response, Refusal> {
    permitted(world, caller)?;
    let World { pim, settings, .. } = world;
    match custom_app::delete(pim, settings, client_id) {
        Deletion::Deleted => Ok(answer::no_content()),
        Deletion::Unknown => {
            let message = format!("Test app with {client_id} client_id was not found.");
            Err(answer::envelope(StatusCode::NOT_FOUND, &message).into())
        }
        Deletion::StillConnected => {
            Err(answer::envelope(StatusCode::UNPROCESSABLE_ENTITY, "The app must be disconnected first.").into())
        }
    }
}

fn permitted(world: &World, caller: &Caller) -> Result<(), Refusal> {
    if !world.settings.marketplace_activate {
        return Err(answer::envelope(StatusCode::NOT_FOUND, "Not Found").into());
    }
    if *caller == Caller::Connection {
        Ok(())
    } else {
        Err(forbidden("manage test apps"))
    }
}
