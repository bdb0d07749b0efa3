//! A person who cancels in Akeneo and never comes back: nothing tells us (facts/akeneo 1.3), so the page has to know.

use std::sync::Arc;
use std::time::Duration;

use connector::clock::{SteppedClock, Timestamp};
use connector_local::stack::Options;
use serde_json::{Value, json};

use crate::journey::{Journey, says};

#[tokio::test]
async fn the_page_offers_the_leg_again_and_the_attempt_ends_by_itself() {
    let clock = SteppedClock::at("2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap());
    let options = Options {
        clock: Some(Arc::new(clock.clone())),
        ..Options::default()
    };
    let mut journey = Journey::with(options, &json!({ "customer": "Acme" })).await;
    let left = journey.callback_in_hand().await;

    let page = journey.walk.journey().await.unwrap();
    says(
        &page,
        &[
            "You were sent to Akeneo at",
            "If you cancelled or closed that window, start again here.",
        ],
    );
    assert!(page.form_to("/setup/akeneo/authorize").is_ok());
    let mark = journey
        .walk
        .browser
        .open(journey.at("/setup/progress"))
        .await
        .unwrap()
        .html;

    clock.advance(Duration::from_secs(15 * 60));
    let page = journey.walk.journey().await.unwrap();
    says(&page, &["was not finished. Start again here."]);
    let later = journey
        .walk
        .browser
        .open(journey.at("/setup/progress"))
        .await
        .unwrap()
        .html;
    assert_ne!(mark, later, "the page follows by itself");

    let page = journey.walk.browser.open(left).await.unwrap();
    assert_eq!(page.status, 400);
    says(&page, &["Please start this step again"]);
    assert_eq!(journey.token_requests(), 0);

    let page = journey.walk.authorize_again().await.unwrap();
    let page = journey.walk.consent(page).await.unwrap();
    assert_eq!(page.url.path(), "/setup");
    assert_ne!(
        journey.shown().await["akeneo"]["proven"],
        Value::Null,
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn an_error_that_somebody_makes_up_is_a_page_and_changes_nothing() {
    let mut journey = Journey::begin().await;
    let good = journey.callback_in_hand().await;
    let (_, state) = good.query_pairs().find(|(name, _)| name == "state").unwrap();
    let before = journey.shown().await;
    let refused = journey.callback(&format!(
        "error=access_denied&error_description=%3Cb%3Eno&state={state}"
    ));
    let page = journey.walk.browser.open(refused).await.unwrap();
    assert_eq!(page.status, 400);
    says(&page, &["The PIM did not authorize the connection"]);
    assert!(!page.html.contains("<b>no"));
    assert_eq!(journey.shown().await, before);
    journey.walk.browser.open(good).await.unwrap();
    assert_ne!(journey.shown().await["akeneo"]["proven"], Value::Null);
}

#[tokio::test]
async fn many_trips_work_side_by_side_up_to_a_cap() {
    let mut journey = Journey::begin().await;
    let first = journey.callback_in_hand().await;
    for _ in 0..9 {
        let form = journey
            .walk
            .journey()
            .await
            .unwrap()
            .form_to("/setup/akeneo/authorize")
            .unwrap();
        let fields = form.fields().to_vec();
        let (answer, to) = journey
            .walk
            .browser
            .step(http::Method::POST, form.action().clone(), Some(fields))
            .await
            .unwrap();
        assert_eq!(answer.status, 303);
        assert_eq!(to.unwrap().origin(), journey.stack.pim.url().origin());
    }
    let form = journey
        .walk
        .journey()
        .await
        .unwrap()
        .form_to("/setup/akeneo/authorize")
        .unwrap();
    let (action, fields) = (form.action().clone(), form.fields().to_vec());
    let page = journey.walk.browser.submit(form).await.unwrap();
    assert_eq!(page.status, 429);
    says(&page, &["Too many attempts at the same time", "wait 15 minutes"]);

    journey.walk.browser.open(first).await.unwrap();
    assert_ne!(
        journey.shown().await["akeneo"]["proven"],
        Value::Null,
        "the first of them still works"
    );
    // It came back, so that there is room for another one.
    let browser = &mut journey.walk.browser;
    let (answer, _) = browser.step(http::Method::POST, action, Some(fields)).await.unwrap();
    assert_eq!(answer.status, 303);
}
