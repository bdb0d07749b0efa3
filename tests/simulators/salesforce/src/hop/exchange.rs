//! Salesforce's own token request to the PIM, for real (facts/salesforce 14.2 rule k).
//!
//! What is sent is what the provider's rows say and nothing else, so that a wrong row fails here as it would fail there.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::org::identity_provider::IdentityProvider;
use crate::world::Shared;

/// More than any token answer.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A token request, complete.
#[derive(Debug)]
pub(crate) struct Order {
    url: Url,
    form: Vec<(String, String)>,
    headers: HeaderMap,
    basic: Option<(String, String)>,
}

/// What the PIM handed out.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) access_token: String,
    pub(crate) scope: Option<String>,
}

impl Order {
    /// What the package's plugin sends: a form and nothing else.
    pub(crate) fn of_plugin(url: Url, form: Vec<(String, String)>) -> Self {
        Self {
            url,
            form,
            headers: HeaderMap::new(),
            basic: None,
        }
    }
}

/// Builds the HTTP client: no redirects, no proxy, no patience.
pub(crate) fn http_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
}

/// Reads the provider's rows into a request.
pub(crate) fn order(provider: &IdentityProvider, code: &str, redirect_uri: String) -> Result<Order, String> {
    let metadata = &provider.metadata;
    let credentials = provider
        .credentials
        .as_ref()
        .ok_or("The external auth identity provider has no client ID and client secret.")?;
    let token_url = metadata.value("TokenUrl").and_then(|url| Url::parse(url).ok());
    let mut url = token_url.ok_or("The Token URL of the external auth identity provider is not valid.")?;
    let mut form = vec![
        ("grant_type".to_owned(), "authorization_code".to_owned()),
        ("code".to_owned(), code.to_owned()),
        ("redirect_uri".to_owned(), redirect_uri),
    ];
    let posts = metadata.value("ClientAuthentication") == Some("ClientSecretPost");
    let basic = if posts {
        form.push(("client_id".to_owned(), credentials.client_id.clone()));
        form.push(("client_secret".to_owned(), credentials.client_secret.clone()));
        None
    } else {
        Some((credentials.client_id.clone(), credentials.client_secret.clone()))
    };
    let pairs = |kind| {
        metadata.rows(kind).map(|row| {
            (
                row.parameter_name.clone(),
                row.parameter_value.clone().unwrap_or_default(),
            )
        })
    };
    form.extend(pairs("TokenRequestBodyParameter"));
    let query: Vec<(String, String)> = pairs("TokenRequestQueryParameter").collect();
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in pairs("TokenRequestHttpHeader") {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    Ok(Order {
        url,
        form,
        headers,
        basic,
    })
}

/// Sends the request; the error is the sentence that the person reads (facts/salesforce 6 "Symptoms").
pub(crate) async fn run(sim: &Shared, order: &Order) -> Result<Token, String> {
    let unreachable =
        |_: reqwest::Error| "Unable to fetch the OAuth token. The token endpoint could not be reached.".to_owned();
    let mut request = sim
        .http()
        .map_err(unreachable)?
        .post(order.url.clone())
        .headers(order.headers.clone())
        .form(&order.form);
    if let Some((id, secret)) = &order.basic {
        request = request.basic_auth(id, Some(secret));
    }
    let mut response = request.send().await.map_err(unreachable)?;
    let success = response.status().is_success();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_LIMIT {
            return Err("Unable to fetch the OAuth token. The answer is too large.".to_owned());
        }
    }
    let answer: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
    match text("access_token") {
        Some(access_token) if success => Ok(Token {
            access_token,
            scope: text("scope"),
        }),
        _ => Err(format!(
            "Unable to fetch the OAuth token. Error: {}. Error description: {}",
            text("error").unwrap_or_else(|| "invalid_response".to_owned()),
            text("error_description").unwrap_or_default()
        )),
    }
}
