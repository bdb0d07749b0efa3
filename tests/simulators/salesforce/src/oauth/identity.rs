//! Who a token belongs to, and the end of tokens: `/id/…`, userinfo, introspect, revoke (facts/salesforce 10.1).

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::oauth_error;
use super::session::ApiSession;
use super::token::basic_credentials;
use crate::clock::timestamp;
use crate::form::Fields;
use crate::identifier::same;
use crate::refusal::json_answer;
use crate::settings::RevokeUnknown;
use crate::world::{Shared, World};

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth")).then_some(token.trim())
}

#[expect(
    clippy::result_large_err,
    reason = "the refusal is the answer itself, and callers return it at once"
)]
fn session(sim: &Shared, world: &World, headers: &HeaderMap) -> Result<ApiSession, Response> {
    // Identity endpoints answer in plain text.
    let refuse = |text: &'static str| (StatusCode::FORBIDDEN, text).into_response();
    let token = bearer(headers).ok_or_else(|| refuse("Missing_OAuth_Token"))?;
    let session = world
        .oauth
        .sessions
        .get(token)
        .filter(|session| session.live(sim.clock.now(), &world.settings));
    session.cloned().ok_or_else(|| refuse("Bad_OAuth_Token"))
}

fn profile(sim: &Shared, world: &World, user_id: &str) -> Option<Value> {
    let user = world.org.user(user_id)?;
    let base = sim.base.as_str();
    Some(json!({
        "id": sim.identity_url(world, &user.id),
        "sub": sim.identity_url(world, &user.id),
        "asserted_user": true,
        "user_id": user.id,
        "organization_id": world.org.id,
        "username": user.username,
        "preferred_username": user.username,
        "display_name": user.name,
        "name": user.name,
        "email": user.email,
        "active": user.active,
        "user_type": "STANDARD",
        "is_app_installed": true,
        "urls": {
            "rest": format!("{base}services/data/v{{version}}/"),
            "sobjects": format!("{base}services/data/v{{version}}/sobjects/"),
            "query": format!("{base}services/data/v{{version}}/query/"),
            "custom_domain": base.trim_end_matches('/'),
        },
        "last_modified_date": timestamp(sim.clock.now()),
    }))
}

/// GET `/id/{org}/{user}`.
pub(crate) async fn identity(
    State(sim): State<Shared>,
    Path((org_id, user_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let world = sim.world();
    match session(&sim, &world, &headers) {
        Err(refused) => refused,
        Ok(session) if !same(&org_id, &world.org.id) || !same(&user_id, &session.user_id) => {
            (StatusCode::FORBIDDEN, "Bad_Id").into_response()
        }
        Ok(session) => profile(&sim, &world, &session.user_id).map_or_else(
            || StatusCode::NOT_FOUND.into_response(),
            |body| json_answer(StatusCode::OK, &body),
        ),
    }
}

/// GET `/services/oauth2/userinfo`; needs one of the identity scopes.
pub(crate) async fn userinfo(State(sim): State<Shared>, headers: HeaderMap) -> Response {
    let world = sim.world();
    let session = match session(&sim, &world, &headers) {
        Err(refused) => return refused,
        Ok(session) => session,
    };
    if !session
        .scope
        .iter()
        .any(|scope| matches!(scope.as_str(), "openid" | "id" | "profile" | "full"))
    {
        return (StatusCode::FORBIDDEN, "Bad_OAuth_Token").into_response();
    }
    profile(&sim, &world, &session.user_id).map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |body| json_answer(StatusCode::OK, &body),
    )
}

/// POST `/services/oauth2/introspect`.
pub(crate) async fn introspect(State(sim): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let world = sim.world();
    let basic = basic_credentials(&headers);
    let id = fields.get("client_id").or(basic.as_ref().map(|(id, _)| id.as_str()));
    let secret = fields
        .get("client_secret")
        .or(basic.as_ref().map(|(_, secret)| secret.as_str()));
    let Some(client) = id.and_then(|id| world.oauth.client(id)) else {
        return oauth_error("invalid_client_id", "client identifier invalid");
    };
    if secret != Some(client.client_secret.as_str()) {
        return oauth_error("invalid_client", "invalid client credentials");
    }
    let found = fields.get("token").and_then(|token| world.oauth.sessions.get(token));
    let live =
        found.filter(|session| session.live(sim.clock.now(), &world.settings) && session.client_id == client.client_id);
    let body = live.map_or_else(
        || json!({ "active": false }),
        |session| {
            let expires = session.last_used / 1000 + world.settings.session_timeout_seconds;
            let issued = session.issued / 1000;
            let username = world.org.user(&session.user_id).map(|user| user.username.clone());
            json!({
                "active": true, "scope": session.scope.join(" "), "client_id": session.client_id, "username": username,
                "sub": sim.identity_url(&world, &session.user_id), "token_type": "access_token",
                "exp": expires, "iat": issued, "nbf": issued,
            })
        },
    );
    json_answer(StatusCode::OK, &body)
}

/// POST (or GET) `/services/oauth2/revoke`.
pub(crate) async fn revoke(State(sim): State<Shared>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let form = Fields::parse(&body);
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut world = sim.world();
    let Some(token) = form.get("token").or(query.get("token")) else {
        return oauth_error("invalid_request", "missing token");
    };
    let known = world.oauth.revoke(token);
    if known || world.settings.revoke_unknown_token == RevokeUnknown::Ok {
        StatusCode::OK.into_response()
    } else {
        oauth_error("invalid_token", "invalid token")
    }
}
