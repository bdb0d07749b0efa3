//! A customer who gives no API access and whose package is older than 3.0: everything of the guide's Part D by hand.

use http::StatusCode;
use salesforce_simulator::Preset;
use serde_json::{Value, json};

use super::{START_ON_SAVE, open, shown};
use crate::attended::Attended;
use crate::legacy::must_be_wired;

/// Everything of Part D, in order.
const ALL: [&str; 6] = [
    "pause",
    "auth_provider",
    "callback",
    "classic_credential",
    "authorize",
    "callouts",
];

/// The choice is made, the PIM is connected, and the person says that the package is an older one.
async fn older(terms: &Value) -> Attended {
    let mut attended = Attended::invited(Preset::LegacyByHand, terms).await;
    attended.choose_by_hand("yes").await;
    if terms["callback"] == "salesforce" {
        attended.enter_app_of_the_auth_provider().await;
    } else {
        attended.connect_pim().await;
    }
    attended.must_be("set_up_by_hand").await;
    attended.press("My package is older than version 3.0").await;
    attended
}

fn callback(attended: &Attended) -> String {
    format!("{}services/authcallback/Akeneo", attended.stack.org.url())
}

#[tokio::test]
async fn an_older_package_is_set_up_without_any_access_of_ours() {
    let mut attended = older(&json!({ "customer": "Acme Corporation" })).await;
    let page = attended.manual().await;
    assert_eq!(open(&page), ALL);
    assert_eq!(shown(&page, "code-identifier"), None, "the plugin makes the pair");

    let org = attended.stack.org.url().to_string();
    for wrong in [
        "https://evil.example/services/authcallback/Akeneo".to_owned(),
        org.clone(),
        format!("{org}services/authcallback/"),
        format!("{org}lightning/setup/AuthProviders/home"),
        String::new(),
    ] {
        assert_eq!(
            attended.paste(&wrong).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    let right = callback(&attended);
    assert_eq!(attended.paste(&right).await, StatusCode::OK);
    let page = attended.manual().await;
    for place in [
        "lightning/setup/AuthProviders/home",
        "lightning/setup/NamedCredential/home",
    ] {
        assert!(page.html.contains(&format!("{org}{place}")), "{place}");
    }
    attended.tick("pause").await;
    attended.make_provider(&page);
    attended.tick("auth_provider").await;
    attended.make_credential(&page);
    attended.tick("classic_credential").await;
    assert_eq!(open(&attended.manual().await), ["authorize", "callouts"]);
    attended.authenticate(START_ON_SAVE).await;
    assert_eq!(open(&attended.manual().await), ["callouts"], "the relay was seen");
    attended.tick("callouts").await;
    attended.wire().await;

    let told = attended.must_be("connected").await;
    assert_eq!(told["next_action"]["who"], "nobody");
    assert_eq!(
        (&told["verification"]["org"], &told["salesforce"]["org"]),
        (&json!(false), &Value::Null)
    );
    let page = attended.page().await;
    assert!(page.contains("What can be seen from here works"), "{page}");
    // The org is as it should be, although nobody but the simulator can say so; we never called its API.
    must_be_wired(&attended);
    let calls = attended.org().requests();
    assert!(calls.iter().all(|call| !call.path.starts_with("/services/data/")));
    assert!(
        told["timeline"].to_string().contains("part_by_hand"),
        "{}",
        told["timeline"]
    );
}

#[tokio::test]
async fn what_was_ticked_by_one_part_does_not_count_in_the_other() {
    let mut attended = older(&json!({ "customer": "Acme Corporation" })).await;
    let right = callback(&attended);
    attended.paste(&right).await;
    attended.tick("pause").await;
    assert_eq!(open(&attended.manual().await).len(), 4);
    attended.say(&[("action", "part"), ("part", "none")]).await;
    assert_eq!(open(&attended.manual().await).len(), 4, "not a part of the guide");

    attended.press("My package is version 3.0 or higher").await;
    let page = attended.manual().await;
    assert_eq!(open(&page).len(), 8, "{:?}", open(&page));
    assert!(shown(&page, "code-identifier").is_some());
    attended.press("My package is older than version 3.0").await;
    assert_eq!(open(&attended.manual().await), ALL);
}

#[tokio::test]
async fn a_custom_app_with_the_provider_s_callback_needs_no_relay() {
    let mut attended = older(&json!({ "customer": "Acme Corporation", "callback": "salesforce" })).await;
    let page = attended.manual().await;
    assert!(!open(&page).contains(&"callback".to_owned()), "{:?}", open(&page));
    attended.make_provider(&page);
    attended.make_credential(&page);
    attended.authenticate(START_ON_SAVE).await;
    for task in open(&page) {
        attended.tick(&task).await;
    }
    attended.wire().await;
    let told = attended.must_be("connected").await;
    let what = told["next_action"]["what"].as_str().unwrap();
    assert!(
        what.contains("nothing of this connection can be seen from here"),
        "{what}"
    );
    must_be_wired(&attended);
}
