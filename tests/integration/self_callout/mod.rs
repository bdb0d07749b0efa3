//! Picklist synchronisation ("Salesforce Self"): both ways to set it up, what can go wrong, and that the connection itself never
//! suffers from it (facts/salesforce 8).

mod app;
mod records;
mod trouble;

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::Attended;
use connector_local::browser::Page;

const HERE: &str = "/setup/org/self";
const KEY: &str = "3MVG9.own";
const SECRET: &str = "the-app-s-own-secret";

/// A connection that is connected, in an org with these settings on top of the preset's.
async fn connected(preset: Preset, settings: Value) -> Attended {
    let mut attended = Attended::begin(preset).await;
    attended.set(&json!({ "client_app_propagation_seconds": 0 }));
    attended.set(&settings);
    attended.connect_both().await;
    attended.finish().await;
    attended
}

/// Sends one of the page's forms.
async fn press(attended: &mut Attended, fields: &[(&str, &str)]) -> Page {
    attended.walk.press_on(HERE, HERE, fields).await.unwrap()
}

async fn deploy(attended: &mut Attended) {
    press(attended, &[("action", "deploy")]).await;
    attended.wire().await;
}

/// A person makes the app in Setup as the page says, but for these fields.
fn make_app(attended: &Attended, fields: Value) {
    let mut all = json!({ "consumer_key": KEY, "consumer_secret": SECRET });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    attended.act(&Action::MakeClientApp {
        name: "Picklists".to_owned(),
        fields: all,
    });
}

fn edit_app(attended: &Attended, name: &str, fields: Value) {
    attended.act(&Action::EditClientApp {
        name: name.to_owned(),
        fields,
    });
}

async fn paste(attended: &mut Attended, key: &str, secret: &str) -> Page {
    let fields = [("action", "paste"), ("client_id", key), ("client_secret", secret)];
    let page = press(attended, &fields).await;
    attended.wire().await;
    page
}

async fn check_again(attended: &mut Attended) {
    press(attended, &[("action", "check")]).await;
    attended.wire().await;
}

/// Asserts where it stands; the connection itself is connected and healthy all the time.
#[track_caller]
fn judge(shown: &Value, stage: &str) -> Value {
    let about = shown["self_callout"].clone();
    assert_eq!(about["stage"], stage, "{about}");
    assert_eq!(
        (&shown["stage"], &shown["health"]),
        (&json!("connected"), &json!("healthy"))
    );
    about
}

async fn must_be(attended: &Attended, stage: &str) -> Value {
    let shown = attended.show().await;
    judge(&shown, stage)
}

/// [`must_be`] `needs_person`, with these words.
async fn must_say(attended: &Attended, words: &str) {
    let about = must_be(attended, "needs_person").await;
    let what = about["next_action"]["what"].as_str().unwrap();
    assert!(what.contains(words), "{what}");
}

/// The record of a list of the org's state by its full name.
fn record(attended: &Attended, list: &str, full_name: &str) -> Value {
    let state = attended.org().state();
    let all = state[list].as_array().unwrap();
    let found = all
        .iter()
        .find(|one| one["full_name"] == full_name || one["external_credential"] == full_name);
    found
        .unwrap_or_else(|| panic!("{full_name} in {list}: {all:?}"))
        .clone()
}

/// The root of the org's My Domain.
fn root(attended: &Attended) -> String {
    attended.stack.org.url().as_str().trim_end_matches('/').to_owned()
}

/// Proves that the records lead to the org itself, with an app of these keys.
fn must_be_wired(attended: &Attended, external: &str, key: &str) {
    let named = record(attended, "named_credentials", external);
    assert_eq!(
        (&named["url"], &named["callout_status"]),
        (&json!(root(attended)), &json!("Enabled"))
    );
    let state = attended.org().state();
    let principals = state["principals"].as_array().unwrap();
    let principal = principals
        .iter()
        .find(|one| one["external_credential"] == external)
        .unwrap();
    assert_eq!(principal["status"], "Configured");
    let granted = state["setup_entity_access"].as_array().unwrap();
    assert_eq!(
        granted
            .iter()
            .filter(|row| row["setup_entity_id"] == principal["id"])
            .count(),
        1
    );
    let apps = state["client_apps"].as_array().unwrap();
    let app = apps.iter().find(|app| app["consumer_key"] == key).unwrap();
    assert_eq!(
        (&app["scopes"], &app["flow_in_policy"]),
        (&json!(["api"]), &json!(true))
    );
}
