//! A customer for whom no access to the org is kept: it is given back once everything is verified, health says what it is without
//! it, and whoever wants something changed in the org connects it again.

use connector::store::Side;
use http::Method;
use salesforce_simulator::FaultKind;
use serde_json::{Value, json};

use crate::attended::{Attended, org_fault};

async fn given_back() -> Attended {
    let attended = Attended::connected().await;
    let changed = attended
        .operate(Method::PATCH, "terms", &json!({ "drop_salesforce_token": true }))
        .await;
    assert_eq!((changed.0, &changed.1["queue"]), (200, &json!("wiring")));
    attended.wire().await;
    attended
}

#[tokio::test]
async fn access_is_given_back_and_health_is_what_can_be_seen_without_it() {
    let mut attended = given_back().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(attended.live_grants(), 0);
    assert!(!attended.has_secret(Side::Salesforce).await && attended.has_secret(Side::Akeneo).await);
    assert!(shown["next_action"]["what"].as_str().unwrap().contains("given back"));
    assert!(attended.page().await.contains("given back as agreed"));
    assert_eq!(attended.told("grant_given_back").await, 1);
    attended.must_be_wired();

    let asked = attended.org().requests().len();
    attended.sweep_later().await;
    attended.wire_later().await;
    attended.check_again().await;
    attended.wire().await;
    assert_eq!(attended.org().requests().len(), asked, "nobody talks to the org");
    let shown = attended.must_be_healthy_as("healthy").await;
    assert_eq!(
        (&shown["verification"]["org"], &shown["stage"]),
        (&json!(false), &json!("connected"))
    );

    let client_id = attended.app.clone().unwrap().0;
    attended.pim().disconnect(&client_id).unwrap();
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("disconnected").await;
}

#[tokio::test]
async fn a_repair_asks_the_admin_to_connect_again_and_access_goes_back_once_more() {
    let mut attended = given_back().await;
    assert_eq!(attended.operate(Method::POST, "repair", &Value::Null).await.0, 200);
    attended.wire().await;
    let shown = attended.must_be("connect_salesforce").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    assert_eq!(attended.live_grants(), 1);
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
    assert_eq!(
        (attended.live_grants(), attended.told("grant_given_back").await),
        (0, 2)
    );
}

#[tokio::test]
async fn while_salesforce_does_not_take_it_back_it_is_tried_again() {
    let attended = Attended::connected().await;
    let trouble = org_fault(FaultKind::ResetBefore, None, "/services/oauth2/revoke", 10_000);
    attended.org().add_fault(trouble);
    attended
        .operate(Method::PATCH, "terms", &json!({ "drop_salesforce_token": true }))
        .await;
    attended.wire().await;
    assert!(attended.has_secret(Side::Salesforce).await);
    attended.org().clear_faults();
    attended.wire_later().await;
    assert!(!attended.has_secret(Side::Salesforce).await);
    assert_eq!(attended.live_grants(), 0);
    attended.must_be("connected").await;
}

#[tokio::test]
async fn what_salesforce_does_not_take_back_is_told_and_our_copy_is_deleted() {
    let attended = Attended::connected().await;
    let refusal = json!({
        "path_prefix": "/services/oauth2/revoke", "kind": "status", "status": 400, "count": 10,
        "body": r#"{"error":"invalid_client","error_description":"invalid client credentials"}"#,
    });
    attended.org().add_fault(serde_json::from_value(refusal).unwrap());
    attended
        .operate(Method::PATCH, "terms", &json!({ "drop_salesforce_token": true }))
        .await;
    attended.wire().await;
    assert!(!attended.has_secret(Side::Salesforce).await);
    let shown = attended.must_be("connected").await;
    let timeline = shown["timeline"].as_array().unwrap();
    let told = timeline
        .iter()
        .find(|entry| entry["event"] == "grant_given_back")
        .unwrap();
    assert!(told["refused"].is_string(), "{told}");
}

#[tokio::test]
async fn the_customer_chooses_it_on_the_status_page_and_changes_their_mind() {
    let mut attended = Attended::connected().await;
    let give = attended.walk.journey().await.unwrap().form_to("/setup/access").unwrap();
    attended.walk.browser.submit(give).await.unwrap();
    attended.wire().await;
    assert_eq!(attended.live_grants(), 0);
    assert_eq!(attended.told("terms_changed").await, 1);
    assert!(attended.page().await.contains("given back as agreed"));

    let keep = attended.walk.journey().await.unwrap().form_to("/setup/access").unwrap();
    attended.walk.browser.submit(keep).await.unwrap();
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.wire().await;
    attended.must_be("connected").await;
    assert_eq!(
        (attended.live_grants(), attended.told("grant_given_back").await),
        (1, 1)
    );
}
