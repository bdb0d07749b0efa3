//! Tokens: what is claimed, and how it is signed or, when told to, missigned.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::provider::{Provider, Settings, Signed};

/// An ID token for a person (OpenID Connect Core, section 2), with the faults of `settings`.
///
/// # Errors
/// The signature cannot be made.
pub(crate) fn id_token(
    provider: &Provider,
    settings: &Settings,
    email: &str,
    nonce: Option<&str>,
    now: i64,
) -> io::Result<String> {
    let mut claims = json!({
        "iss": settings.issuer.as_deref().unwrap_or(provider.issuer()),
        "aud": settings.audience.as_deref().unwrap_or(&provider.client().client_id),
        "sub": subject(email),
        "iat": now,
        "exp": now.saturating_add(settings.token_life_seconds),
    });
    if settings.email {
        claims["email"] = json!(email);
        claims["email_verified"] = json!(true);
    }
    match nonce {
        Some(_) if settings.other_nonce => claims["nonce"] = json!("another"),
        Some(nonce) => claims["nonce"] = json!(nonce),
        None => {}
    }
    compact(provider, settings.signed, &claims)
}

/// A person's identifier: the same for the same address, and not the address.
fn subject(email: &str) -> String {
    hex::encode(&Sha256::digest(email)[..10])
}

/// The compact serialisation (RFC 7515 section 7.1).
fn compact(provider: &Provider, signed: Signed, claims: &Value) -> io::Result<String> {
    let algorithm = match signed {
        Signed::Not => "none",
        Signed::WithThePublicKey => "HS256",
        Signed::Well | Signed::Tampered | Signed::ByAnotherKey => "RS256",
    };
    let header = json!({"alg": algorithm, "typ": "JWT", "kid": provider.key().id});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(claims));
    let signature = match signed {
        Signed::Well | Signed::Tampered => provider.key().sign(&text)?,
        Signed::ByAnotherKey => provider.stranger().sign(&text)?,
        Signed::Not => String::new(),
        Signed::WithThePublicKey => mac(&provider.key().jwk(), &text),
    };
    if signed == Signed::Tampered {
        let mut others = claims.clone();
        others["email"] = json!("somebody.else@example.com");
        return Ok(format!("{}.{}.{signature}", part(&header), part(&others)));
    }
    Ok(format!("{text}.{signature}"))
}

/// HMAC-SHA256 under the public modulus: what an attacker would send to a verifier that lets the token choose the algorithm.
fn mac(jwk: &Value, text: &str) -> String {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    let key = Key::new(HMAC_SHA256, jwk["n"].as_str().unwrap_or_default().as_bytes());
    URL_SAFE_NO_PAD.encode(sign(&key, text.as_bytes()))
}
