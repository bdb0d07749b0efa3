//! A customer who gives no API access: everything of the guide's Part B by hand, and an end that says what nobody has checked.

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::open;
use crate::attended::Attended;

/// The button of the packaged principal in Setup.
const AUTHENTICATE: &str = "Authenticate Default";

#[tokio::test]
async fn an_org_is_set_up_without_any_access_of_ours() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.choose_by_hand("yes").await;
    attended.connect_pim().await;
    attended.must_be("set_up_by_hand").await;
    let page = attended.manual().await;
    assert_eq!(
        open(&page),
        [
            "pause",
            "callback",
            "provider_urls",
            "parameters",
            "credentials",
            "access",
            "authorize",
            "named_credential"
        ]
    );

    for wrong in ["https://evil.example/services/authcallback/x", "acme", ""] {
        assert_eq!(
            attended.paste(wrong).await,
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    let callback = attended.provider()["callback_url"].as_str().unwrap().to_owned();
    assert_eq!(attended.paste(&callback).await, http::StatusCode::OK);
    attended.enter_all(&page);
    for task in ["pause", "provider_urls", "parameters", "credentials", "access"] {
        attended.tick(task).await;
    }
    assert_eq!(open(&attended.manual().await), ["authorize", "named_credential"]);
    attended.authenticate(AUTHENTICATE).await;
    assert_eq!(
        open(&attended.manual().await),
        ["named_credential"],
        "the relay was seen"
    );
    attended.act(&Action::CalloutsOn {});
    attended.tick("named_credential").await;
    attended.wire().await;

    let shown = attended.must_be("connected").await;
    assert_eq!(shown["next_action"]["who"], "nobody");
    assert_eq!(
        (&shown["verification"]["org"], &shown["salesforce"]["org"]),
        (&json!(false), &Value::Null)
    );
    let told = attended.page().await;
    for words in [
        "What can be seen from here works",
        "this service has no access to it",
        "Every permission was tested and works",
        "not checked",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // The org is as it should be, although nobody but the simulator can say so; we never called its API.
    attended.must_be_wired();
    assert_eq!(attended.org().state()["principals"][0]["status"], "Configured");
    let calls = attended.org().requests();
    assert!(calls.iter().all(|call| !call.path.starts_with("/services/data/")));
}

#[tokio::test]
async fn its_health_is_what_the_pim_shows() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.choose_by_hand("yes").await;
    attended.connect_pim().await;
    let callback = attended.provider()["callback_url"].as_str().unwrap().to_owned();
    attended.paste(&callback).await;
    let page = attended.manual().await;
    attended.enter_all(&page);
    for task in [
        "pause",
        "provider_urls",
        "parameters",
        "credentials",
        "access",
        "named_credential",
    ] {
        attended.tick(task).await;
    }
    attended.authenticate(AUTHENTICATE).await;
    attended.wire().await;
    attended.must_be("connected").await;
    let client_id = attended.app.clone().unwrap().0;
    attended.pim().disconnect(&client_id).unwrap();
    for _ in 0..2 {
        attended.sweep_later().await;
    }
    attended.must_be_healthy_as("disconnected").await;
}

#[tokio::test]
async fn the_choice_can_be_taken_back() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.choose_by_hand("yes").await;
    assert!(attended.page().await.contains("You set up Salesforce by hand"));
    attended.choose_by_hand("no").await;
    attended.must_be("connect_salesforce").await;
    attended.choose_by_hand("yes").await;
    // Or by giving access after all.
    attended.connect_both().await;
    attended.finish().await;
    attended.must_be_wired();
    assert_eq!(attended.show().await["verification"]["org"], true);
}

#[tokio::test]
async fn where_nothing_at_all_can_be_seen_that_is_said() {
    let terms = json!({ "customer": "Acme Corporation", "callback": "salesforce" });
    let mut attended = Attended::invited(Preset::Ready, &terms).await;
    attended.choose_by_hand("yes").await;
    attended.enter_app_with_salesforce_s_callback().await;
    let page = attended.manual().await;
    let tasks = open(&page);
    assert!(
        !tasks.contains(&"callback".to_owned()),
        "nothing passes through us: {tasks:?}"
    );
    for task in tasks {
        attended.tick(&task).await;
    }
    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(
        shown["verification"],
        json!({ "at": shown["verification"]["at"], "pim": null, "org": false })
    );
    let what = shown["next_action"]["what"].as_str().unwrap();
    assert!(
        what.contains("nothing of this connection can be seen from here"),
        "{what}"
    );
    assert!(attended.page().await.contains("Everything is set up, as you say"));
}
