//! Nothing without a token of the issuer for the console's client, by whatever way the path is written.

use connector_local::stack::{Options, Stack};
use http::Method;
use identity_simulator::{Settings, Signed};

use super::Console;
use crate::wire::get;

#[tokio::test]
async fn only_a_token_of_the_issuer_for_this_client_opens_the_data() {
    let console = Console::open().await;
    let with = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        format!("Bearer {}", console.token(settings))
    };
    let good = with(|_| {});
    let refused = [
        ("no token", String::new()),
        ("not a token", "Bearer x".to_owned()),
        ("three parts of nothing", "Bearer a.b.c".to_owned()),
        ("another scheme", good.replace("Bearer", "Basic")),
        (
            "another audience",
            with(|to| to.audience = Some("another-client".to_owned())),
        ),
        (
            "another issuer",
            with(|to| to.issuer = Some("https://login.example.com".to_owned())),
        ),
        ("expired", with(|to| to.token_life_seconds = -1)),
        ("changed after it was signed", with(|to| to.signed = Signed::Tampered)),
        ("signed by another key", with(|to| to.signed = Signed::ByAnotherKey)),
        ("not signed", with(|to| to.signed = Signed::Not)),
        (
            "signed with the public key",
            with(|to| to.signed = Signed::WithThePublicKey),
        ),
        ("cut off", good[..good.len() - 20].to_owned()),
    ];
    let id = &console.id;
    let places = [
        (Method::GET, "/console/api/connections".to_owned()),
        (Method::GET, format!("/console/api/connections/{id}")),
        (Method::POST, "/console/api/invitations".to_owned()),
        (Method::POST, format!("/console/api/connections/{id}/revoke")),
    ];
    for (what, authorization) in &refused {
        for (method, path) in &places {
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", "application/json"),
            ];
            let answer = console
                .call(method.clone(), path, &headers, r#"{"customer":"X"}"#)
                .await;
            assert_eq!(answer.status, 401, "{what} {path}: {}", answer.body);
            assert!(!answer.body.contains("Secretive"), "{what} {path}");
        }
    }
    let (answer, said) = console.get("connections").await;
    assert_eq!(answer.status, 200, "the same place with a good token");
    let rows = said["connections"].as_array().unwrap();
    assert!(
        rows.len() == 1 && rows[0]["stage"] == "connect_salesforce",
        "nothing was made or revoked: {said}"
    );
}

/// API Gateway matches routes on what was sent, and may hand over a decoded path: the handler does not rely on the route alone.
#[tokio::test]
async fn the_functions_ask_for_a_person_themselves() {
    let console = Console::open().await;
    for path in [
        "/console/api/connections",
        "/console/api/me",
        "/console/api/nothing/at/all",
    ] {
        let url = console.stack.url.join(path).unwrap();
        let request = http::Request::builder().uri(url.as_str()).body("").unwrap();
        let request = connector::web::Request::from(request);
        let reply = operator::respond(&console.stack.services, &request).await;
        assert_eq!(reply.status(), 401, "{path}");
        assert!(
            reply.body().contains("nobody_logged_in") && !reply.body().contains("Secretive"),
            "{path}"
        );
    }
    let answers = [
        "/console/%61pi/connections",
        "/console//api/connections",
        "/console/api",
        "/console/api/",
    ];
    for path in answers {
        let answer = console.call(Method::GET, path, &[], "").await;
        assert!(matches!(answer.status.as_u16(), 401 | 404), "{path}: {}", answer.status);
        assert!(!answer.body.contains("Secretive"), "{path}");
    }
}

/// What the console cannot do is not there, even for people who are logged in.
#[tokio::test]
async fn a_person_of_the_console_cannot_end_everything() {
    let console = Console::open().await;
    let id = console.id.clone();
    for path in [
        "revoke-all".to_owned(),
        format!("connections/{id}/offboard"),
        format!("connections/{id}/terms"),
        "audit".to_owned(),
        "../operator/revoke-all".to_owned(),
    ] {
        let (answer, _) = console.post(&path, &serde_json::json!({"confirm": "REVOKE-ALL"})).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_page_has_no_data_and_a_strict_policy() {
    let console = Console::open().await;
    let url = |path: &str| console.stack.url.join(path).unwrap();
    let page = get(url("/console")).await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    let issuer = console.stack.identity.as_ref().unwrap().control().issuer().to_owned();
    assert!(policy.contains(&format!("connect-src 'self' {issuer};")), "{policy}");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "trusted-types 'none'",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for path in [
        "/console/config.json",
        "/console/assets/console.js",
        "/console/assets/login.js",
        "/console/assets/console.css",
    ] {
        let answer = get(url(path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            !answer.body.contains("Secretive") && !answer.body.contains(&console.id),
            "{path}"
        );
    }
    assert_eq!(get(url("/console/assets/other.js")).await.status, 404);
    assert!(!page.body.contains("Secretive"));
}

#[tokio::test]
async fn without_an_issuer_there_is_no_console() {
    let stack = Stack::start(Options::default()).await.unwrap();
    for path in [
        "/console",
        "/console/config.json",
        "/console/assets/console.js",
        "/console/api/connections",
    ] {
        assert_eq!(get(stack.url.join(path).unwrap()).await.status, 404, "{path}");
    }
}
