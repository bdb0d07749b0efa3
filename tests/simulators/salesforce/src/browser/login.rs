//! The login page.
//!
//! Every user of the org has the same password, the one of the settings; the form is filled in, because nothing here is worth guessing.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::html::{escape, page};
use super::session::{person, remember};
use crate::form::{Fields, local_path};
use crate::oauth::authorize::found;
use crate::world::{Shared, World};

const HOME: &str = "/lightning/setup/SetupOneHome/home";

fn form(world: &World, start: &str, username: Option<&str>, problem: Option<&str>) -> Response {
    let username = username
        .or(world.org.administrator().map(|user| user.username.as_str()))
        .unwrap_or_default();
    let problem = problem
        .map(|text| format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text)))
        .unwrap_or_default();
    let people: String = world
        .org
        .users
        .iter()
        .map(|user| format!("<li><code>{}</code></li>", escape(&user.username)))
        .collect();
    let body = format!(
        "<h1>Log in</h1>{problem}<form method=\"post\" action=\"/login\">\
         <input type=\"hidden\" name=\"startURL\" value=\"{}\">\
         <label for=\"username\">Username</label><input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\">\
         <label for=\"password\">Password</label><input id=\"password\" name=\"pw\" type=\"password\" value=\"{}\" autocomplete=\"current-password\">\
         <div><button type=\"submit\" class=\"primary\">Log in</button></div></form>\
         <p class=\"note\">Users of this simulated org, all with the password that is filled in:</p><ul>{people}</ul>",
        escape(start),
        escape(username),
        escape(&world.settings.password)
    );
    let status = if problem.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    };
    (status, page("Login", &body)).into_response()
}

/// GET `/login`.
pub(crate) async fn show(State(sim): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let world = sim.world();
    form(&world, fields.get("startURL").unwrap_or(HOME), fields.get("un"), None)
}

/// POST `/login`.
pub(crate) async fn submit(State(sim): State<Shared>, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let mut world = sim.world();
    let start = fields.get("startURL").and_then(local_path).unwrap_or(HOME);
    let username = fields.get("username");
    let user = username
        .and_then(|name| world.org.user_named(name))
        .filter(|user| user.active)
        .map(|user| user.id.clone());
    match user {
        Some(user) if fields.get("pw") == Some(world.settings.password.as_str()) => {
            let session = world.browser.open(&user);
            remember(found(start), &session)
        }
        _ => form(
            &world,
            start,
            username,
            Some("Please check your username and password."),
        ),
    }
}

/// GET `/secur/logout.jsp`.
pub(crate) async fn logout(State(sim): State<Shared>, headers: HeaderMap) -> Response {
    let mut world = sim.world();
    if let Some(person) = person(&world, &headers) {
        world.browser.close(&person.session);
    }
    found("/login")
}
