//! The public Apps endpoints: authorize, token, scopes/update (facts/akeneo 1, 3, 4).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;

use super::visitor::Visitor;
use crate::answer::{self, Refusal};
use crate::api::{Caller, authenticate};
use crate::authorization::{self, NoRedirect};
use crate::exchange::{self, Denial, Grant, TokenRequest};
use crate::multipart;
use crate::php::Parameters;
use crate::simulator::{Simulator, World};

/// `GET /connect/apps/v1/authorize`.
pub(super) async fn authorize(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let target = uri.path_and_query().map(ToString::to_string);
    let visitor = Visitor::require(&mut world, &headers, target)?;
    let query = Parameters::parse(uri.query().unwrap_or_default().as_bytes());
    let now = world.now();
    let World { pim, settings, .. } = &mut *world;
    Ok(
        match authorization::authorize(pim, settings, visitor.person(), &query, now) {
            Ok(location) => answer::redirect(&location),
            Err(NoRedirect::NotFound) => answer::error_page(StatusCode::NOT_FOUND),
            Err(NoRedirect::Forbidden) => answer::error_page(StatusCode::FORBIDDEN),
            Err(NoRedirect::BadRequest) => answer::error_page(StatusCode::BAD_REQUEST),
        },
    )
}

/// `POST /connect/apps/v1/oauth2/token`. The Authorization header and the query string are not looked at (facts/akeneo 3.2).
pub(super) async fn token(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    let mut world = simulator.world();
    if !world.settings.marketplace_activate {
        return answer::error_page(StatusCode::NOT_FOUND);
    }
    let body = body_parameters(&headers, &body, world.settings.token_reads_json);
    let Ok(request) = TokenRequest::read(&body) else {
        return answer::error_page(StatusCode::BAD_REQUEST);
    };
    let now = world.now();
    let World { pim, settings, .. } = &mut *world;
    let response = match exchange::exchange(pim, settings, request, now) {
        Ok(grant) => granted(&grant),
        Err(denial) => denied(denial),
    };
    if settings.token_no_store {
        answer::with_header(response, CACHE_CONTROL, "no-store, private")
    } else {
        response
    }
}

/// `POST /connect/apps/v1/scopes/update?scopes=…`: a notice for administrators; it changes nothing by itself (facts/akeneo 4).
pub(super) async fn scopes_update(State(simulator): State<Simulator>, headers: HeaderMap) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    if !world.settings.marketplace_activate {
        return Err(answer::error_page(StatusCode::NOT_FOUND).into());
    }
    let Caller::App(client_id) = authenticate(&world, &headers)? else {
        return Err(answer::envelope(StatusCode::FORBIDDEN, "Not an authenticated App").into());
    };
    if let Some(connected) = world.pim.connected_apps.get_mut(&client_id) {
        connected.has_outdated_scopes = true;
    }
    Ok(answer::json(StatusCode::OK, &json!("Ok")))
}

fn body_parameters(headers: &HeaderMap, body: &[u8], reads_json: bool) -> Parameters {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/x-www-form-urlencoded" => Parameters::parse(body),
        "multipart/form-data" => Parameters::from_fields(multipart::fields(kind, body)),
        "application/json" if reads_json => Parameters::from_json(body),
        _ => Parameters::default(),
    }
}

fn granted(grant: &Grant) -> Response {
    let body = format!(
        "{{\"access_token\":{},\"token_type\":\"bearer\",\"scope\":{}}}",
        json!(grant.access_token),
        json!(grant.scope)
    );
    answer::json_text(StatusCode::OK, body)
}

fn denied(denial: Denial) -> Response {
    let body = match denial {
        Denial::InvalidRequest => r#"{"error":"invalid_request"}"#,
        Denial::InvalidClient => r#"{"error":"invalid_client"}"#,
        Denial::CodeNotValid => r#"{"error":"invalid_grant","error_description":"Code is not valid"}"#,
        Denial::CodeHasExpired => r#"{"error":"invalid_grant","error_description":"Code has expired"}"#,
        Denial::UnsupportedGrantType => r#"{"error":"unsupported_grant_type"}"#,
        Denial::NotConnected => return answer::error_page(StatusCode::INTERNAL_SERVER_ERROR),
    };
    answer::json_text(StatusCode::BAD_REQUEST, body.to_owned())
}
