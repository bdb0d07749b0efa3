//! Presets, settings and state (facts/salesforce 14.1).

use reqwest::{Method, StatusCode};
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::stage::{Stage, answer, location, query, refused};

#[tokio::test]
async fn presets_differ_as_their_names_say() {
    let stage = Stage::new(Preset::Ready).await;
    let control = stage.control();
    let state = control.state();
    assert_eq!(
        (
            &state["preset"],
            &state["package"]["major"],
            &state["org"]["is_sandbox"]
        ),
        (&json!("ready"), &json!(3), &json!(false))
    );
    let first_org = state["org"]["id"].clone();
    control.preset(Preset::WiredElsewhere);
    let state = control.state();
    assert_ne!(state["org"]["id"], first_org);
    assert_eq!(state["named_credentials"][0]["url"], "https://other-pim.example.com");
    assert_eq!(
        (
            &state["named_credentials"][0]["callout_status"],
            &state["principals"][0]["status"]
        ),
        (&json!("Enabled"), &json!("Configured"))
    );
    let rows = &state["external_auth_identity_providers"][0]["parameters"];
    assert!(!rows.to_string().contains("SET_DURING_AKENEO_SETUP"));
    control.preset(Preset::PackageMissing);
    assert_eq!(
        (&control.state()["package"], &control.state()["named_credentials"]),
        (&Value::Null, &json!([]))
    );
    control.preset(Preset::Package2);
    assert_eq!(
        (
            &control.state()["package"]["major"],
            &control.state()["external_credentials"]
        ),
        (&json!(2), &json!([]))
    );
    control.preset(Preset::Sandbox);
    assert_eq!(control.state()["org"]["is_sandbox"], true);
}

#[tokio::test]
async fn the_preflight_tells_who_lacks_what() {
    for (preset, column) in [
        (Preset::NoPermission, "PermissionsCustomizeApplication"),
        (Preset::NoViewSetup, "PermissionsViewSetup"),
    ] {
        let stage = Stage::new(preset).await;
        let tokens = stage.connect().await;
        let query = format!("SELECT PermissionsApiEnabled, {column} FROM UserPermissionAccess");
        let record = stage.soql(&tokens, "query", &query).await.1["records"][0].clone();
        assert_eq!(
            (&record["PermissionsApiEnabled"], &record[column]),
            (&json!(true), &json!(false))
        );
    }
}

#[tokio::test]
async fn refusals_of_the_authorization_come_back_as_errors() {
    for (preset, error) in [
        (Preset::Denied, "access_denied"),
        (Preset::AppNotInstalled, "OAUTH_EC_APP_NOT_FOUND"),
    ] {
        let stage = Stage::new(preset).await;
        let cookie = stage.log_in().await;
        let back = location(&stage.authorize(&cookie, &[]).await);
        assert_eq!(query(&back)["error"], error);
    }
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "app_installation": "missing_at_token" }));
    let code = stage.code().await;
    let (status, body) = answer(stage.exchange(&code).await).await;
    assert_eq!(
        (status, body["error_description"].as_str()),
        (400, Some("app must be installed into org"))
    );
}

#[tokio::test]
async fn a_preset_resets_sessions_but_keeps_clients_and_the_journal() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    stage.set(json!({ "refresh_rotation": false }));
    let response = stage
        .http
        .post(stage.url("_simulator/preset"))
        .json(&json!({ "preset": "package-2" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        401,
        "INVALID_SESSION_ID",
    );
    assert!(stage.control().settings().refresh_rotation, "settings start afresh");
    stage.connect().await;
    assert!(!stage.control().requests().is_empty());
}

#[tokio::test]
async fn control_works_over_http_and_refuses_nonsense() {
    let stage = Stage::new(Preset::Ready).await;
    let settings: Value = stage.get("_simulator/settings").await.json().await.unwrap();
    assert_eq!(settings["code_lifetime_seconds"], 60);
    let patch = |body: Value| stage.http.patch(stage.url("_simulator/settings")).json(&body).send();
    let patched: Value = patch(json!({ "code_lifetime_seconds": 5 }))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(patched["code_lifetime_seconds"], 5);
    assert_eq!(
        patch(json!({ "colour": "red" })).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    let before = stage.control().state()["now_ms"].as_i64().unwrap();
    let post = |path: &str, body: Value| stage.http.post(stage.url(path)).json(&body).send();
    post("_simulator/clock", json!({ "advance_seconds": 100 }))
        .await
        .unwrap();
    assert!(stage.control().state()["now_ms"].as_i64().unwrap() - before >= 100_000);
    assert_eq!(
        post("_simulator/actions/callouts-on", json!({}))
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    assert_eq!(
        stage.control().state()["named_credentials"][0]["callout_status"],
        "Enabled"
    );
    let empty = stage
        .http
        .post(stage.url("_simulator/actions/callouts-off"))
        .send()
        .await
        .unwrap();
    assert_eq!(empty.status(), StatusCode::OK);
    for (path, body) in [
        ("_simulator/actions/fly", json!({})),
        ("_simulator/actions/edit-url", json!({})),
        ("_simulator/actions/edit-url", json!({ "url": "ftp://x" })),
        ("_simulator/actions/deactivate-user", json!({ "username": "nobody" })),
        ("_simulator/preset", json!({ "preset": "nothing" })),
        ("_simulator/clock", json!({})),
    ] {
        assert_eq!(
            post(path, body).await.unwrap().status(),
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
    stage.control().preset(Preset::PackageMissing);
    assert_eq!(
        post("_simulator/actions/callouts-off", json!({}))
            .await
            .unwrap()
            .status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_refreshed_sandbox_forgets_secrets_and_moves_its_callback() {
    let stage = Stage::new(Preset::Sandbox).await;
    let setup = Action::InAppSetup {
        base_url: "https://pim.example".into(),
        client_id: "c".into(),
        client_secret: "s".into(),
    };
    stage.control().act(&setup).unwrap();
    let tokens = stage.connect().await;
    stage
        .control()
        .act(&Action::SetPrincipalToken {
            access_token: "t".into(),
        })
        .unwrap();
    let before = stage.control().state();
    stage.control().act(&Action::SandboxRefresh {}).unwrap();
    let after = stage.control().state();
    assert_ne!(after["org"]["id"], before["org"]["id"]);
    assert_eq!(after["principals"][0]["status"], "NotConfigured");
    let provider = &after["external_auth_identity_providers"][0];
    assert_eq!(provider["credentials"], Value::Null);
    assert_eq!(
        provider["callback_url"],
        stage.url("services/authcallback/akeneo_pim__Akeneo_1").as_str()
    );
    assert_eq!(
        provider["token_url"], before["external_auth_identity_providers"][0]["token_url"],
        "metadata is copied"
    );
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        401,
        "INVALID_SESSION_ID",
    );
}
