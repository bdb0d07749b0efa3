//! The token answer: its signature, and who granted it.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::super::absence::or_default;
use super::super::host::OrgUrl;
use super::super::record_id::{OrgId, UserId};
use super::TokenError;
use crate::clock::Timestamp;
use crate::outbound::Permit;
use crate::secret::{AccessToken, ClientSecret, RefreshToken, Sensitive};

/// A token answer whose signature and hosts have been checked (facts/salesforce 10.1).
#[derive(Debug, Clone)]
pub struct TokenAnswer {
    /// The bearer token. Its life is the org's session time-out; nothing says how long (facts/salesforce 10.1).
    pub access_token: AccessToken,
    /// Present after an exchange, and after a refresh where rotation is on: then the one that was sent is spent
    /// (facts/salesforce 10.3).
    pub refresh_token: Option<RefreshToken>,
    /// Where this org's APIs are; an origin.
    pub instance_url: OrgUrl,
    /// The org.
    pub org_id: OrgId,
    /// The user who granted it.
    pub user_id: UserId,
    /// When Salesforce issued it.
    pub issued_at: Timestamp,
    /// The scopes that were granted.
    pub scopes: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    instance_url: String,
    id: String,
    issued_at: String,
    signature: String,
    #[serde(default, deserialize_with = "or_default")]
    scope: String,
}

impl TokenAnswer {
    /// Reads the body of a success and checks it. The `id` URL is only taken apart, never called.
    pub(super) fn read(body: &[u8], secret: &ClientSecret, permit: &Permit) -> Result<Self, TokenError> {
        let answer: Answer = serde_json::from_slice(body).map_err(|_| TokenError::Malformed)?;
        verify(&answer, secret)?;
        let (org_id, user_id) = identity(&answer.id, permit)?;
        let instance = OrgUrl::parse(&answer.instance_url, permit).map_err(TokenError::Host)?;
        let issued_at = answer
            .issued_at
            .parse()
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok());
        if answer.access_token.expose().is_empty() {
            return Err(TokenError::Malformed);
        }
        Ok(Self {
            access_token: answer.access_token,
            refresh_token: answer.refresh_token.filter(|token| !token.expose().is_empty()),
            instance_url: instance.origin(),
            org_id,
            user_id,
            issued_at: issued_at.ok_or(TokenError::Malformed)?,
            scopes: answer.scope.split_whitespace().map(str::to_owned).collect(),
        })
    }
}

/// base64(HMAC-SHA256(`id` + `issued_at`, client secret)), compared in constant time (facts/salesforce 10.1).
fn verify(answer: &Answer, secret: &ClientSecret) -> Result<(), TokenError> {
    let signature = STANDARD.decode(&answer.signature).map_err(|_| TokenError::Signature)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(|_| TokenError::Signature)?;
    mac.update(answer.id.as_bytes());
    mac.update(answer.issued_at.as_bytes());
    mac.verify_slice(&signature).map_err(|_| TokenError::Signature)
}

/// `https://{login host}/id/{org}/{user}`.
fn identity(id: &str, permit: &Permit) -> Result<(OrgId, UserId), TokenError> {
    let url = OrgUrl::parse(id, permit).map_err(TokenError::Host)?;
    let path: Vec<&str> = url.url().path().split('/').collect();
    match path.as_slice() {
        ["", "id", org, user] => OrgId::parse(org)
            .and_then(|org| Ok((org, UserId::parse(user)?)))
            .map_err(|_| TokenError::Malformed),
        _ => Err(TokenError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// printf '%s' 'https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001Sv6eAAC1716295200000' |
    ///   openssl dgst -sha256 -hmac 'F8D2A1C7E0B94D5F' -binary | base64
    const SIGNATURE: &str = "J4vxAB+0pK2io9xWoRqn7GJg+S/NOy7+kUQQ3ZuA0i8=";
    /// The same with the id `https://test.salesforce.com/id/00Dxx0000001gER/005xx000001Sv6e`.
    const SIGNATURE_SHORT: &str = "JaY2kazZCXWWKCgPITyMQ/7nO5JIBl9SDieLO5psR0w=";

    fn body() -> Value {
        json!({"access_token": "00Dxx0000001gER!AQ.x", "refresh_token": "5Aep.y", "signature": SIGNATURE, "scope": "refresh_token api",
            "instance_url": "https://acme.my.salesforce.com", "id": "https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001Sv6eAAC",
            "token_type": "Bearer", "issued_at": "1716295200000", "api_instance_url": "https://api.salesforce.com"})
    }

    fn read(body: &Value) -> Result<TokenAnswer, TokenError> {
        TokenAnswer::read(
            body.to_string().as_bytes(),
            &ClientSecret::new("F8D2A1C7E0B94D5F"),
            &Permit::none(),
        )
    }

    #[test]
    fn a_good_answer() {
        let answer = read(&body()).unwrap();
        assert_eq!(answer.org_id.as_str(), "00Dxx0000001gEREAY");
        assert_eq!(answer.user_id.as_str(), "005xx000001Sv6eAAC");
        assert_eq!(answer.issued_at.to_string(), "2024-05-21T12:40:00Z");
        assert_eq!(answer.instance_url.url().as_str(), "https://acme.my.salesforce.com/");
        assert_eq!(
            answer.scopes,
            BTreeSet::from(["api".to_owned(), "refresh_token".to_owned()])
        );
        assert!(answer.refresh_token.is_some());
        assert!(!format!("{answer:?}").contains("AQ.x"));
    }

    #[test]
    fn a_sandbox_with_short_ids_and_no_refresh_token() {
        let mut body = body();
        body["id"] = json!("https://test.salesforce.com/id/00Dxx0000001gER/005xx000001Sv6e");
        body["signature"] = json!(SIGNATURE_SHORT);
        body.as_object_mut().unwrap().remove("refresh_token");
        let answer = read(&body).unwrap();
        assert_eq!(answer.org_id.as_str(), "00Dxx0000001gEREAY");
        assert!(answer.refresh_token.is_none());
    }

    #[test]
    fn a_changed_answer_is_refused() {
        for (key, value, expect) in [
            ("issued_at", json!("1716295200001"), TokenError::Signature),
            (
                "id",
                json!("https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001Sv6fAAC"),
                TokenError::Signature,
            ),
            ("signature", json!("AAAA"), TokenError::Signature),
            ("signature", json!("%"), TokenError::Signature),
            ("signature", Value::Null, TokenError::Malformed),
            ("access_token", json!(""), TokenError::Malformed),
            (
                "instance_url",
                json!("https://acme.my.salesforce.com.evil.example"),
                TokenError::Host(crate::salesforce::host::HostFault::NotSalesforce),
            ),
        ] {
            let mut body = body();
            body[key] = value;
            assert_eq!(read(&body).unwrap_err().to_string(), expect.to_string(), "{key}");
        }
    }

    #[test]
    fn the_id_url_is_taken_apart_strictly() {
        let parse = |id: &str| identity(id, &Permit::none()).map(|(org, user)| format!("{org} {user}"));
        assert_eq!(
            parse("https://acme.my.salesforce.com/id/00Dxx0000001gER/005xx000001Sv6e").unwrap(),
            "00Dxx0000001gEREAY 005xx000001Sv6eAAC"
        );
        for id in [
            "https://evil.example/id/00Dxx0000001gER/005xx000001Sv6e",
            "https://login.salesforce.com/id/00Dxx0000001gER",
            "https://login.salesforce.com/id/00Dxx0000001gER/005xx000001Sv6e/x",
            "https://login.salesforce.com/x/id/00Dxx0000001gER/005xx000001Sv6e",
            "https://login.salesforce.com/id/005xx000001Sv6e/00Dxx0000001gER",
            "https://login.salesforce.com/id//",
            "00Dxx0000001gER",
        ] {
            assert!(parse(id).is_err(), "{id}");
        }
    }

    proptest! {
        #[test]
        fn no_body_is_too_strange(key in "[a-z_]{2,14}", value in "\\PC{0,20}", cut in 0_usize..400) {
            let secret = ClientSecret::new("F8D2A1C7E0B94D5F");
            let mut body = body();
            body[key.as_str()] = json!(value);
            let text = body.to_string();
            let _ = TokenAnswer::read(text.as_bytes(), &secret, &Permit::none());
            let _ = TokenAnswer::read(text.as_bytes().get(..cut).unwrap_or_default(), &secret, &Permit::none());
        }
    }
}
