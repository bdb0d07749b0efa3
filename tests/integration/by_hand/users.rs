//! The users that run transfers: found by name, given access each for itself, and told about each for itself.

use connector_local::browser::Page;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::Attended;

const USERS: &str = "/setup/org/users";
const LICENCE: &str = "LICENSE_LIMIT_EXCEEDED";

async fn users(attended: &mut Attended) -> Page {
    let url = attended.at(USERS);
    attended.walk.browser.open(url).await.unwrap()
}

async fn search(attended: &mut Attended, text: &str) -> Page {
    let form = users(attended).await.form("Search in Salesforce").unwrap();
    attended.walk.browser.submit(form.with("query", text)).await.unwrap()
}

/// Searches, and chooses whoever was found.
async fn add(attended: &mut Attended, text: &str) {
    let found = search(attended, text).await;
    let mut form = found
        .form("Add the chosen users")
        .unwrap_or_else(|_| panic!("{}", found.text()));
    let ids = found.attributes("input[type=checkbox]", "value");
    for (index, id) in ids.into_iter().enumerate() {
        form = form.with(&format!("user-{}", index + 1), id);
    }
    attended.walk.browser.submit(form).await.unwrap();
}

fn assigned(attended: &Attended, username: &str) -> usize {
    let state = attended.org().state();
    let users = state["users"].as_array().unwrap();
    let id = users.iter().find(|user| user["username"] == username).unwrap()["id"].clone();
    let rows = state["permission_set_assignments"].as_array().unwrap();
    rows.iter().filter(|row| row["assignee_id"] == id).count()
}

#[tokio::test]
async fn users_are_found_by_part_of_their_name_and_nothing_leaves_the_quotes() {
    let mut attended = Attended::both(Preset::Ready).await;
    for (text, expect) in [
        ("ingo", "integration@acme.example"),
        ("SALES@", "sales@acme.example"),
        ("cloud@", "one of Salesforce’s own users"),
        ("100%", "No other active user"),
        ("__", "No other active user"),
        ("' OR IsActive=true OR Name LIKE '", "No other active user"),
        ("x", "Type at least two letters"),
    ] {
        let found = search(&mut attended, text).await;
        assert!(found.text().contains(expect), "{text}: {}", found.text());
    }
    attended.act(&Action::DeactivateUser {
        username: Some("sales@acme.example".to_owned()),
    });
    assert!(!search(&mut attended, "sales@").await.text().contains("Sam Sales"));
}

#[tokio::test]
async fn each_user_is_given_access_and_one_whom_the_org_refuses_holds_up_no_other() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.set(&json!({ "refused_assignments": { "sales@acme.example": LICENCE } }));
    attended.wire().await;
    for name in ["ada", "ingo", "sam"] {
        add(&mut attended, name).await;
    }
    attended.wire().await;
    let shown = attended.must_be("authorize_principal").await;
    assert_eq!(
        shown["wiring"]["findings"],
        json!([{ "finding": "runner_without_access", "user": "sales@acme.example", "why": "licence" }])
    );
    assert!(assigned(&attended, "admin@acme.example") > 0 && assigned(&attended, "integration@acme.example") > 0);
    assert_eq!(assigned(&attended, "sales@acme.example"), 0);
    let page = users(&mut attended).await.text();
    assert!(
        page.contains("does not let sales@acme.example have the permission set"),
        "{page}"
    );
    attended.finish_from_principal().await;

    // What was refused is not provoked again by a look that nobody asked for.
    let before = attended.writes().len();
    attended.reconcile().await.unwrap();
    attended.sweep_later().await;
    assert_eq!(attended.writes().len(), before, "{:?}", attended.written());
    attended.must_be("connected").await;

    // Somebody gives the user another licence and asks for a look.
    attended.set(&json!({ "refused_assignments": null }));
    attended.check_again().await;
    attended.wire().await;
    assert!(assigned(&attended, "sales@acme.example") > 0);
    assert_eq!(attended.show().await["wiring"]["findings"], json!([]));
}

#[tokio::test]
async fn an_inactive_user_is_told_and_the_last_one_stops_the_wiring() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.wire().await;
    add(&mut attended, "ingo").await;
    attended.act(&Action::DeactivateUser {
        username: Some("integration@acme.example".to_owned()),
    });
    attended.wire().await;
    let shown = attended.must_be("wiring_blocked").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    let page = users(&mut attended).await.text();
    assert!(page.contains("integration@acme.example is inactive"), "{page}");
    add(&mut attended, "ada").await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    let told = attended.page().await;
    assert!(told.contains("integration@acme.example is inactive"), "{told}");
}

#[tokio::test]
async fn one_of_salesforce_s_own_users_is_told_in_its_own_words() {
    let mut attended = Attended::both(Preset::Ready).await;
    let id = attended.org().state()["org"]["id"].as_str().unwrap().to_lowercase();
    attended.set(&json!({ "refused_assignments": { format!("cloud@{id}"): "FIELD_INTEGRITY_EXCEPTION" } }));
    attended.wire().await;
    for name in ["ada", "cloud@"] {
        add(&mut attended, name).await;
    }
    attended.wire().await;
    let shown = attended.must_be("authorize_principal").await;
    assert_eq!(shown["wiring"]["findings"][0]["why"], "machine");
}

#[tokio::test]
async fn who_is_taken_off_the_list_keeps_what_the_org_gave() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.wire().await;
    for name in ["ada", "ingo"] {
        add(&mut attended, name).await;
    }
    attended.wire().await;
    let form = users(&mut attended)
        .await
        .form("Remove integration@acme.example")
        .unwrap();
    attended.walk.browser.submit(form).await.unwrap();
    attended.wire().await;
    assert!(assigned(&attended, "integration@acme.example") > 0);
    let shown = attended.show().await;
    let names: Vec<_> = shown["salesforce"]["runners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["username"])
        .collect();
    assert_eq!(names, [&json!("admin@acme.example")]);
    assert!(
        users(&mut attended)
            .await
            .text()
            .contains("takes nothing away in Salesforce")
    );
    let deleted = attended
        .writes()
        .iter()
        .filter(|entry| entry.method == "DELETE")
        .count();
    assert_eq!(deleted, 0);
    let chosen = shown["timeline"].as_array().unwrap().iter();
    let chosen: Vec<&Value> = chosen.filter(|entry| entry["event"] == "runners_chosen").collect();
    assert_eq!(chosen[0]["users"], json!(["admin@acme.example"]));
}

#[tokio::test]
async fn a_user_who_loses_access_later_gets_it_back() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.wire().await;
    for name in ["ada", "ingo"] {
        add(&mut attended, name).await;
    }
    attended.wire().await;
    attended.finish_from_principal().await;
    attended.act(&Action::RevokeGrants {});
    attended.sweep_later().await;
    attended.must_be("connected").await;
    assert!(assigned(&attended, "integration@acme.example") > 0 && assigned(&attended, "admin@acme.example") > 0);
}
