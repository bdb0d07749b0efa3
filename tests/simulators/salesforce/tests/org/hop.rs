//! The principal's browser hop against a tiny PIM (facts/salesforce 4.4, 4.6, 14.2 k and l; facts/akeneo 3.1).

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Form, Json, Router};
use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::stage::{Stage, Tokens, location, query, refused};

pub(crate) const SECRET: &str = "nDYbJo8X48fL";
pub(crate) const TOKEN: &str = "the-one-token";
const AUTH_URL: &str = "named-credentials/credential/auth-url/o-auth";

pub(crate) type Forms = Arc<Mutex<Vec<Vec<(String, String)>>>>;

/// A PIM that knows one client and one code and checks the challenge.
pub(crate) struct Pim {
    pub(crate) url: Url,
    pub(crate) forms: Forms,
}

async fn token(State(forms): State<Forms>, Form(form): Form<Vec<(String, String)>>) -> (StatusCode, Json<Value>) {
    let get = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
            .to_owned()
    };
    forms.lock().unwrap().push(form.clone());
    let expected = hex::encode(Sha256::digest(format!("{}{SECRET}", get("code_identifier"))));
    if get("client_id") != "pim-client" || get("code_challenge") != expected {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_client" })));
    }
    if get("code") != "good-code" || get("grant_type") != "authorization_code" {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_grant", "error_description": "Code is not valid" })),
        );
    }
    (
        StatusCode::OK,
        Json(json!({ "access_token": TOKEN, "token_type": "bearer", "scope": "read_products" })),
    )
}

pub(crate) async fn pim() -> Pim {
    let forms = Forms::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let app = Router::new()
        .route("/connect/apps/v1/oauth2/token", post(token))
        .route("/api/rest/v1/channels", axum::routing::get(|| async { "[]" }))
        .with_state(Arc::clone(&forms));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Pim { url, forms }
}

/// Points the org at the PIM, by the package's own set-up.
fn wire(stage: &Stage, pim: &Pim, secret: &str) {
    let setup = Action::InAppSetup {
        base_url: pim.url.to_string(),
        client_id: "pim-client".into(),
        client_secret: secret.into(),
    };
    stage.control().act(&setup).unwrap();
}

async fn auth_url(stage: &Stage, tokens: &Tokens) -> Url {
    let body = json!({ "externalCredential": "akeneo_pim__Akeneo", "principalName": "Default", "principalType": "NamedPrincipal",
        "returnUrl": "lightning/setup/SetupOneHome/home" });
    let (status, body) = stage.call(tokens, Method::POST, AUTH_URL, Some(&body)).await;
    assert_eq!(status, 200, "{body}");
    Url::parse(body["authenticationUrl"].as_str().unwrap()).unwrap()
}

/// The browser's way out; returns the PIM's authorize address.
async fn depart(stage: &Stage, url: &Url, cookie: &str) -> Url {
    location(
        &stage
            .http
            .get(url.clone())
            .header("cookie", cookie)
            .send()
            .await
            .unwrap(),
    )
}

async fn arrive(stage: &Stage, cookie: &str, state: &str, code: &str) -> reqwest::Response {
    let mut url = stage.url("services/authcallback/akeneo_pim__Akeneo");
    url.query_pairs_mut()
        .append_pair("code", code)
        .append_pair("state", state);
    stage.http.get(url).header("cookie", cookie).send().await.unwrap()
}

fn principal(stage: &Stage) -> Value {
    stage.control().state()["principals"][0].clone()
}

#[tokio::test]
async fn the_hop_ends_with_the_pims_token() {
    let (stage, pim) = (Stage::new(Preset::Ready).await, pim().await);
    let tokens = stage.connect().await;
    wire(&stage, &pim, SECRET);
    let url = auth_url(&stage, &tokens).await;
    let cookie = stage.log_in().await;
    let authorize = depart(&stage, &url, &cookie).await;
    assert!(
        authorize
            .as_str()
            .starts_with(pim.url.join("connect/apps/v1/authorize").unwrap().as_str())
    );
    let asked = query(&authorize);
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], "pim-client");
    assert_eq!(asked["scope"], salesforce_simulator::NINE_SCOPES);
    let callback = stage.url("services/authcallback/akeneo_pim__Akeneo");
    assert_eq!(asked["redirect_uri"], callback.as_str());
    assert_eq!(principal(&stage)["status"], "NotConfigured");
    let back = location(&arrive(&stage, &cookie, &asked["state"], "good-code").await);
    assert_eq!(back, stage.url("lightning/setup/SetupOneHome/home"));
    let stored = principal(&stage);
    assert_eq!(
        (&stored["status"], &stored["access_token"], &stored["scope"]),
        (&json!("Configured"), &json!(TOKEN), &json!("read_products"))
    );
    let sent = pim.forms.lock().unwrap()[0].clone();
    let names: Vec<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "grant_type",
            "code",
            "redirect_uri",
            "client_id",
            "client_secret",
            "code_identifier",
            "code_challenge"
        ]
    );
    let (_, external) = stage
        .call(
            &tokens,
            Method::GET,
            "named-credentials/external-credentials/akeneo_pim__Akeneo",
            None,
        )
        .await;
    assert_eq!(
        (
            &external["authenticationStatus"],
            &external["principals"][0]["authenticationStatus"]
        ),
        (&json!("Configured"), &json!("Configured"))
    );
    assert!(!external.to_string().contains(TOKEN));
    let replay = arrive(&stage, &cookie, &asked["state"], "good-code").await;
    assert_eq!(replay.status().as_u16(), 400, "a state is good once");
}

#[tokio::test]
async fn the_address_is_good_once_and_wants_a_login_first() {
    let (stage, pim) = (Stage::new(Preset::Ready).await, pim().await);
    let tokens = stage.connect().await;
    wire(&stage, &pim, SECRET);
    let url = auth_url(&stage, &tokens).await;
    let login = location(&stage.http.get(url.clone()).send().await.unwrap());
    assert_eq!(
        (login.path(), query(&login)["startURL"].as_str()),
        ("/login", url.path())
    );
    let cookie = stage.log_in().await;
    depart(&stage, &url, &cookie).await;
    let again = stage.http.get(url).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(again.status().as_u16(), 400);
    let url = auth_url(&stage, &tokens).await;
    stage.control().advance_clock(600);
    assert_eq!(
        stage
            .http
            .get(url)
            .header("cookie", &cookie)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        400
    );
}

#[tokio::test]
async fn strangers_are_refused_unless_the_switch_lets_them_in() {
    let (stage, pim) = (Stage::new(Preset::Ready).await, pim().await);
    let tokens = stage.connect().await;
    wire(&stage, &pim, SECRET);
    let cookie = stage.log_in().await;
    let other = stage.log_in_as("sales@acme.example").await;
    assert_eq!(
        arrive(&stage, &cookie, "made-up", "good-code").await.status().as_u16(),
        400
    );
    for stranger in ["", other.as_str()] {
        let authorize = depart(&stage, &auth_url(&stage, &tokens).await, &cookie).await;
        let refused = arrive(&stage, stranger, &query(&authorize)["state"], "good-code").await;
        assert_eq!(refused.status().as_u16(), 400);
    }
    assert!(pim.forms.lock().unwrap().is_empty(), "no code was spent");
    assert_eq!(principal(&stage)["status"], "NotConfigured");
    stage.set(json!({ "relay_foreign_browser": "accept" }));
    let authorize = depart(&stage, &auth_url(&stage, &tokens).await, &cookie).await;
    location(&arrive(&stage, "", &query(&authorize)["state"], "good-code").await);
    stage.control().act(&Action::DropPrincipal {}).unwrap();
    stage.set(json!({ "relay_unknown_state": "accept" }));
    location(&arrive(&stage, "", "made-up", "good-code").await);
    assert_eq!(principal(&stage)["access_token"], TOKEN);
}

#[tokio::test]
async fn what_the_pim_refuses_leaves_the_principal_as_it_was() {
    let (stage, pim) = (Stage::new(Preset::Ready).await, pim().await);
    let tokens = stage.connect().await;
    let cookie = stage.log_in().await;
    for (secret, code, text) in [
        ("wrong-secret", "good-code", "Error: invalid_client."),
        (
            SECRET,
            "bad-code",
            "Error: invalid_grant. Error description: Code is not valid",
        ),
    ] {
        wire(&stage, &pim, secret);
        let authorize = depart(&stage, &auth_url(&stage, &tokens).await, &cookie).await;
        let response = arrive(&stage, &cookie, &query(&authorize)["state"], code).await;
        assert_eq!(response.status().as_u16(), 400);
        assert!(response.text().await.unwrap().contains(text));
        assert_eq!(principal(&stage)["status"], "NotConfigured");
    }
    // Basic authentication leaves the form without a client id, which this PIM wants (facts/akeneo 3.2).
    wire(&stage, &pim, SECRET);
    stage
        .control()
        .act(&Action::SetParameter {
            name: "ClientAuthentication".into(),
            value: "ClientSecretBasic".into(),
        })
        .unwrap();
    let authorize = depart(&stage, &auth_url(&stage, &tokens).await, &cookie).await;
    assert_eq!(
        arrive(&stage, &cookie, &query(&authorize)["state"], "good-code")
            .await
            .status()
            .as_u16(),
        400
    );
    let unreachable = Action::EditProvider {
        authorize_url: None,
        token_url: Some("http://127.0.0.1:9/token".into()),
    };
    stage.control().act(&unreachable).unwrap();
    let authorize = depart(&stage, &auth_url(&stage, &tokens).await, &cookie).await;
    let response = arrive(&stage, &cookie, &query(&authorize)["state"], "good-code").await;
    assert!(response.text().await.unwrap().contains("could not be reached"));
}

#[tokio::test]
async fn without_credentials_there_is_no_way_out() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let cookie = stage.log_in().await;
    let url = auth_url(&stage, &tokens).await;
    let response = stage.http.get(url).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 400);
    let body = json!({ "externalCredential": "akeneo_pim__Akeneo", "principalName": "Default", "principalType": "NamedPrincipal",
        "returnUrl": "https://connector.example/done" });
    refused(
        &stage.call(&tokens, Method::POST, AUTH_URL, Some(&body)).await,
        400,
        "INVALID_API_INPUT",
    );
    let body =
        json!({ "externalCredential": "Nothing", "principalName": "Default", "principalType": "NamedPrincipal" });
    refused(
        &stage.call(&tokens, Method::POST, AUTH_URL, Some(&body)).await,
        404,
        "NOT_FOUND",
    );
}

#[tokio::test]
async fn the_place_of_the_scopes_is_a_switch() {
    let (stage, pim) = (Stage::new(Preset::Ready).await, pim().await);
    let tokens = stage.connect().await;
    wire(&stage, &pim, SECRET);
    let cookie = stage.log_in().await;
    for (carrier, expected) in [
        ("authorize_request_query_parameter", Some("a b")),
        ("identity_provider_options", Some("a b")),
        ("external_credential", Some("a b")),
        ("none", None),
    ] {
        stage.set(json!({ "org_scope": "a b", "org_scope_carrier": carrier }));
        let authorize = depart(&stage, &auth_url(&stage, &tokens).await, &cookie).await;
        assert_eq!(
            query(&authorize).get("scope").map(String::as_str),
            expected,
            "{carrier}"
        );
        assert_eq!(
            authorize.query_pairs().filter(|(name, _)| name == "scope").count(),
            usize::from(expected.is_some())
        );
    }
}

#[tokio::test]
async fn a_smoke_callout_meets_every_check() {
    let (stage, pim) = (Stage::new(Preset::Ready).await, pim().await);
    let tokens = stage.connect().await;
    wire(&stage, &pim, SECRET);
    let body = "HttpRequest r=new HttpRequest();r.setEndpoint('callout:akeneo_pim__Akeneo/api/rest/v1/channels?limit=1');r.setMethod('GET');";
    let smoke = || async {
        let request = stage
            .api(&tokens, Method::GET, "tooling/executeAnonymous/")
            .query(&[("anonymousBody", body)]);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        (
            answer["success"].clone(),
            answer["exceptionMessage"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert!(
        smoke().await.1.contains("couldn't access the endpoint"),
        "callouts are off after package code"
    );
    stage.control().act(&Action::CalloutsOn {}).unwrap();
    assert!(
        smoke().await.1.contains("couldn't access the credential(s)"),
        "no access"
    );
    stage
        .control()
        .act(&Action::GrantAccess {
            username: "admin@acme.example".into(),
        })
        .unwrap();
    assert!(
        smoke().await.1.contains("couldn't access the credential(s)"),
        "no token"
    );
    stage
        .control()
        .act(&Action::SetPrincipalToken {
            access_token: TOKEN.into(),
        })
        .unwrap();
    assert_eq!(smoke().await, (json!(true), String::new()));
    stage.control().act(&Action::LoseUecRead {}).unwrap();
    assert_eq!(smoke().await.0, json!(false));
}
