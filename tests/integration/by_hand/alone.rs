//! A customer who gives no API access: everything of the guide's Part B by hand, and an end that says what nobody has checked.

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};
use url::Url;

use super::{MANUAL, open, states};
use crate::attended::Attended;

async fn choose(attended: &mut Attended, choice: &str) {
    let page = attended.walk.journey().await.unwrap();
    let form = page.form_to("/setup/by-hand").unwrap().with("choice", choice);
    attended.walk.browser.submit(form).await.unwrap();
}

/// Presses the button of one task.
async fn tick(attended: &mut Attended, task: &str) {
    let page = attended.manual().await;
    let (_, title) = states(&page).into_iter().find(|(id, _)| id == task).unwrap();
    assert_eq!(title, "To do", "{task}");
    let form = page.form_to(MANUAL).unwrap().with("action", "tick").with("task", task);
    attended.walk.browser.submit(form).await.unwrap();
}

async fn paste(attended: &mut Attended, callback: &str) -> http::StatusCode {
    let form = attended.manual().await.form_to(MANUAL).unwrap();
    let form = form.with("action", "callback").with("callback", callback);
    attended.walk.browser.submit(form).await.unwrap().status
}

/// A person at the org chooses Authenticate for the principal: out to the PIM, and back through our relay.
async fn authenticate(attended: &mut Attended) {
    let org: Url = attended.stack.org.url().clone();
    let page = attended
        .walk
        .browser
        .open(org.join("lightning/setup/NamedCredential/home").unwrap())
        .await
        .unwrap();
    let page = match page.form("Log in") {
        Ok(form) => attended.walk.browser.submit(form).await.unwrap(),
        Err(_) => page,
    };
    let form = page.form("Authenticate Default").unwrap();
    let page = attended.walk.browser.submit(form).await.unwrap();
    attended.walk.consent(page).await.unwrap();
}

#[tokio::test]
async fn an_org_is_set_up_without_any_access_of_ours() {
    let mut attended = Attended::begin(Preset::Ready).await;
    choose(&mut attended, "yes").await;
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
            paste(&mut attended, wrong).await,
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    let callback = attended.provider()["callback_url"].as_str().unwrap().to_owned();
    assert_eq!(paste(&mut attended, &callback).await, http::StatusCode::OK);
    attended.enter_all(&page);
    for task in ["pause", "provider_urls", "parameters", "credentials", "access"] {
        tick(&mut attended, task).await;
    }
    assert_eq!(open(&attended.manual().await), ["authorize", "named_credential"]);
    authenticate(&mut attended).await;
    assert_eq!(
        open(&attended.manual().await),
        ["named_credential"],
        "the relay was seen"
    );
    attended.act(&Action::CalloutsOn {});
    tick(&mut attended, "named_credential").await;
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
    choose(&mut attended, "yes").await;
    attended.connect_pim().await;
    let callback = attended.provider()["callback_url"].as_str().unwrap().to_owned();
    paste(&mut attended, &callback).await;
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
        tick(&mut attended, task).await;
    }
    authenticate(&mut attended).await;
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
    choose(&mut attended, "yes").await;
    assert!(attended.page().await.contains("You set up Salesforce by hand"));
    choose(&mut attended, "no").await;
    attended.must_be("connect_salesforce").await;
    choose(&mut attended, "yes").await;
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
    choose(&mut attended, "yes").await;
    attended.enter_app_with_salesforce_s_callback().await;
    let page = attended.manual().await;
    let tasks = open(&page);
    assert!(
        !tasks.contains(&"callback".to_owned()),
        "nothing passes through us: {tasks:?}"
    );
    for task in tasks {
        tick(&mut attended, &task).await;
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
