//! `/services/oauth2/token` (facts/salesforce 10.1, 10.2).
//!
//! Checks in the order in which a client learns most: grant type, client, then what the grant needs. Every failure is 400.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::client::OAuthClient;
use super::session::Issued;
use super::{Code, oauth_error};
use crate::client_app;
use crate::form::Fields;
use crate::settings::{AppInstallation, PkceMismatch};
use crate::world::{Shared, World};

const EXPIRED_CODE: (&str, &str) = ("invalid_grant", "expired authorization code");
const EXPIRED_REFRESH: (&str, &str) = ("invalid_grant", "expired access/refresh token");

/// The answer, in Salesforce's order of keys. There is no `expires_in`, and `issued_at` is milliseconds as a string.
#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    signature: String,
    scope: String,
    instance_url: String,
    id: String,
    token_type: &'static str,
    issued_at: String,
}

/// POST `/services/oauth2/token`.
pub(crate) async fn token(State(sim): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let mut world = sim.world();
    match exchange(&sim, &mut world, &headers, &fields) {
        Ok(answer) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json;charset=UTF-8"),
                (header::CACHE_CONTROL, "no-cache, no-store"),
            ];
            match serde_json::to_string(&answer) {
                Ok(body) => (StatusCode::OK, headers, body).into_response(),
                Err(_) => oauth_error("unknown_error", "retry your request"),
            }
        }
        Err((error, description)) => oauth_error(&error, &description),
    }
}

type Failure = (String, String);

fn failure((error, description): (&str, &str)) -> Failure {
    (error.to_owned(), description.to_owned())
}

fn exchange(sim: &Shared, world: &mut World, headers: &HeaderMap, fields: &Fields) -> Result<TokenAnswer, Failure> {
    if let Some(name) = fields.repeated() {
        return Err((
            "invalid_request".to_owned(),
            format!("parameter {name} appears more than once"),
        ));
    }
    let client = match fields.get("grant_type") {
        Some("authorization_code" | "refresh_token") => authenticate(world, headers, fields)?,
        Some("client_credentials") => {
            let (issued, client) = client_app::token::issue(sim, world, headers, fields)?;
            return Ok(answer(sim, world, issued, &client));
        }
        _ => return Err(failure(("unsupported_grant_type", "grant type not supported"))),
    };
    let issued = if fields.get("grant_type") == Some("authorization_code") {
        redeem(sim, world, &client, fields)?
    } else {
        refresh(sim, world, &client, fields)?
    };
    Ok(answer(sim, world, issued, &client))
}

/// The client, by form fields or by Basic authentication.
fn authenticate(world: &World, headers: &HeaderMap, fields: &Fields) -> Result<OAuthClient, Failure> {
    let basic = basic_credentials(headers);
    let (id, secret) = match (fields.get("client_id"), &basic) {
        (None, Some((id, secret))) => (Some(id.as_str()), Some(secret.as_str())),
        (id, Some((_, secret))) => (id, fields.get("client_secret").or(Some(secret.as_str()))),
        (id, None) => (id, fields.get("client_secret")),
    };
    let client = id
        .and_then(|id| world.oauth.client(id))
        .ok_or_else(|| failure(("invalid_client_id", "client identifier invalid")))?;
    if secret != Some(client.client_secret.as_str()) {
        return Err(failure(("invalid_client", "invalid client credentials")));
    }
    Ok(client.clone())
}

pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn redeem(sim: &Shared, world: &mut World, client: &OAuthClient, fields: &Fields) -> Result<Issued, Failure> {
    let now = sim.clock.now();
    let presented = fields.get("code").unwrap_or_default().to_owned();
    let code = world
        .oauth
        .codes
        .get(&presented)
        .cloned()
        .ok_or_else(|| failure(EXPIRED_CODE))?;
    if world.settings.failed_exchange_consumes_code {
        world.oauth.codes.remove(&presented);
    }
    check_code(world, &code, client, fields, now)?;
    world.oauth.codes.remove(&presented);
    check_user(world, &code.request.user_id)?;
    let org_id = world.org.id.clone();
    Ok(world.oauth.issue(&org_id, &code.request, &world.settings, now))
}

fn check_code(world: &World, code: &Code, client: &OAuthClient, fields: &Fields, now: i64) -> Result<(), Failure> {
    let settings = &world.settings;
    if code.request.client_id != client.client_id
        || now - code.issued >= settings.code_lifetime_seconds.saturating_mul(1000)
    {
        return Err(failure(EXPIRED_CODE));
    }
    if fields.get("redirect_uri") != Some(code.request.redirect_uri.as_str()) {
        return Err(failure((
            "redirect_uri_mismatch",
            "redirect_uri must match configuration",
        )));
    }
    if let Some(challenge) = &code.request.challenge {
        let verifier = fields.get("code_verifier").unwrap_or_default();
        let matches = challenge.s256 && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge.value;
        if !matches {
            let error = match settings.pkce_mismatch_error {
                PkceMismatch::InvalidGrant => "invalid_grant",
                PkceMismatch::InvalidRequest => "invalid_request",
            };
            return Err(failure((error, "invalid code verifier")));
        }
    }
    if settings.app_installation == AppInstallation::MissingAtToken && !client.local {
        return Err(failure(("invalid_client", "app must be installed into org")));
    }
    Ok(())
}

fn refresh(sim: &Shared, world: &mut World, client: &OAuthClient, fields: &Fields) -> Result<Issued, Failure> {
    let presented = fields.get("refresh_token").unwrap_or_default();
    let owner = world
        .oauth
        .families
        .iter()
        .find(|family| family.current == presented)
        .map(|family| family.user_id.clone());
    if let Some(user) = owner {
        check_user(world, &user)?;
    }
    let org_id = world.org.id.clone();
    world
        .oauth
        .refresh(&org_id, &client.client_id, presented, &world.settings, sim.clock.now())
        .ok_or_else(|| failure(EXPIRED_REFRESH))
}

fn check_user(world: &World, user_id: &str) -> Result<(), Failure> {
    if world.org.user(user_id).is_some_and(|user| user.active) {
        Ok(())
    } else {
        Err(failure(("invalid_grant", &world.settings.texts.inactive_user)))
    }
}

fn answer(sim: &Shared, world: &World, issued: Issued, client: &OAuthClient) -> TokenAnswer {
    let id = sim.identity_url(world, &issued.user_id);
    let issued_at = sim.clock.now().to_string();
    TokenAnswer {
        access_token: issued.access_token,
        refresh_token: issued.refresh_token,
        signature: signature(&id, &issued_at, &client.client_secret),
        scope: issued.scope.join(" "),
        instance_url: sim.base.as_str().trim_end_matches('/').to_owned(),
        id,
        token_type: "Bearer",
        issued_at,
    }
}

/// base64(HMAC-SHA256(id + issued_at, client secret)).
fn signature(id: &str, issued_at: &str, secret: &str) -> String {
    // HMAC takes keys of every length, so there is no failing case to report.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| STANDARD.encode(mac.chain_update(id).chain_update(issued_at).finalize().into_bytes()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{STANDARD, signature};
    use base64::Engine;

    #[test]
    fn signature_is_hmac_sha256_in_base64() {
        // RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?".
        let bytes = STANDARD
            .decode(signature("what do ya want ", "for nothing?", "Jefe"))
            .unwrap();
        assert_eq!(
            hex::encode(bytes),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
