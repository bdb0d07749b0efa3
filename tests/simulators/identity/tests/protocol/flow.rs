//! The authorization code flow with PKCE: what it needs, what it gives, and what it refuses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity_simulator::{Client, Options, Running, Settings};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

const BACK: &str = "http://127.0.0.1:1/console";
const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-longer-than-that";

async fn start() -> (Running, reqwest::Client) {
    let client = Client {
        client_id: "console".to_owned(),
        redirect_uris: vec![BACK.to_owned()],
    };
    let options = Options {
        client,
        ..Options::default()
    };
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    (identity_simulator::start(options).await.unwrap(), http)
}

/// The query of a good authorization request with some parameters changed; an empty value leaves one out.
fn query(changes: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(given, _)| given != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Where the browser is sent back to after a login.
async fn logged_in(provider: &Running, http: &reqwest::Client, query: &str) -> Url {
    let form = [
        ("email", "casey@akeneo.example"),
        ("password", "x"),
        ("continue", query),
    ];
    let login = http
        .post(provider.url().join("/login").unwrap())
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(login.status(), 303);
    let header = |name: &str| login.headers()[name].to_str().unwrap().to_owned();
    let next = provider.url().join(&header("location")).unwrap();
    let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
    let sent = http.get(next).header("cookie", cookie).send().await.unwrap();
    assert_eq!(sent.status(), 302);
    sent.headers()["location"].to_str().unwrap().parse().unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(given, _)| given == name)
        .map(|(_, value)| value.into_owned())
}

async fn exchange(provider: &Running, http: &reqwest::Client, code: &str, verifier: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "console"),
        ("redirect_uri", BACK),
        ("code", code),
        ("code_verifier", verifier),
    ];
    let answer = http
        .post(provider.url().join("/token").unwrap())
        .form(&form)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_login_gives_a_code_and_the_code_gives_a_token_once() {
    let (provider, http) = start().await;
    let page = http
        .get(provider.url().join(&format!("/authorize?{}", query(&[]))).unwrap())
        .send()
        .await
        .unwrap();
    assert!(page.status() == 200 && page.text().await.unwrap().contains("Company login"));
    let back = logged_in(&provider, &http, &query(&[])).await;
    assert!(back.as_str().starts_with(BACK));
    assert_eq!(parameter(&back, "state").unwrap(), "s1");
    assert_eq!(parameter(&back, "iss").unwrap(), provider.control().issuer());
    let code = parameter(&back, "code").unwrap();
    let (status, answer) = exchange(&provider, &http, &code, VERIFIER).await;
    assert_eq!(status, 200, "{answer}");
    let said = claims(&answer["id_token"]);
    assert_eq!(
        (&said["email"], &said["aud"], &said["nonce"]),
        (&"casey@akeneo.example".into(), &"console".into(), &"n1".into())
    );
    assert_eq!(exchange(&provider, &http, &code, VERIFIER).await.0, 400, "once");
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_ends_after_a_minute() {
    let (provider, http) = start().await;
    for (wait, verifier) in [(0, "another-verifier"), (61, VERIFIER)] {
        let back = logged_in(&provider, &http, &query(&[])).await;
        provider.control().advance(wait);
        let (status, answer) = exchange(&provider, &http, &parameter(&back, "code").unwrap(), verifier).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")));
    }
}

#[tokio::test]
async fn what_a_request_lacks_is_told_to_the_client_or_to_the_person() {
    let (provider, http) = start().await;
    for changes in [
        [("client_id", "another")],
        [("redirect_uri", "http://127.0.0.1:1/console/")],
        [("redirect_uri", "")],
    ] {
        let url = provider.url().join(&format!("/authorize?{}", query(&changes))).unwrap();
        assert_eq!(
            http.get(url).send().await.unwrap().status(),
            400,
            "{changes:?}: nothing is sent anywhere"
        );
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
    ] {
        let back = logged_in(&provider, &http, &query(&[(name, value)])).await;
        assert_eq!(parameter(&back, "error").as_deref(), Some(error), "{name}");
        assert_eq!(parameter(&back, "code"), None);
    }
    provider.control().set(Settings {
        denied: true,
        ..Settings::default()
    });
    let back = logged_in(&provider, &http, &query(&[])).await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
}
