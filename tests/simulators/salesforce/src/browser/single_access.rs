//! From an access token to a browser's session: `singleaccess` hands out a one-time address, `frontdoor.jsp` opens the session
//! (facts/salesforce 4.4, UI Bridge API).
//!
//! Which scope a token needs is a switch; so are the words of a refusal nobody's business but this file's, as no public source has them.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::html::page;
use super::session::remember;
use crate::form::{Fields, local_path};
use crate::identifier::random_text;
use crate::oauth::authorize::found;
use crate::oauth::identity::bearer;
use crate::refusal::json_answer;
use crate::settings::SingleAccess;
use crate::world::{Shared, World};

fn refuse(status: StatusCode, error: &str) -> Response {
    json_answer(
        status,
        &json!({ "error": error, "error_description": "the access token opens no session" }),
    )
}

/// The user whose session may be opened, or the refusal's status and error.
fn user(sim: &Shared, world: &World, token: Option<&str>) -> Result<String, (StatusCode, &'static str)> {
    let session = token
        .and_then(|token| world.oauth.sessions.get(token))
        .filter(|session| session.live(sim.clock.now(), &world.settings))
        .ok_or((StatusCode::UNAUTHORIZED, "invalid_token"))?;
    let wide = session
        .scope
        .iter()
        .any(|scope| matches!(scope.as_str(), "web" | "full"));
    if world.settings.single_access == SingleAccess::WebOrFull && !wide {
        return Err((StatusCode::FORBIDDEN, "insufficient_scope"));
    }
    Ok(session.user_id.clone())
}

/// GET or POST `/services/oauth2/singleaccess`.
pub(crate) async fn hand_out(
    State(sim): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (query, form) = (
        Fields::parse(query.unwrap_or_default().as_bytes()),
        Fields::parse(&body),
    );
    let field = |name| form.get(name).or(query.get(name)).map(str::to_owned);
    let token = bearer(&headers).map(str::to_owned).or_else(|| field("access_token"));
    let mut world = sim.world();
    let user = match user(&sim, &world, token.as_deref()) {
        Ok(user) => user,
        Err((status, error)) => return refuse(status, error),
    };
    let otp = random_text(64);
    world.hops.doors.insert(otp.clone(), user);
    let mut door = sim.base.clone();
    door.set_path("/secur/frontdoor.jsp");
    door.query_pairs_mut()
        .append_pair("otp", &otp)
        .extend_pairs(field("redirect_uri").map(|page| ("startURL", page)));
    json_answer(StatusCode::OK, &json!({ "frontdoor_uri": door }))
}

/// GET `/secur/frontdoor.jsp?otp=…`: works once.
pub(crate) async fn enter(State(sim): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut world = sim.world();
    let user = fields.get("otp").and_then(|otp| world.hops.doors.remove(otp));
    let Some(user) = user else {
        let body = "<h1>This link is no longer valid.</h1>";
        return (StatusCode::FORBIDDEN, page("Login", body)).into_response();
    };
    let session = world.browser.open(&user);
    let start = format!(
        "/{}",
        fields.get("startURL").unwrap_or_default().trim_start_matches('/')
    );
    remember(found(local_path(&start).unwrap_or("/")), &session)
}
