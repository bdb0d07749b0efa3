//! What browsers and clients reach over HTTP.

use axum::Router;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use url::Url;

use crate::authorization::{Next, authorize, exchange, parameters};
use crate::provider::{Provider, Settings, word};

/// Cookies are not isolated by port, so it differs from every other cookie of the local stack.
const SESSION: &str = "identity-session";
const LOGIN: &str = include_str!("../assets/login.html");
const STYLE: &str = include_str!("../assets/identity.css");

/// All routes.
pub(crate) fn router(provider: Provider) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(keys))
        .route("/authorize", get(ask))
        .route("/login", post(log_in))
        .route("/logout", get(log_out))
        .route("/token", post(token))
        .route(
            "/identity.css",
            get(|| async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }),
        )
        .route("/_simulator/settings", get(settings).patch(set))
        .route("/_simulator/clock", post(advance))
        .with_state(provider)
}

/// JSON that scripts of other origins may read: what is public, and what PKCE protects.
fn open_json(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// OpenID Connect Discovery, section 4.
async fn discovery(State(provider): State<Provider>) -> Response {
    let at = |path: &str| format!("{}{path}", provider.issuer());
    let body = json!({
        "issuer": provider.issuer(),
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/logout"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
    });
    open_json(StatusCode::OK, &body)
}

async fn keys(State(provider): State<Provider>) -> Response {
    open_json(StatusCode::OK, &json!({"keys": [provider.key().jwk()]}))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(COOKIE)?.to_str().ok()?;
    let mut pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION).map(|(_, value)| value)
}

fn page(status: StatusCode, html: String) -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn login_page(query: &str, fault: &str) -> String {
    LOGIN
        .replace("{{fault}}", &escaped(fault))
        .replace("{{continue}}", &escaped(query))
}

async fn ask(State(provider): State<Provider>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    let Some(request) = parameters(&query) else {
        return page(StatusCode::BAD_REQUEST, login_page("", "A parameter came twice."));
    };
    let email = cookie(&headers).and_then(|id| provider.world().sessions.get(id).cloned());
    match authorize(&provider, &request, email.as_deref()) {
        Next::Page(words) => page(StatusCode::BAD_REQUEST, login_page("", words)),
        Next::LogIn => page(StatusCode::OK, login_page(&query, "")),
        Next::Back(url) => (StatusCode::FOUND, [(LOCATION, url.to_string())]).into_response(),
    }
}

async fn log_in(State(provider): State<Provider>, RawForm(body): RawForm) -> Response {
    let form = std::str::from_utf8(&body).ok().and_then(parameters).unwrap_or_default();
    let query = form.get("continue").map(String::as_str).unwrap_or_default();
    let email = form.get("email").map(|email| email.trim()).unwrap_or_default();
    if !email.contains('@') {
        return page(StatusCode::OK, login_page(query, "Enter an e-mail address."));
    }
    let id = word();
    provider.world().sessions.insert(id.clone(), email.to_owned());
    let mut again = parameters(query).unwrap_or_default();
    again.remove("prompt");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(again)
        .finish();
    let headers = [
        (SET_COOKIE, format!("{SESSION}={id}; Path=/; HttpOnly; SameSite=Lax")),
        (LOCATION, format!("/authorize?{query}")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// OpenID Connect RP-Initiated Logout: back only to an origin of the client.
async fn log_out(State(provider): State<Provider>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    if let Some(id) = cookie(&headers) {
        provider.world().sessions.remove(id);
    }
    let request = parameters(&query.unwrap_or_default()).unwrap_or_default();
    let wanted = request
        .get("post_logout_redirect_uri")
        .and_then(|uri| Url::parse(uri).ok());
    let known = |url: &Url| {
        let of_client = provider
            .client()
            .redirect_uris
            .iter()
            .filter_map(|uri| Url::parse(uri).ok());
        of_client
            .into_iter()
            .any(|registered| registered.origin() == url.origin())
    };
    match wanted.filter(known) {
        Some(url) => (StatusCode::FOUND, [(LOCATION, url.to_string())]).into_response(),
        None => page(StatusCode::OK, login_page("", "You are logged out.")),
    }
}

async fn token(State(provider): State<Provider>, RawForm(body): RawForm) -> Response {
    let Some(request) = std::str::from_utf8(&body).ok().and_then(parameters) else {
        return open_json(StatusCode::BAD_REQUEST, &json!({"error": "invalid_request"}));
    };
    match exchange(&provider, &request) {
        Ok((status, body)) => open_json(StatusCode::from_u16(status).unwrap_or_default(), &body),
        Err(error) => open_json(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({"error": "server_error", "error_description": error.to_string()}),
        ),
    }
}

async fn settings(State(provider): State<Provider>) -> Response {
    open_json(StatusCode::OK, &json!(provider.world().settings))
}

/// A merge patch of the knobs.
async fn set(State(provider): State<Provider>, body: axum::Json<Value>) -> Response {
    let mut world = provider.world();
    let mut whole = json!(world.settings);
    if let (Value::Object(whole), Value::Object(patch)) = (&mut whole, body.0) {
        whole.extend(patch);
    }
    match serde_json::from_value::<Settings>(whole) {
        Ok(settings) => {
            world.settings = settings;
            open_json(StatusCode::OK, &json!(world.settings))
        }
        Err(error) => open_json(StatusCode::BAD_REQUEST, &json!({"error": error.to_string()})),
    }
}

async fn advance(State(provider): State<Provider>, body: axum::Json<Value>) -> Response {
    let Some(seconds) = body["advance_seconds"].as_i64() else {
        return open_json(
            StatusCode::BAD_REQUEST,
            &json!({"error": "advance_seconds is a whole number"}),
        );
    };
    let mut world = provider.world();
    world.ahead = world.ahead.saturating_add(seconds);
    open_json(StatusCode::OK, &json!({"unix_seconds": world.now()}))
}
