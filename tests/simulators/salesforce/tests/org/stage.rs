//! What the tests stand on: a running org, a browser, an authorized program.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use salesforce_simulator::{Control, OAuthClient, Options, Preset, Running, Settings, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use url::Url;

pub(crate) const REDIRECT: &str = "https://connector.example/salesforce/callback";
pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-a-real-one-0123456789";

/// Connect addresses of the packaged records.
pub(crate) const NC: &str = "named-credentials/named-credential-setup/akeneo_pim__Akeneo";
pub(crate) const EC: &str = "named-credentials/external-credentials/akeneo_pim__Akeneo";
pub(crate) const EAIP: &str = "named-credentials/external-auth-identity-providers/akeneo_pim__Akeneo";
pub(crate) const SECRETS: &str = "named-credentials/external-auth-identity-provider-credentials/akeneo_pim__Akeneo";

/// A client without redirects and cookies: tests look at every answer.
pub(crate) fn http() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

/// A running org and the ways into it.
pub(crate) struct Stage {
    pub(crate) running: Running,
    pub(crate) http: Client,
    pub(crate) client: OAuthClient,
}

/// Tokens of an authorized program.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) body: Value,
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

impl Stage {
    pub(crate) async fn new(preset: Preset) -> Self {
        Self::with(preset, Settings::default()).await
    }

    pub(crate) async fn with(preset: Preset, settings: Settings) -> Self {
        let client = OAuthClient {
            redirect_uris: vec![REDIRECT.to_owned()],
            local: false,
            ..OAuthClient::default()
        };
        let options = Options {
            port: 0,
            preset,
            client: client.clone(),
            settings,
            ..Options::default()
        };
        Self {
            running: start(options).await.unwrap(),
            http: http(),
            client,
        }
    }

    pub(crate) fn control(&self) -> Control {
        self.running.control()
    }

    pub(crate) fn set(&self, patch: Value) {
        self.control().patch_settings(&patch).unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.running.url().join(path).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    /// Logs the administrator in and returns the cookie.
    pub(crate) async fn log_in(&self) -> String {
        self.log_in_as("admin@acme.example").await
    }

    pub(crate) async fn log_in_as(&self, username: &str) -> String {
        let form = [
            ("username", username),
            ("pw", "simulator"),
            ("startURL", "/lightning/setup/SetupOneHome/home"),
        ];
        let response = self.http.post(self.url("login")).form(&form).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FOUND);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> Url {
        let challenge = challenge();
        let mut fields: Vec<(&str, &str)> = vec![
            ("response_type", "code"),
            ("client_id", &self.client.client_id),
            ("redirect_uri", REDIRECT),
            ("scope", "api refresh_token"),
            ("state", "state-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            fields.retain(|(key, _)| key != name);
            fields.extend(value.map(|value| (*name, value)));
        }
        let mut url = self.url("services/oauth2/authorize");
        url.query_pairs_mut().extend_pairs(fields);
        url
    }

    /// Opens the authorize page in a browser with this cookie.
    pub(crate) async fn authorize(&self, cookie: &str, changes: &[(&str, Option<&str>)]) -> Response {
        self.http
            .get(self.authorize_url(changes))
            .header("cookie", cookie)
            .send()
            .await
            .unwrap()
    }

    /// Presses a button of the approval page.
    pub(crate) async fn decide(&self, cookie: &str, page: &str, decision: &str) -> Response {
        let request = hidden(page, "request");
        let form = [("request", request.as_str()), ("decision", decision)];
        let url = self.url("setup/secur/RemoteAccessAuthorizationPage.apexp");
        self.http
            .post(url)
            .header("cookie", cookie)
            .form(&form)
            .send()
            .await
            .unwrap()
    }

    /// Logs in, approves, and returns the code.
    pub(crate) async fn code(&self) -> String {
        let cookie = self.log_in().await;
        let mut response = self.authorize(&cookie, &[]).await;
        if response.status() == StatusCode::OK {
            let page = response.text().await.unwrap();
            response = self.decide(&cookie, &page, "allow").await;
        }
        let back = location(&response);
        assert!(back.as_str().starts_with(REDIRECT), "{back}");
        let query = query(&back);
        assert_eq!(query["state"], "state-1");
        query["code"].clone()
    }

    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Response {
        self.http
            .post(self.url("services/oauth2/token"))
            .form(fields)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn exchange(&self, code: &str) -> Response {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", &self.client.client_id),
            ("client_secret", &self.client.client_secret),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Response {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &self.client.client_id),
            ("client_secret", &self.client.client_secret),
        ];
        self.token(&fields).await
    }

    /// An authorized program.
    pub(crate) async fn connect(&self) -> Tokens {
        let code = self.code().await;
        let response = self.exchange(&code).await;
        assert_eq!(response.status(), StatusCode::OK);
        let body: Value = response.json().await.unwrap();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Tokens {
            access: text("access_token"),
            refresh: text("refresh_token"),
            body: body.clone(),
        }
    }

    pub(crate) fn api(&self, tokens: &Tokens, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(&format!("services/data/v66.0/{path}")))
            .bearer_auth(&tokens.access)
    }

    /// Calls the API and returns status and JSON (null without a body).
    pub(crate) async fn call(&self, tokens: &Tokens, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.api(tokens, method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        answer(request.send().await.unwrap()).await
    }

    /// Runs a query and returns its records, or panics with the error.
    pub(crate) async fn soql(&self, tokens: &Tokens, resource: &str, query: &str) -> (u16, Value) {
        answer(
            self.api(tokens, Method::GET, resource)
                .query(&[("q", query)])
                .send()
                .await
                .unwrap(),
        )
        .await
    }
}

pub(crate) async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        },
    )
}

/// Asserts an error array with this code.
#[track_caller]
pub(crate) fn refused((status, body): &(u16, Value), expected_status: u16, code: &str) {
    assert_eq!(
        (*status, body[0]["errorCode"].as_str()),
        (expected_status, Some(code)),
        "{body}"
    );
    assert!(body[0]["message"].is_string());
}

pub(crate) fn location(response: &Response) -> Url {
    assert_eq!(response.status(), StatusCode::FOUND);
    let text = response.headers()["location"].to_str().unwrap();
    response.url().join(text).unwrap()
}

pub(crate) fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// The value of a hidden field of a page.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let document = scraper::Html::parse_document(page);
    let selector = scraper::Selector::parse(&format!("input[name={name}]")).unwrap();
    document
        .select(&selector)
        .next()
        .unwrap()
        .value()
        .attr("value")
        .unwrap()
        .to_owned()
}

/// A PATCH body for the Named Credential of a GET.
pub(crate) fn metadata_change(record: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut metadata = record["Metadata"].clone();
    change(&mut metadata);
    json!({ "Metadata": metadata })
}

/// GET that must succeed.
pub(crate) async fn get(stage: &Stage, tokens: &Tokens, path: &str) -> Value {
    let (status, body) = stage.call(tokens, Method::GET, path, None).await;
    assert_eq!(status, 200, "{body}");
    body
}
