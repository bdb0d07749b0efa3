//! Life and end of tokens (facts/salesforce 10.1, 10.3).

use reqwest::StatusCode;
use salesforce_simulator::{Action, Preset};
use serde_json::json;

use super::stage::{Stage, answer};

async fn limits(stage: &Stage, access: &str) -> u16 {
    stage
        .http
        .get(stage.url("services/data/v66.0/limits"))
        .bearer_auth(access)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn using_an_ended_refresh_token_kills_the_family() {
    let stage = Stage::new(Preset::Ready).await;
    let first = stage.connect().await;
    let (status, second) = answer(stage.refresh(&first.refresh).await).await;
    assert_eq!(status, 200);
    let rotated = second["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(rotated, first.refresh);
    let access = second["access_token"].as_str().unwrap();
    assert_eq!(limits(&stage, access).await, 200);
    let (status, body) = answer(stage.refresh(&first.refresh).await).await;
    assert_eq!(
        (status, body),
        (
            400,
            json!({ "error": "invalid_grant", "error_description": "expired access/refresh token" })
        )
    );
    assert_eq!(limits(&stage, access).await, 401);
    assert_eq!(limits(&stage, &first.access).await, 401);
    assert_eq!(stage.refresh(&rotated).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(stage.control().state()["oauth"]["refresh_families"][0]["revoked"], true);
}

#[tokio::test]
async fn without_rotation_the_refresh_token_stays() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "refresh_rotation": false }));
    let tokens = stage.connect().await;
    for _ in 0..2 {
        let (status, body) = answer(stage.refresh(&tokens.refresh).await).await;
        assert_eq!(status, 200);
        assert!(body.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn refresh_tokens_idle_out_and_the_sixth_approval_ends_the_first() {
    let stage = Stage::new(Preset::Ready).await;
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(stage.connect().await);
    }
    assert_eq!(stage.refresh(&all[0].refresh).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(stage.refresh(&all[1].refresh).await.status(), StatusCode::OK);
    stage.control().advance_clock(30 * 86_400);
    assert_eq!(stage.refresh(&all[2].refresh).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn tokens_can_be_revoked_and_introspected() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let introspect = || async {
        let form = [
            ("token", tokens.access.as_str()),
            ("client_id", &stage.client.client_id),
            ("client_secret", &stage.client.client_secret),
        ];
        let response = stage
            .http
            .post(stage.url("services/oauth2/introspect"))
            .form(&form)
            .send()
            .await
            .unwrap();
        answer(response).await.1
    };
    assert_eq!(introspect().await["active"], true);
    let revoke = |token: String| {
        stage
            .http
            .post(stage.url("services/oauth2/revoke"))
            .form(&[("token", token)])
            .send()
    };
    let response = revoke(tokens.refresh.clone()).await.unwrap();
    assert_eq!(
        (response.status(), response.text().await.unwrap().as_str()),
        (StatusCode::OK, "")
    );
    assert_eq!(introspect().await, json!({ "active": false }));
    assert_eq!(limits(&stage, &tokens.access).await, 401);
    assert_eq!(stage.refresh(&tokens.refresh).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(revoke("unknown".to_owned()).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn inactive_users_get_no_token() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    stage.control().act(&Action::DeactivateUser { username: None }).unwrap();
    let (status, body) = answer(stage.refresh(&tokens.refresh).await).await;
    assert_eq!(
        (status, body["error_description"].as_str()),
        (400, Some("inactive user"))
    );
    assert_eq!(limits(&stage, &tokens.access).await, 401);
}
