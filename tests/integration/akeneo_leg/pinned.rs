//! A link that Customer Success made for one PIM only.

use connector_local::stack::Options;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::journey::{Journey, says};
use crate::wire;

#[tokio::test]
async fn another_pim_than_the_pinned_one_needs_customer_success() {
    let pinned = json!({ "customer": "Acme", "pim_host": "acme.cloud.akeneo.com" });
    let mut journey = Journey::with(Options::default(), &pinned).await;
    let page = journey.walk.journey().await.unwrap();
    assert_eq!(
        page.value("#base-url").as_deref(),
        Some("https://acme.cloud.akeneo.com")
    );
    let pim = journey.pim();
    let page = journey.walk.enter_akeneo(&pim, "an-id", "a-secret").await.unwrap();
    assert_eq!(page.status, 422);
    says(
        &page,
        &[
            "This link was made for acme.cloud.akeneo.com.",
            "ask your Akeneo contact to approve another one",
        ],
    );
    assert!(
        journey.stack.pim.control().requests().is_empty(),
        "it was not even looked at"
    );
}

#[tokio::test]
async fn the_pinned_pim_is_accepted() {
    let mut journey = Journey::with(
        Options::default(),
        &json!({ "customer": "Acme", "pim_host": "127.0.0.1" }),
    )
    .await;
    journey.connect_pim().await;
    assert_ne!(journey.shown().await["akeneo"]["proven"], Value::Null);
}

#[tokio::test]
async fn a_pin_that_comes_later_counts_for_what_was_typed_before() {
    let mut journey = Journey::begin().await;
    let pim = journey.pim();
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    let again = json!({ "customer": "Acme", "connection": journey.id, "pim_host": "acme.cloud.akeneo.com" });
    let made = journey.walk.invite(&again).await.unwrap();
    journey
        .walk
        .start(&made["link"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap();
    let sent = journey
        .stack
        .pim
        .control()
        .requests_to("/connect/apps/v1/authorize")
        .len();

    let page = journey.walk.authorize_again().await.unwrap();
    assert_eq!(page.status, 422);
    says(&page, &["This link was made for acme.cloud.akeneo.com."]);
    let query = format!("pim_url={}", byte_serialize(pim.as_bytes()).collect::<String>());
    assert!(wire::get(journey.activate(&query)).await.body.contains("Almost there"));
    assert_eq!(
        journey
            .stack
            .pim
            .control()
            .requests_to("/connect/apps/v1/authorize")
            .len(),
        sent
    );
}
