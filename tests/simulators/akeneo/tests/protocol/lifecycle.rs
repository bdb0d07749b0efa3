//! What keeps a token alive and what kills it (facts/akeneo 4).

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{CALLBACK, Harness, answer, error, invalid_grant};

fn unauthorized(message: &str) -> (StatusCode, serde_json::Value) {
    (StatusCode::UNAUTHORIZED, json!({"code": 401, "message": message}))
}

#[tokio::test]
async fn the_same_scopes_give_the_same_token() {
    let pim = Harness::start().await;
    let first = pim.token("read_products read_categories").await;
    let again = pim.token("read_categories read_products").await;
    assert_eq!(first, again);
    assert_eq!(pim.control.state().consents.accepted, 1, "the second time is silent");
}

#[tokio::test]
async fn other_scopes_kill_the_token_at_the_exchange() {
    let pim = Harness::start().await;
    let old = pim.token("read_products read_categories").await;
    let code = pim.code("read_products").await;
    let (status, _) = pim.api(&old, "/products-uuid").await;
    assert_eq!(status, StatusCode::OK, "alive between authorize and exchange");
    let (status, _) = pim.api(&old, "/categories").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "but with the new permissions already");
    pim.exchange(&code).await;
    assert_eq!(
        pim.api(&old, "/products-uuid").await,
        unauthorized("The access token provided is invalid.")
    );
    let more = pim.token("read_products read_categories").await;
    assert_ne!(more, old, "a dead token does not come back");
    assert_eq!(pim.control.state().live_tokens.len(), 1);
}

#[tokio::test]
async fn a_second_consumer_shares_or_kills() {
    let pim = Harness::start().await;
    let ours = pim.token("read_products read_categories").await;
    let theirs = pim
        .control
        .second_consumer(&pim.app.client_id, &["read_categories", "read_products"])
        .unwrap();
    assert_eq!(theirs.value, ours);
    let theirs = pim
        .control
        .second_consumer(&pim.app.client_id, &["read_products"])
        .unwrap();
    assert_ne!(theirs.value, ours);
    assert_eq!(pim.api(&ours, "/channels").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn disconnect_revokes_and_authorize_starts_over() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    let open_code = pim.code("read_products").await;
    let connection = pim.control.state().connected_apps[0].connection_code.clone();
    let (status, _) = pim
        .xhr("DELETE", &format!("rest/apps/connected-apps/{connection}"), None)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let message = "The access token provided is invalid. Your app has been disconnected from that PIM.";
    assert_eq!(pim.api(&token, "/products-uuid").await, unauthorized(message));
    assert_eq!(pim.exchange(&open_code).await, error("invalid_client"));
    assert!(
        pim.authorize_scopes("read_products").await.contains("?client_id="),
        "the wizard again"
    );
    assert_eq!(
        pim.exchange(&open_code).await,
        invalid_grant("Code is not valid"),
        "the row is back, the code is not"
    );
    let fresh = pim.token("read_products").await;
    assert_ne!(fresh, token);
    assert_eq!(
        pim.api(&token, "/products-uuid").await,
        unauthorized(message),
        "still revoked"
    );
}

#[tokio::test]
async fn a_new_secret_breaks_the_pair_and_not_the_token() {
    let mut pim = Harness::start().await;
    let token = pim.token("read_products").await;
    let old_form = pim.form(&pim.code("read_products").await);
    let secret = pim.control.regenerate_secret(&pim.app.client_id).unwrap();
    assert_eq!(pim.post_token(&old_form).await, error("invalid_client"));
    assert_eq!(pim.api(&token, "/products-uuid").await.0, StatusCode::OK);
    pim.app.client_secret = secret;
    assert_eq!(pim.token("read_products").await, token);
}

#[tokio::test]
async fn a_pair_can_be_used_again_and_again() {
    let pim = Harness::start().await;
    let first = pim.form(&pim.code("read_products").await);
    let second = pim.form(&pim.code("read_products").await);
    assert_eq!(first[3..], second[3..], "the same identifier and challenge");
    assert_eq!(pim.post_token(&first).await.0, StatusCode::OK);
    assert_eq!(pim.post_token(&second).await.0, StatusCode::OK);
}

#[tokio::test]
async fn deleting_the_custom_app_leaves_the_connection() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    let path = format!("rest/custom-apps/{}", pim.app.client_id);
    pim.control
        .change_settings(|settings| settings.delete_requires_disconnect = true);
    assert_eq!(pim.xhr("DELETE", &path, None).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    pim.control
        .change_settings(|settings| settings.delete_requires_disconnect = false);
    let code = pim.code("read_products").await;
    assert_eq!(pim.xhr("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(pim.api(&token, "/products-uuid").await.0, StatusCode::OK);
    assert_eq!(pim.exchange(&code).await, error("invalid_client"));
    assert!(
        pim.authorize_scopes("read_products")
            .await
            .ends_with("error.app_not_found")
    );
}

#[tokio::test]
async fn the_notice_about_scopes_is_set_and_cleared() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    let update = |token: String| {
        let url = pim.url("connect/apps/v1/scopes/update?scopes=read_products%20read_categories");
        pim.client.post(url).bearer_auth(token).send()
    };
    assert_eq!(
        answer(update(token).await.unwrap()).await,
        (StatusCode::OK, json!("Ok"))
    );
    let state = pim.control.state();
    assert!(state.connected_apps[0].has_outdated_scopes);
    assert_eq!(
        state.connected_apps[0].scopes,
        ["read_products"],
        "nothing else changes"
    );
    let not_an_app = answer(update(state.connection_token.clone()).await.unwrap()).await;
    assert_eq!(
        not_an_app,
        (
            StatusCode::FORBIDDEN,
            json!({"code": 403, "message": "Not an authenticated App"})
        )
    );
    assert_eq!(
        update("unknown".to_owned()).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );

    let code = &state.connected_apps[0].connection_code;
    let (_, body) = pim
        .xhr("GET", &format!("rest/apps/connected-apps/{code}/open-app-url"), None)
        .await;
    assert!(body["url"].as_str().unwrap().contains("?pim_url="));
    assert!(!pim.control.state().connected_apps[0].has_outdated_scopes);
    assert!(pim.authorize_scopes("read_products").await.starts_with(CALLBACK));
}
