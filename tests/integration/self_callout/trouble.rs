//! Waiting for Salesforce, and every trouble in words, each with what a person does about it. The connection itself stays connected and
//! healthy throughout ([`super::must_be`] looks at it each time).

use std::time::Duration;

use http::StatusCode;
use salesforce_simulator::{Action, Preset};
use serde_json::json;

use super::{
    HERE, KEY, SECRET, check_again, connected, edit_app, make_app, must_be, must_be_wired, must_say, paste, press,
};
use crate::attended::Attended;

#[tokio::test]
async fn a_new_app_is_waited_for_and_then_everything_goes_on_by_itself() {
    for early in ["invalid_client_id", "invalid_grant"] {
        let settings = json!({ "client_app_propagation_seconds": 600, "client_app_early_error": early });
        let mut attended = connected(Preset::SelfPackaged, settings).await;
        let writes = attended.writes().len();
        make_app(&attended, json!({}));
        paste(&mut attended, KEY, SECRET).await;
        let about = must_be(&attended, "waiting").await;
        assert_eq!(about["next_action"]["who"], "service", "{early}");
        let page = attended.walk.press_on(HERE, HERE, &[("action", "look")]).await.unwrap();
        assert!(page.text().contains("takes up to 30 minutes"), "{}", page.text());
        assert_eq!(attended.wire().await, 0, "not at once");
        attended.clock.advance(Duration::from_secs(61));
        assert_eq!(attended.wire().await, 1, "by the schedule");
        must_be(&attended, "waiting").await;
        assert_eq!(
            attended.writes().len(),
            writes,
            "nothing is written for an app that is not known yet"
        );
        attended.org().advance_clock(600);
        attended.clock.advance(Duration::from_secs(61));
        attended.wire().await;
        must_be(&attended, "working").await;
        must_be_wired(&attended, "akeneo_pim__Salesforce_Self", KEY);
    }
}

#[tokio::test]
async fn after_half_an_hour_a_person_is_told_and_the_next_health_look_still_finds_it() {
    let mut attended = connected(
        Preset::SelfPackaged,
        json!({ "client_app_propagation_seconds": 100_000 }),
    )
    .await;
    make_app(&attended, json!({}));
    paste(&mut attended, KEY, SECRET).await;
    must_be(&attended, "waiting").await;
    attended.clock.advance(Duration::from_secs(31 * 60));
    attended.wire().await;
    must_say(&attended, "Salesforce does not know this consumer key").await;
    attended.org().advance_clock(100_000);
    attended.sweep_later().await;
    attended.wire().await;
    must_be(&attended, "working").await;
}

#[tokio::test]
async fn every_trouble_with_the_app_has_words_and_a_remedy() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    make_app(&attended, json!({}));
    let admin = "admin@acme.example";
    let cases = [
        (json!({ "run_as": null }), "runs as nobody", json!({ "run_as": admin })),
        (
            json!({ "flow_in_policy": false }),
            "runs as nobody",
            json!({ "flow_in_policy": true }),
        ),
        (
            json!({ "flow_in_settings": false }),
            "does not allow the client credentials flow",
            json!({ "flow_in_settings": true }),
        ),
        (
            json!({ "scopes": ["id"] }),
            "“Manage user data via APIs (api)”",
            json!({ "scopes": ["api"] }),
        ),
        (
            json!({ "run_as": "integration@acme.example" }),
            "cannot read global picklists",
            json!({ "run_as": admin }),
        ),
        (
            json!({ "consumer_secret": "regenerated-in-setup" }),
            "does not accept the consumer secret",
            json!({ "consumer_secret": SECRET }),
        ),
    ];
    edit_app(&attended, "Picklists", cases[0].0.clone());
    paste(&mut attended, KEY, SECRET).await;
    for (broken, words, mended) in cases {
        edit_app(&attended, "Picklists", broken);
        check_again(&mut attended).await;
        must_say(&attended, words).await;
        let page = attended.walk.journey().await.unwrap().text();
        assert!(page.contains(words), "the status page says it too: {page}");
        edit_app(&attended, "Picklists", mended);
        check_again(&mut attended).await;
        must_be(&attended, "working").await;
    }
    attended.act(&Action::DeactivateUser {
        username: Some("integration@acme.example".to_owned()),
    });
    edit_app(&attended, "Picklists", json!({ "run_as": "integration@acme.example" }));
    attended.sweep_later().await;
    must_say(&attended, "does not let in the user").await;
}

#[tokio::test]
async fn an_app_that_somebody_deletes_later_is_noticed_by_the_health_look_and_harms_nothing() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    super::deploy(&mut attended).await;
    must_be(&attended, "working").await;
    let name = "Akeneo_Picklist_Synchronisation".to_owned();
    attended.act(&Action::DeleteClientApp { name });
    let writes = attended.writes().len();
    attended.sweep_later().await;
    must_say(&attended, "Salesforce does not know this consumer key").await;
    assert_eq!(attended.writes().len(), writes, "a health look writes nothing here");
    attended.must_be_wired();
    super::deploy(&mut attended).await;
    must_be(&attended, "working").await;
}

#[tokio::test]
async fn what_somebody_changes_in_the_org_is_told_and_set_right_when_asked() {
    let mut attended = connected(Preset::Ready, json!({})).await;
    make_app(&attended, json!({}));
    paste(&mut attended, KEY, SECRET).await;
    must_be(&attended, "working").await;
    attended.act(&Action::RevokeGrants {});
    let writes = attended.writes().len();
    attended.sweep_later().await;
    let healed = attended.writes().len();
    assert!(healed > writes, "the connection's own grants are healed");
    must_say(
        &attended,
        "Access to picklist synchronisation is not granted to: admin@acme.example. “Check again” sets this right.",
    )
    .await;
    check_again(&mut attended).await;
    must_be(&attended, "working").await;
}

#[tokio::test]
async fn what_is_typed_is_checked_and_the_secret_never_comes_back() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    let page = paste(&mut attended, "two words", "").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = page.text();
    assert!(
        text.contains("This is not a Consumer Key") && text.contains("Enter the Consumer Secret."),
        "{text}"
    );
    must_be(&attended, "off").await;
    make_app(&attended, json!({}));
    let page = paste(&mut attended, KEY, SECRET).await;
    let status = attended.walk.journey().await.unwrap();
    let shown = attended.show().await.to_string();
    assert!(![page.html, status.html, shown].iter().any(|text| text.contains(SECRET)));
}

#[tokio::test]
async fn nobody_can_ask_for_it_before_the_connection_works() {
    let mut attended = Attended::begin(Preset::SelfPackaged).await;
    let journey = attended.walk.journey().await.unwrap();
    assert!(!journey.html.contains(HERE));
    let mut url = attended.stack.url.clone();
    url.set_path(HERE);
    let page = attended.walk.browser.open(url).await.unwrap();
    assert_eq!(page.url.path(), "/setup");
    attended.connect_both().await;
    attended.finish().await;
    assert!(
        attended
            .page()
            .await
            .contains("Add picklist synchronisation (optional)")
    );
    let page = press(&mut attended, &[("action", "check")]).await;
    assert!(page.text().contains("Two ways to set it up"));
    must_be(&attended, "off").await;
}
