//! A PIM under test with a browser, a person and an OAuth client, all by hand so that every step can be looked at.

use akeneo_simulator::{Control, Credentials, NewCustomApp, Options, Running, Settings};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

pub(crate) const CALLBACK: &str = "http://shopware.example.com/callback";
pub(crate) const ACTIVATE: &str = "http://shopware.example.com/activate";
pub(crate) const SEED_SCOPES: &str = "read_products read_catalog_structure read_channel_settings \
     read_channel_localization read_attribute_options read_catalogs write_catalogs delete_catalogs read_categories";
pub(crate) const AUTHORIZE: &str = "connect/apps/v1/authorize";
pub(crate) const TOKEN: &str = "connect/apps/v1/oauth2/token";

/// A PIM with a frozen clock, one custom app and a browser.
pub(crate) struct Harness {
    pub(crate) running: Running,
    pub(crate) control: Control,
    pub(crate) client: Client,
    pub(crate) app: Credentials,
    pub(crate) cookie: Option<String>,
}

/// Status and JSON of an answer.
pub(crate) type Answer = (StatusCode, Value);

impl Harness {
    /// With `admin` logged in.
    pub(crate) async fn start() -> Self {
        let mut harness = Self::with(Options::default()).await;
        harness.log_in("admin").await;
        harness
    }

    /// Nobody is logged in.
    pub(crate) async fn with(options: Options) -> Self {
        let settings = Settings {
            clock_frozen: true,
            ..options.settings
        };
        let running = akeneo_simulator::start(Options { settings, ..options }).await.unwrap();
        let control = running.control();
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let app = control.create_custom_app(&new_app(CALLBACK)).unwrap();
        Self {
            running,
            control,
            client,
            app,
            cookie: None,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.running.url().join(path).unwrap().to_string()
    }

    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// A browser's GET.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.with_cookie(self.client.get(self.url(path))).send().await.unwrap()
    }

    /// A background call of the front end.
    pub(crate) async fn xhr(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.client.request(method.parse().unwrap(), self.url(path));
        let request = self.with_cookie(request).header("X-Requested-With", "XMLHttpRequest");
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        answer(request.send().await.unwrap()).await
    }

    /// Logs in; answers where the PIM sends the browser.
    pub(crate) async fn log_in(&mut self, user: &str) -> String {
        let form = [("_username", user), ("_password", "anything")];
        let request = self.with_cookie(self.client.post(self.url("user/login"))).form(&form);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FOUND);
        self.cookie = Some(session_cookie(&response));
        location(&response)
    }

    /// Authorize with these parameters for the harness's app; answers status and Location.
    pub(crate) async fn authorize(&self, parameters: &[(&str, &str)]) -> (StatusCode, String) {
        let request = self.with_cookie(self.client.get(self.url(AUTHORIZE))).query(parameters);
        let response = request.send().await.unwrap();
        (response.status(), location(&response))
    }

    /// Authorize as a correct client does.
    pub(crate) async fn authorize_scopes(&self, scopes: &str) -> String {
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.app.client_id),
            ("scope", scopes),
            ("state", "foo"),
        ];
        self.authorize(&parameters).await.1
    }

    /// Confirms in the wizard.
    pub(crate) async fn confirm(&self) -> Answer {
        let path = format!("rest/apps/confirm-authorization/{}", self.app.client_id);
        self.xhr("POST", &path, None).await
    }

    /// The whole way to a code: authorize, and the wizard if there is one.
    pub(crate) async fn code(&self, scopes: &str) -> String {
        let mut target = self.authorize_scopes(scopes).await;
        if target.starts_with("/#/connect/apps/authorize?client_id=") {
            let (status, body) = self.confirm().await;
            assert_eq!(status, StatusCode::OK, "{body}");
            target = body["redirectUrl"].as_str().unwrap().to_owned();
        }
        code_of(&target)
    }

    /// The form of a correct exchange.
    pub(crate) fn form(&self, code: &str) -> Vec<(&'static str, String)> {
        let identifier = "d1422273a1dd8aa6";
        vec![
            ("client_id", self.app.client_id.clone()),
            ("code", code.to_owned()),
            ("grant_type", "authorization_code".to_owned()),
            ("code_identifier", identifier.to_owned()),
            ("code_challenge", challenge(identifier, &self.app.client_secret)),
        ]
    }

    /// Posts a form to the token endpoint.
    pub(crate) async fn post_token(&self, form: &[(&'static str, String)]) -> Answer {
        answer(self.client.post(self.url(TOKEN)).form(form).send().await.unwrap()).await
    }

    /// A correct exchange.
    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        self.post_token(&self.form(code)).await
    }

    /// A token with these scopes, by the whole flow.
    pub(crate) async fn token(&self, scopes: &str) -> String {
        let code = self.code(scopes).await;
        let (status, body) = self.exchange(&code).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// An API call.
    pub(crate) async fn api(&self, token: &str, path: &str) -> Answer {
        let request = self
            .client
            .get(self.url(&format!("api/rest/v1{path}")))
            .bearer_auth(token);
        answer(request.send().await.unwrap()).await
    }
}

pub(crate) fn new_app(callback: &str) -> NewCustomApp {
    NewCustomApp {
        name: "Shopware".into(),
        activate_url: ACTIVATE.into(),
        callback_url: callback.into(),
    }
}

/// The challenge by another road than the simulator's code: the formula of facts/akeneo 0.
pub(crate) fn challenge(identifier: &str, secret: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(format!("{identifier}{secret}"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(crate) async fn answer(response: Response) -> Answer {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) fn location(response: &Response) -> String {
    response
        .headers()
        .get(LOCATION)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default()
}

pub(crate) fn session_cookie(response: &Response) -> String {
    let line = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
    line.split(';').next().unwrap().to_owned()
}

pub(crate) fn code_of(callback: &str) -> String {
    let url = url::Url::parse(callback).unwrap();
    url.query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned()
}

/// `{"error": …}` alone.
pub(crate) fn error(name: &str) -> Answer {
    (StatusCode::BAD_REQUEST, serde_json::json!({ "error": name }))
}

/// `invalid_grant` with its description.
pub(crate) fn invalid_grant(description: &str) -> Answer {
    let body = serde_json::json!({"error": "invalid_grant", "error_description": description});
    (StatusCode::BAD_REQUEST, body)
}
