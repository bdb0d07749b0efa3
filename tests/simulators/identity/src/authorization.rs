//! The authorization code flow: what an authorization request must have, and the exchange of a code.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::provider::{Grant, Provider, word};
use crate::token::id_token;

/// How long a code lives.
const CODE_SECONDS: i64 = 60;

/// Parameters of a request, each once.
pub(crate) type Parameters = BTreeMap<String, String>;

/// Reads parameters; one that comes twice is refused (RFC 6749 section 3.1).
pub(crate) fn parameters(text: &str) -> Option<Parameters> {
    let mut found = Parameters::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        if found.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(found)
}

/// What becomes of an authorization request.
#[derive(Debug)]
pub(crate) enum Next {
    /// A page for the person: the client is not known, so nothing may be sent to it.
    Page(&'static str),
    /// The person has to log in.
    LogIn,
    /// The browser goes back to the client.
    Back(Url),
}

fn back(request: &Parameters, redirect_uri: &str, result: &[(&str, &str)], issuer: &str) -> Next {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return Next::Page("The redirect address is not one.");
    };
    {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in result {
            pairs.append_pair(name, value);
        }
        if let Some(state) = request.get("state") {
            pairs.append_pair("state", state);
        }
        pairs.append_pair("iss", issuer);
    }
    Next::Back(url)
}

/// GET /authorize (OpenID Connect Core, section 3.1.2), for the person who is logged in, if any.
pub(crate) fn authorize(provider: &Provider, request: &Parameters, email: Option<&str>) -> Next {
    let given = |name: &str| request.get(name).map(String::as_str);
    let client = provider.client();
    if given("client_id") != Some(&client.client_id) {
        return Next::Page("No such client is registered here.");
    }
    let Some(redirect_uri) = given("redirect_uri").filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
    else {
        return Next::Page("This redirect address is not registered for the client.");
    };
    let fail = |error: &str| back(request, redirect_uri, &[("error", error)], provider.issuer());
    if given("response_type") != Some("code") {
        return fail("unsupported_response_type");
    }
    if !given("scope")
        .unwrap_or_default()
        .split(' ')
        .any(|scope| scope == "openid")
    {
        return fail("invalid_scope");
    }
    let challenge = given("code_challenge").filter(|challenge| challenge.len() == 43);
    let Some(challenge) = challenge.filter(|_| given("code_challenge_method") == Some("S256")) else {
        return fail("invalid_request");
    };
    let mut world = provider.world();
    if world.settings.denied {
        return fail("access_denied");
    }
    let Some(email) = email.filter(|_| given("prompt") != Some("login")) else {
        return Next::LogIn;
    };
    let code = word();
    let grant = Grant {
        email: email.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
        nonce: request.get("nonce").cloned(),
        expires_at: world.now() + CODE_SECONDS,
    };
    world.grants.insert(code.clone(), grant);
    back(request, redirect_uri, &[("code", &code)], provider.issuer())
}

/// POST /token (RFC 6749 section 4.1.3, RFC 7636 section 4.6): the answer's status and body.
///
/// # Errors
/// A token cannot be signed.
pub(crate) fn exchange(provider: &Provider, request: &Parameters) -> io::Result<(u16, Value)> {
    let given = |name: &str| request.get(name).map(String::as_str).unwrap_or_default();
    let refuse = |status, error: &str| Ok((status, json!({"error": error})));
    if given("grant_type") != "authorization_code" {
        return refuse(400, "unsupported_grant_type");
    }
    if given("client_id") != provider.client().client_id {
        return refuse(401, "invalid_client");
    }
    let mut world = provider.world();
    let now = world.now();
    // Used up by the first who shows it, whether or not the rest is right.
    let Some(grant) = world.grants.remove(given("code")) else {
        return refuse(400, "invalid_grant");
    };
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(given("code_verifier")));
    if grant.expires_at <= now || grant.redirect_uri != given("redirect_uri") || grant.challenge != proof {
        return refuse(400, "invalid_grant");
    }
    let settings = world.settings.clone();
    drop(world);
    let token = id_token(provider, &settings, &grant.email, grant.nonce.as_deref(), now)?;
    Ok((
        200,
        json!({
            "access_token": word(), "token_type": "Bearer", "expires_in": settings.token_life_seconds,
            "scope": "openid email", "id_token": token,
        }),
    ))
}
