//! Client id and client secret: what is refused at the form, what Akeneo refuses, and where the secret must never appear.

use serde_json::Value;

use crate::journey::{Journey, TOKEN, says};
use crate::wire;

#[tokio::test]
async fn each_field_says_what_is_wrong_with_it_all_at_once() {
    let mut journey = Journey::begin().await;
    let page = journey
        .walk
        .enter_akeneo("http://acme.cloud.akeneo.com", "", "two words")
        .await
        .unwrap();
    assert_eq!(page.status, 422);
    says(
        &page,
        &[
            "The address must begin with https.",
            "Enter the Client ID.",
            "This is not a Client Secret",
        ],
    );
    assert!(!page.html.contains("two words"));
    let page = journey
        .walk
        .enter_akeneo(&journey.pim(), &"x".repeat(256), &"y".repeat(256))
        .await
        .unwrap();
    says(&page, &["This is not a Client ID", "This is not a Client Secret"]);
    assert!(!page.html.contains(&"y".repeat(256)));
    assert!(journey.stack.pim.control().requests().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_said_as_such_and_only_the_secret_is_typed_again() {
    let mut journey = Journey::begin().await;
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let pim = journey.pim();
    let wizard = journey
        .walk
        .enter_akeneo(&pim, &client_id, "a-wrong-secret")
        .await
        .unwrap();
    let page = journey.walk.consent(wizard).await.unwrap();
    says(
        &page,
        &[
            "Akeneo did not accept the Client ID or the Client Secret.",
            "Copy both again from the Custom App",
        ],
    );
    assert_eq!(page.url.path(), "/setup");
    assert_eq!(journey.token_requests(), 1, "a final answer is not asked for twice");
    assert_eq!(page.value("#base-url").as_deref(), Some(pim.trim_end_matches('/')));
    assert_eq!(page.value("#client-id").as_deref(), Some(client_id.as_str()));
    assert_eq!(page.value("#client-secret").as_deref(), Some(""));
    assert!(!page.html.contains("a-wrong-secret"));

    let form = page.form_to("/setup/akeneo").unwrap().with("client_secret", secret);
    let page = journey.walk.browser.submit(form).await.unwrap();
    assert_eq!(page.url.path(), "/setup", "the consent was given already");
    assert!(!page.text().contains("did not accept"), "{}", page.text());
    let shown = journey.shown().await;
    assert_eq!(shown["akeneo"]["fault"], Value::Null);
    assert_eq!(shown["akeneo"]["proven"]["credentials"]["client_id"], client_id);
    assert_eq!(journey.stack.pim.control().state().consents.shown, 1);
}

#[tokio::test]
async fn a_wrong_client_id_strands_the_person_in_the_pim_and_the_link_leads_on() {
    let mut journey = Journey::begin().await;
    let (_, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let pim = journey.pim();
    let unknown = "0e5f2a31-7c55-4b0e-8a1d-2f6f3f9f3a10";
    let page = journey.walk.enter_akeneo(&pim, unknown, &secret).await.unwrap();
    assert!(
        page.url
            .fragment()
            .is_some_and(|fragment| fragment.contains("app_not_found")),
        "{}",
        page.url
    );

    let page = journey.walk.journey().await.unwrap();
    says(&page, &["You were sent to Akeneo", "start again here", unknown]);
    assert_eq!(page.value("#client-id").as_deref(), Some(unknown));
    journey.connect_pim().await;
    assert_ne!(journey.shown().await["akeneo"]["proven"], Value::Null);
}

#[tokio::test]
async fn the_secret_is_shown_to_nobody_again() {
    let mut journey = Journey::begin().await;
    let (_, secret) = journey.connect_pim().await;
    let token = journey.tokens().pop().unwrap();
    let pair = journey.stack.pim.control().requests_to(TOKEN).pop().unwrap();
    let identifier = pair.form_value("code_identifier").unwrap().to_owned();
    let challenge = pair.form_value("code_challenge").unwrap().to_owned();
    let mut seen = journey.walk.journey().await.unwrap().html;
    seen += &journey
        .walk
        .browser
        .open(journey.at("/setup/progress"))
        .await
        .unwrap()
        .html;
    seen += &wire::get(journey.link.clone()).await.body;
    seen += &wire::get(journey.at(&format!("/operator/connections/{}", journey.id)))
        .await
        .body;
    seen += &wire::get(journey.at("/operator/connections")).await.body;
    for (what, value) in [
        ("secret", secret),
        ("token", token),
        ("identifier", identifier),
        ("challenge", challenge),
    ] {
        assert!(!value.is_empty() && !seen.contains(&value), "the {what} is shown");
    }
}

#[tokio::test]
async fn a_trip_with_former_credentials_does_not_spoil_the_newer_ones() {
    let mut journey = Journey::begin().await;
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let pim = journey.pim();
    let wizard = journey
        .walk
        .enter_akeneo(&pim, &client_id, "a-wrong-secret")
        .await
        .unwrap();
    let former = journey.walk.confirm(&wizard).await.unwrap().unwrap();
    // A second window: the right secret is typed and proven while the first one still waits.
    let page = journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    journey.walk.consent(page).await.unwrap();
    let before = journey.shown().await["akeneo"].clone();
    assert_eq!(before["fault"], Value::Null);

    let page = journey.walk.browser.open(former).await.unwrap();
    assert_eq!(page.url.path(), "/setup");
    let after = journey.shown().await["akeneo"].clone();
    assert_eq!(after["fault"], Value::Null, "{}", page.text());
    assert_eq!(after["proven"], before["proven"]);
}
