//! The authorization server (facts/salesforce 10).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use salesforce_simulator::Preset;
use serde_json::{Value, json};
use sha2::Sha256;

use super::stage::{REDIRECT, Stage, VERIFIER, answer, location, query};

#[tokio::test]
async fn the_whole_flow_gives_the_documented_answer() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let base = stage.running.url().as_str();
    let body = &tokens.body;
    assert!(tokens.access.starts_with("00D") && tokens.access.contains('!'));
    assert!(tokens.refresh.starts_with("5Aep"));
    assert_eq!(body["scope"], "refresh_token api");
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["instance_url"], base.trim_end_matches('/'));
    assert!(body["issued_at"].as_str().unwrap().parse::<i64>().unwrap() > 1_600_000_000_000);
    assert!(body.get("expires_in").is_none());
    let id = body["id"].as_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(stage.client.client_secret.as_bytes()).unwrap();
    mac.update(id.as_bytes());
    mac.update(body["issued_at"].as_str().unwrap().as_bytes());
    assert_eq!(body["signature"], STANDARD.encode(mac.finalize().into_bytes()));
    let identity: Value = stage
        .http
        .get(id)
        .bearer_auth(&tokens.access)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(identity["username"], "admin@acme.example");
    assert_eq!(identity["organization_id"], stage.control().state()["org"]["id"]);
}

#[tokio::test]
async fn without_a_login_the_browser_goes_to_the_login_page_and_comes_back() {
    let stage = Stage::new(Preset::Ready).await;
    let login = location(&stage.authorize("", &[("login_hint", Some("sales@acme.example"))]).await);
    assert_eq!(login.path(), "/login");
    assert_eq!(query(&login)["un"], "sales@acme.example");
    let start = query(&login)["startURL"].clone();
    let form = [
        ("username", "admin@acme.example"),
        ("pw", "simulator"),
        ("startURL", start.as_str()),
    ];
    let back = stage.http.post(stage.url("login")).form(&form).send().await.unwrap();
    assert_eq!(location(&back).path(), "/services/oauth2/authorize");
    assert_eq!(query(&location(&back))["state"], "state-1");
    let wrong = [
        ("username", "admin@acme.example"),
        ("pw", "nope"),
        ("startURL", "//evil.example/"),
    ];
    assert_eq!(
        stage
            .http
            .post(stage.url("login"))
            .form(&wrong)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::UNAUTHORIZED
    );
    let evil = [
        ("username", "admin@acme.example"),
        ("pw", "simulator"),
        ("startURL", "//evil.example/"),
    ];
    let home = stage.http.post(stage.url("login")).form(&evil).send().await.unwrap();
    assert_eq!(location(&home).path(), "/lightning/setup/SetupOneHome/home");
}

#[tokio::test]
async fn prompts_force_what_they_name_and_approval_is_remembered() {
    let stage = Stage::new(Preset::Ready).await;
    stage.connect().await;
    let cookie = stage.log_in().await;
    assert_eq!(
        stage.authorize(&cookie, &[]).await.status(),
        StatusCode::FOUND,
        "silent the second time"
    );
    assert_eq!(
        stage.authorize(&cookie, &[("prompt", Some("consent"))]).await.status(),
        StatusCode::OK
    );
    let login = location(&stage.authorize(&cookie, &[("prompt", Some("login consent"))]).await);
    assert_eq!(login.path(), "/login");
    assert!(query(&login)["startURL"].contains("prompt=consent"), "{login}");
}

#[tokio::test]
async fn wrong_clients_and_redirects_never_redirect() {
    let stage = Stage::new(Preset::Ready).await;
    let cookie = stage.log_in().await;
    for (change, text) in [
        (("client_id", Some("nobody")), "invalid_client_id"),
        (("client_id", None), "invalid_client_id"),
        (
            ("redirect_uri", Some("https://connector.example/salesforce/callback/")),
            "redirect_uri_mismatch",
        ),
        (("redirect_uri", None), "redirect_uri_mismatch"),
    ] {
        let response = stage.authorize(&cookie, &[change]).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.text().await.unwrap().contains(text));
    }
}

#[tokio::test]
async fn other_faults_go_back_to_the_client() {
    let stage = Stage::new(Preset::Ready).await;
    let cookie = stage.log_in().await;
    for (change, error) in [
        (("response_type", Some("token")), "unsupported_response_type"),
        (("scope", Some("api everything")), "invalid_scope"),
        (("code_challenge", None), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
    ] {
        let back = location(&stage.authorize(&cookie, &[change]).await);
        assert!(back.as_str().starts_with(REDIRECT));
        assert_eq!(query(&back)["error"], error);
        assert_eq!(query(&back)["state"], "state-1");
    }
}

#[tokio::test]
async fn a_person_can_deny() {
    let stage = Stage::new(Preset::Ready).await;
    let cookie = stage.log_in().await;
    let page = stage.authorize(&cookie, &[]).await.text().await.unwrap();
    let stranger = stage.log_in_as("sales@acme.example").await;
    assert_eq!(
        stage.decide(&stranger, &page, "allow").await.status(),
        StatusCode::BAD_REQUEST,
        "not that person's request"
    );
    let page = stage.authorize(&cookie, &[]).await.text().await.unwrap();
    let back = query(&location(&stage.decide(&cookie, &page, "deny").await));
    assert_eq!(
        (back["error"].as_str(), back["error_description"].as_str()),
        ("access_denied", "end-user denied authorization")
    );
    assert_eq!(
        stage.decide(&cookie, &page, "allow").await.status(),
        StatusCode::BAD_REQUEST,
        "decided once"
    );
}

#[tokio::test]
async fn token_errors_have_the_documented_texts() {
    let stage = Stage::new(Preset::Ready).await;
    let good = |code: &str| -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("client_id", stage.client.client_id.clone()),
            ("client_secret", stage.client.client_secret.clone()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ]
    };
    for (name, value, error, description) in [
        (
            "grant_type",
            "password",
            "unsupported_grant_type",
            "grant type not supported",
        ),
        (
            "grant_type",
            "client_credentials",
            "invalid_grant",
            "no client credentials user enabled",
        ),
        ("client_id", "nobody", "invalid_client_id", "client identifier invalid"),
        ("client_secret", "wrong", "invalid_client", "invalid client credentials"),
        ("code", "made-up", "invalid_grant", "expired authorization code"),
        (
            "redirect_uri",
            "https://other.example/",
            "redirect_uri_mismatch",
            "redirect_uri must match configuration",
        ),
        (
            "code_verifier",
            "another verifier",
            "invalid_grant",
            "invalid code verifier",
        ),
        ("code_verifier", "", "invalid_grant", "invalid code verifier"),
    ] {
        let code = stage.code().await;
        let mut fields = good(&code);
        for field in fields.iter_mut().filter(|(key, _)| *key == name) {
            value.clone_into(&mut field.1);
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let (status, body) = answer(stage.token(&fields).await).await;
        assert_eq!(
            (status, &body),
            (400, &json!({ "error": error, "error_description": description })),
            "{name}={value}"
        );
    }
    let (status, body) = answer(
        stage
            .token(&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")])
            .await,
    )
    .await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_request")));
}

#[tokio::test]
async fn a_code_is_good_once_and_for_a_minute() {
    let stage = Stage::new(Preset::Ready).await;
    let code = stage.code().await;
    assert_eq!(stage.exchange(&code).await.status(), StatusCode::OK);
    let (status, body) = answer(stage.exchange(&code).await).await;
    assert_eq!(
        (status, body["error_description"].as_str()),
        (400, Some("expired authorization code"))
    );
    let code = stage.code().await;
    stage.control().advance_clock(59);
    let late = stage.code().await;
    assert_eq!(stage.exchange(&code).await.status(), StatusCode::OK);
    stage.control().advance_clock(60);
    assert_eq!(stage.exchange(&late).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn pkce_without_a_method_never_matches_and_the_code_is_a_switch() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "pkce_mismatch_error": "invalid_request", "approval": "allow" }));
    let cookie = stage.log_in().await;
    let back = location(&stage.authorize(&cookie, &[("code_challenge_method", None)]).await);
    let (status, body) = answer(stage.exchange(&query(&back)["code"]).await).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_request")));
    stage.set(json!({ "require_pkce": false, "failed_exchange_consumes_code": false }));
    let back = location(&stage.authorize(&cookie, &[]).await);
    let code = query(&back)["code"].clone();
    let wrong = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", stage.client.client_id.as_str()),
        ("client_secret", stage.client.client_secret.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", "no"),
    ];
    assert_eq!(stage.token(&wrong).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        stage.exchange(&code).await.status(),
        StatusCode::OK,
        "this switch keeps the code after a failure"
    );
}

#[tokio::test]
async fn scopes_matter() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "approval": "allow" }));
    let cookie = stage.log_in().await;
    let back = location(&stage.authorize(&cookie, &[("scope", Some("openid"))]).await);
    let (_, body) = answer(stage.exchange(&query(&back)["code"]).await).await;
    assert!(body.get("refresh_token").is_none());
    let access = body["access_token"].as_str().unwrap();
    let response = stage
        .http
        .get(stage.url("services/data/v66.0/limits"))
        .bearer_auth(access)
        .send()
        .await
        .unwrap();
    let (status, body) = answer(response).await;
    assert_eq!(status, 401);
    assert_eq!(
        body[0]["message"],
        "This session is not valid for use with the REST API"
    );
    let info = stage
        .http
        .get(stage.url("services/oauth2/userinfo"))
        .bearer_auth(access)
        .send()
        .await
        .unwrap();
    assert_eq!(info.status(), StatusCode::OK);
    let without = stage.get("services/oauth2/userinfo").await;
    assert_eq!(
        (without.status().as_u16(), without.text().await.unwrap().as_str()),
        (403, "Missing_OAuth_Token")
    );
}

#[tokio::test]
async fn clients_can_be_added_over_http() {
    let stage = Stage::new(Preset::Ready).await;
    let client =
        json!({ "client_id": "customer-eca", "client_secret": "s", "redirect_uris": ["http://127.0.0.1:1/cb"] });
    let response = stage
        .http
        .post(stage.url("_simulator/clients"))
        .json(&client)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let cookie = stage.log_in().await;
    let changes = [
        ("client_id", Some("customer-eca")),
        ("redirect_uri", Some("http://127.0.0.1:1/cb")),
    ];
    assert_eq!(stage.authorize(&cookie, &changes).await.status(), StatusCode::OK);
    let method = stage
        .http
        .request(Method::GET, stage.url("services/oauth2/token"))
        .send()
        .await
        .unwrap();
    assert_eq!(method.status(), StatusCode::METHOD_NOT_ALLOWED);
}
