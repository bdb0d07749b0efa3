//! The External Client App Manager: what a person does there for picklist synchronisation (facts/salesforce 8), all on one page.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::html::{escape, page};
use super::session::require_person;
use crate::client_app::{ClientApp, deed};
use crate::form::Fields;
use crate::oauth::authorize::found;
use crate::world::{Shared, World};

const HOME: &str = "/lightning/setup/ManageExternalClientApplication/home";

/// GET `/lightning/setup/ManageExternalClientApplication/home`.
pub(crate) async fn home(State(sim): State<Shared>, headers: HeaderMap) -> Response {
    let mut world = sim.world();
    if let Err(login) = require_person(&sim, &mut world, Some(&headers), HOME, None) {
        return login;
    }
    let apps: String = world.org.client_apps.iter().map(|app| shown(&world, app)).collect();
    let body = format!(
        "<h1>External Client App Manager</h1>{apps}<h2>New External Client App</h2>{}",
        form(&world, None)
    );
    page("External Client App Manager", &body).into_response()
}

fn shown(world: &World, app: &ClientApp) -> String {
    format!(
        "<section><h2>{}</h2><table><tr><th>Consumer Key</th><td><code>{}</code></td></tr>\
         <tr><th>Consumer Secret</th><td><code>{}</code></td></tr></table>{}</section>",
        escape(&app.label),
        escape(&app.consumer_key),
        escape(&app.consumer_secret),
        form(world, Some(app))
    )
}

/// The fields of an app, or of a new one.
fn form(world: &World, app: Option<&ClientApp>) -> String {
    let name = app.map(|app| app.developer_name.as_str()).unwrap_or_default();
    let mark = |on: bool, word: &'static str| if on { word } else { "" };
    let scopes: String = ["api", "full", "id", "web"]
        .iter()
        .map(|scope| {
            let chosen = app.is_some_and(|app| app.scopes.iter().any(|known| known == scope));
            format!(
                "<option value=\"{scope}\"{}>{scope}</option>",
                mark(chosen, " selected")
            )
        })
        .collect();
    let users: String = world
        .org
        .users
        .iter()
        .map(|user| {
            let chosen = app.is_some_and(|app| app.run_as.as_deref() == Some(&user.username));
            let username = escape(&user.username);
            format!(
                "<option value=\"{username}\"{}>{username}</option>",
                mark(chosen, " selected")
            )
        })
        .collect();
    let flow = |on: fn(&ClientApp) -> bool| mark(app.is_some_and(on), " checked");
    format!(
        "<form method=\"post\" action=\"/lightning/setup/ManageExternalClientApplication/save\">\
         <label>Name <input name=\"name\" value=\"{0}\" required{1}></label>\
         <label>Callback URL <input name=\"callback_url\" value=\"{2}\" required></label>\
         <label>Scope <select name=\"scope\">{scopes}</select></label>\
         <label>Enable Client Credentials Flow (Settings) <input type=\"checkbox\" name=\"settings\" value=\"true\"{3}></label>\
         <label>Enable Client Credentials Flow (Policies) <input type=\"checkbox\" name=\"policy\" value=\"true\"{4}></label>\
         <label>Run As <select name=\"run_as\"><option value=\"\">nobody</option>{users}</select></label>\
         <button class=\"primary\" type=\"submit\">{5}</button></form>",
        escape(name),
        mark(app.is_some(), " readonly"),
        escape(app.map(|app| app.callback_url.as_str()).unwrap_or_default()),
        flow(|app| app.flow_in_settings),
        flow(|app| app.flow_in_policy),
        if app.is_some() { "Save" } else { "Create" },
    )
}

/// POST: an app is made or changed.
pub(crate) async fn save(State(sim): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let mut world = sim.world();
    if let Err(login) = require_person(&sim, &mut world, Some(&headers), HOME, None) {
        return login;
    }
    let now = sim.clock.now();
    let name = fields.get("name").unwrap_or("App").to_owned();
    let ticked = |name: &str| fields.get(name) == Some("true");
    let change: Value = json!({
        "callback_url": fields.get("callback_url").unwrap_or_default(), "scopes": [fields.get("scope").unwrap_or("id")],
        "flow_in_settings": ticked("settings"), "flow_in_policy": ticked("policy"), "run_as": fields.get("run_as"),
    });
    let saved = match deed::edit(&mut world.org, &name, &change) {
        Ok(false) => deed::make(&mut world.org, &name, &change, now),
        other => other.map(|_| ()),
    };
    if let Err(error) = saved {
        return page(
            "External Client App Manager",
            &format!("<p class=\"error\">{}</p>", escape(&error.to_string())),
        )
        .into_response();
    }
    found(HOME)
}
