//! What the HTTP API's JWT authorizer does in AWS: nothing reaches the console's data without a token of the issuer for our client.
//!
//! As there, only RSA signatures are taken, keys come from the issuer's discovery document and are kept, and a refusal is a 401 with a
//! fixed body. The token's own header chooses between keys, never the kind of algorithm.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents,
};
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector::clock::Timestamp;
use connector::config::Console;
use serde_json::Value;
use tokio::sync::Mutex;

/// A key of the issuer, by its id.
type Keys = BTreeMap<String, RsaPublicKeyComponents<Vec<u8>>>;

/// Claims as the request context carries them: all texts.
pub(crate) type Claims = BTreeMap<String, String>;

/// Checks tokens for one issuer and one audience.
#[derive(Debug, Clone)]
pub(crate) struct Authorizer {
    issuer: String,
    audience: String,
    http: reqwest::Client,
    keys: Arc<Mutex<Keys>>,
}

impl Authorizer {
    /// For the console's login.
    pub(crate) fn new(console: &Console) -> Self {
        Self {
            issuer: console.issuer.clone(),
            audience: console.client_id.clone(),
            http: reqwest::Client::new(),
            keys: Arc::default(),
        }
    }

    /// The claims of the token in an `Authorization` header, if it is to be accepted now.
    pub(crate) async fn claims(&self, authorization: Option<&str>, now: Timestamp) -> Option<Claims> {
        let given = authorization?.trim();
        let token = match given.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            Some(_) => return None,
            None => given,
        };
        let (text, signature) = token.rsplit_once('.')?;
        let (head, body) = text.split_once('.')?;
        let (head, claims) = (part(head)?, part(body)?);
        let algorithm = match head["alg"].as_str()? {
            "RS256" => &RSA_PKCS1_2048_8192_SHA256,
            "RS384" => &RSA_PKCS1_2048_8192_SHA384,
            "RS512" => &RSA_PKCS1_2048_8192_SHA512,
            _ => return None,
        };
        let key = self.key(head["kid"].as_str()?).await?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        key.verify(algorithm, text.as_bytes(), &signature).ok()?;
        self.accepts(&claims, now).then(|| in_texts(&claims))
    }

    fn accepts(&self, claims: &Value, now: Timestamp) -> bool {
        let at = |name: &str| claims[name].as_i64();
        let now = now.as_second();
        let audience = match &claims["aud"] {
            Value::String(one) => *one == self.audience,
            Value::Array(several) => several.iter().any(|one| *one == self.audience.as_str()),
            _ => claims["client_id"] == self.audience.as_str(),
        };
        claims["iss"] == self.issuer.as_str()
            && audience
            && at("exp").is_some_and(|end| now < end)
            && at("nbf").is_none_or(|start| start <= now)
            && at("iat").is_none_or(|made| made <= now)
    }

    /// The issuer's key of this id; asks the issuer again if it is not known.
    async fn key(&self, id: &str) -> Option<RsaPublicKeyComponents<Vec<u8>>> {
        let mut keys = self.keys.lock().await;
        if !keys.contains_key(id) {
            *keys = self.fetch().await?;
        }
        keys.get(id).cloned()
    }

    async fn fetch(&self) -> Option<Keys> {
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let document = self.get(&place).await?;
        let set = self.get(document["jwks_uri"].as_str()?).await?;
        let read = |key: &Value| {
            let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
            let components = RsaPublicKeyComponents {
                n: number("n")?,
                e: number("e")?,
            };
            (key["kty"] == "RSA").then_some((key["kid"].as_str()?.to_owned(), components))
        };
        Some(set["keys"].as_array()?.iter().filter_map(read).collect())
    }

    async fn get(&self, url: &str) -> Option<Value> {
        let answer = self.http.get(url).send().await.ok()?.error_for_status().ok()?;
        answer.json().await.ok()
    }
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn in_texts(claims: &Value) -> Claims {
    let fields = claims.as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.map(|(name, value)| (name.clone(), text(value))).collect()
}

/// What API Gateway answers instead of calling a function.
pub(crate) fn refusal() -> Response<Body> {
    let mut refused = Response::new(Body::from(r#"{"message":"Unauthorized"}"#));
    *refused.status_mut() = StatusCode::UNAUTHORIZED;
    let headers = refused.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    refused
}
