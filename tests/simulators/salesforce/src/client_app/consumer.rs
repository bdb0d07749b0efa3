//! `apps/oauth/…`: the org's apps, and their keys for whoever may see them (facts/salesforce 8.2).

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ClientApp;
use crate::api::gate::Caller;
use crate::form::Fields;
use crate::refusal::{Refusal, json_answer};
use crate::world::{Shared, World};

/// Apps on a page unless the caller wants fewer.
const PAGE: usize = 20;

#[derive(Deserialize)]
pub(crate) struct Address {
    app: String,
    consumer: Option<String>,
}

/// The resources.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/usage", get(usage))
        .route("/credentials/{app}", get(consumers))
        .route("/credentials/{app}/{consumer}", get(keys))
}

fn row(app: &ClientApp, caller: &Caller) -> Value {
    json!({
        "accessTokenFormat": "opaque", "availableActions": "disable, enable", "description": app.description,
        "developerName": app.developer_name, "identifier": app.identifier, "isFromPackage": false,
        "usageDetailsUrl": format!("{}/apps/oauth/usage/{}/users", caller.root(), app.identifier),
    })
}

/// GET `apps/oauth/usage`.
async fn usage(State(sim): State<Shared>, caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let world = sim.world();
    caller.needs(caller.permissions.view_setup, &world.settings)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let number = |name: &str| fields.get(name).and_then(|value| value.parse::<usize>().ok());
    let (page, size) = (
        number("page").unwrap_or(0),
        number("pageSize").unwrap_or(PAGE).clamp(1, PAGE),
    );
    let place = |page: usize| format!("{}/apps/oauth/usage?page={page}&pageSize={size}", caller.root());
    let all = &world.org.client_apps;
    let apps: Vec<Value> = all
        .iter()
        .skip(page * size)
        .take(size)
        .map(|app| row(app, &caller))
        .collect();
    let next = ((page + 1) * size < all.len()).then(|| place(page + 1));
    Ok(json_answer(
        StatusCode::OK,
        &json!({ "apps": apps, "currentPageUrl": place(page), "nextPageUrl": next }),
    ))
}

/// The app, if the org shows keys at all and this caller may see them.
fn visible<'a>(world: &'a World, caller: &Caller, address: &Address) -> Result<&'a ClientApp, Refusal> {
    caller.needs(
        caller.permissions.customize_application && world.settings.client_app_keys.accepts(),
        &world.settings,
    )?;
    if world.org.shows_consumer_secrets != (true, true) {
        let text = "Access to consumer secrets is not currently enabled for this org.";
        return Err(Refusal::forbidden("FUNCTIONALITY_NOT_ENABLED", text));
    }
    let mut apps = world.org.client_apps.iter();
    apps.find(|app| app.identifier == address.app)
        .ok_or_else(Refusal::not_found)
}

/// GET `apps/oauth/credentials/{app}`.
async fn consumers(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
) -> Result<Response, Refusal> {
    let world = sim.world();
    let app = visible(&world, &caller, &address)?;
    let place = format!(
        "{}/apps/oauth/credentials/{}/{}",
        caller.root(),
        app.identifier,
        app.consumer_id
    );
    let consumer = json!({
        "id": app.consumer_id, "key": app.consumer_key, "name": app.label, "url": place, "stagedCredentialsUrl": format!("{place}/staged"),
    });
    Ok(json_answer(StatusCode::OK, &json!({ "consumers": [consumer] })))
}

/// GET `apps/oauth/credentials/{app}/{consumer}?part=keyandsecret`.
async fn keys(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let world = sim.world();
    let app = visible(&world, &caller, &address)?;
    if address.consumer.as_deref() != Some(app.consumer_id.as_str()) {
        return Err(Refusal::not_found());
    }
    let mut body = json!({ "id": app.consumer_id, "key": app.consumer_key });
    if Fields::parse(query.unwrap_or_default().as_bytes()).get("part") == Some("keyandsecret") {
        body["secret"] = json!(app.consumer_secret);
    }
    Ok(json_answer(StatusCode::OK, &body))
}
