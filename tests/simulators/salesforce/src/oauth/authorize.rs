//! `/services/oauth2/authorize` and the page on which a person allows or denies (facts/salesforce 10.1).
//!
//! A request whose client or redirect URI is wrong never redirects: the person sees an error page. Everything else goes back to the client
//! as `error` on its redirect URI.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::{Challenge, Code, Request};
use crate::browser::html::{escape, page};
use crate::browser::session::{person, require_person};
use crate::form::Fields;
use crate::identifier::random_text;
use crate::settings::{AppInstallation, Approval};
use crate::world::{Shared, World};

/// Scopes that an External Client App can have.
const SCOPES: &[&str] = &[
    "refresh_token",
    "offline_access",
    "api",
    "web",
    "full",
    "id",
    "openid",
    "profile",
    "email",
    "chatter_api",
    "visualforce",
];

const DECISION_PATH: &str = "/setup/secur/RemoteAccessAuthorizationPage.apexp";

/// A redirect as Salesforce makes it.
pub(crate) fn found(location: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

fn error_page(error: &str, description: &str) -> Response {
    let body = format!(
        "<h1>We can&#39;t authorize you because of an OAuth error.</h1><p>error={}&amp;error_description={}</p>",
        escape(error),
        escape(description)
    );
    (StatusCode::BAD_REQUEST, page("OAuth Error", &body)).into_response()
}

fn back(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>) -> Response {
    let Ok(mut target) = Url::parse(redirect_uri) else {
        return error_page("redirect_uri_mismatch", "redirect_uri must match configuration");
    };
    target
        .query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)));
    found(target.as_str())
}

/// The scopes in Salesforce's order, each once; `None` if one is unknown.
fn scopes(text: Option<&str>) -> Option<Vec<String>> {
    let asked: Vec<&str> = text.map_or_else(
        || vec!["refresh_token", "api"],
        |text| text.split_whitespace().collect(),
    );
    if asked.iter().any(|scope| !SCOPES.contains(scope)) {
        return None;
    }
    let refresh = |scope: &&str| matches!(*scope, "refresh_token" | "offline_access");
    let mut granted: Vec<String> = Vec::new();
    if asked.iter().any(refresh) {
        granted.push("refresh_token".to_owned());
    }
    granted.extend(
        SCOPES
            .iter()
            .filter(|scope| !refresh(scope) && asked.contains(scope))
            .map(|scope| (*scope).to_owned()),
    );
    Some(granted)
}

/// GET `/services/oauth2/authorize`.
pub(crate) async fn authorize(State(sim): State<Shared>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    let fields = Fields::parse(query.as_bytes());
    let mut world = sim.world();
    if let Some(name) = fields.repeated() {
        return error_page("invalid_request", &format!("parameter {name} appears more than once"));
    }
    let Some(client) = fields.get("client_id").and_then(|id| world.oauth.client(id)).cloned() else {
        return error_page("invalid_client_id", "client identifier invalid");
    };
    let Some(redirect_uri) = fields
        .get("redirect_uri")
        .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
    else {
        return error_page("redirect_uri_mismatch", "redirect_uri must match configuration");
    };
    let state = fields.get("state");
    let fail = |error: &str, description: &str| {
        back(
            redirect_uri,
            &[("error", error), ("error_description", description)],
            state,
        )
    };
    if fields.get("response_type") != Some("code") {
        return fail("unsupported_response_type", "response type not supported");
    }
    let Some(scope) = scopes(fields.get("scope")) else {
        return fail("invalid_scope", "invalid scope");
    };
    let challenge = match (fields.get("code_challenge"), fields.get("code_challenge_method")) {
        (None, _) if world.settings.require_pkce => return fail("invalid_request", "missing required code challenge"),
        (None, _) => None,
        (Some(_), Some(method)) if method != "S256" => return fail("invalid_request", "invalid code challenge method"),
        (Some(value), method) => Some(Challenge {
            value: value.to_owned(),
            s256: method.is_some(),
        }),
    };
    let prompt: Vec<&str> = fields.get("prompt").unwrap_or_default().split_whitespace().collect();
    // After a forced login the request comes back without the word that forced it.
    let target = format!("/services/oauth2/authorize?{}", without_login_prompt(&query));
    let forced = prompt.contains(&"login");
    let who = match require_person(
        &sim,
        &mut world,
        if forced { None } else { Some(&headers) },
        &target,
        fields.get("login_hint"),
    ) {
        Ok(person) => person,
        Err(login) => return login,
    };
    match world.settings.app_installation {
        _ if client.local => {}
        AppInstallation::NotFound => return fail("OAUTH_EC_APP_NOT_FOUND", &world.settings.texts.app_not_found),
        AppInstallation::ApprovalError => {
            return fail("OAUTH_APPROVAL_ERROR_GENERIC", &world.settings.texts.approval_error);
        }
        AppInstallation::Installed | AppInstallation::MissingAtToken => {}
    }
    let request = Request {
        client_id: client.client_id,
        redirect_uri: redirect_uri.to_owned(),
        state: state.map(str::to_owned),
        scope,
        challenge,
        user_id: who.user_id,
        session: who.session,
    };
    let known = world.oauth.approvals.iter().any(|(client, user, scope)| {
        *client == request.client_id && *user == request.user_id && *scope == request.scope
    });
    match world.settings.approval {
        Approval::Deny => deny(&world, &request),
        Approval::Allow => allow(&sim, &mut world, request),
        Approval::Ask if known && !prompt.contains(&"consent") => allow(&sim, &mut world, request),
        Approval::Ask => ask(&mut world, request),
    }
}

fn without_login_prompt(query: &str) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == "prompt" {
            let rest: Vec<&str> = value.split_whitespace().filter(|word| *word != "login").collect();
            if !rest.is_empty() {
                serializer.append_pair("prompt", &rest.join(" "));
            }
        } else {
            serializer.append_pair(&name, &value);
        }
    }
    serializer.finish()
}

fn ask(world: &mut World, request: Request) -> Response {
    let id = random_text(32);
    let user = world
        .org
        .user(&request.user_id)
        .map(|user| user.username.clone())
        .unwrap_or_default();
    let items: String = request
        .scope
        .iter()
        .map(|scope| format!("<li><code>{}</code></li>", escape(scope)))
        .collect();
    let body = format!(
        "<h1>Allow Access?</h1><p><strong>Connector Setup</strong> is asking to:</p><ul>{items}</ul>\
         <p>Do you want to allow access for <strong>{}</strong>?</p>\
         <form method=\"post\" action=\"{DECISION_PATH}\"><input type=\"hidden\" name=\"request\" value=\"{id}\">\
         <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button> \
         <button type=\"submit\" name=\"decision\" value=\"allow\" class=\"primary\">Allow</button></form>",
        escape(&user)
    );
    world.oauth.pending.insert(id, request);
    page("Allow Access?", &body).into_response()
}

/// POST of the page: the person's decision.
pub(crate) async fn decide(State(sim): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let mut world = sim.world();
    let session = person(&world, &headers).map(|person| person.session);
    let pending = fields.get("request").and_then(|id| world.oauth.pending.remove(id));
    let Some(request) = pending.filter(|request| session.as_deref() == Some(&request.session)) else {
        return error_page("invalid_request", "this authorization request is no longer open");
    };
    match fields.get("decision") {
        Some("allow") => allow(&sim, &mut world, request),
        _ => deny(&world, &request),
    }
}

fn deny(world: &World, request: &Request) -> Response {
    let pairs = [
        ("error", "access_denied"),
        ("error_description", world.settings.texts.access_denied.as_str()),
    ];
    back(&request.redirect_uri, &pairs, request.state.as_deref())
}

fn allow(sim: &Shared, world: &mut World, request: Request) -> Response {
    let approval = (
        request.client_id.clone(),
        request.user_id.clone(),
        request.scope.clone(),
    );
    if !world.oauth.approvals.contains(&approval) {
        world.oauth.approvals.push(approval);
    }
    let code = format!("aPrx{}==", random_text(72));
    let answer = back(&request.redirect_uri, &[("code", &code)], request.state.as_deref());
    world.oauth.codes.insert(
        code,
        Code {
            request,
            issued: sim.clock.now(),
        },
    );
    answer
}
