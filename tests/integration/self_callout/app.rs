//! The External Client App that the service makes: what it is, and going on where a run was cut off.

use salesforce_simulator::{Action, FaultKind, Preset};
use serde_json::{Value, json};

use super::{check_again, connected, deploy, edit_app, make_app, must_be, must_be_wired, must_say, paste, press};
use crate::attended::{Attended, org_fault};

const NAME: &str = "Akeneo_Picklist_Synchronisation";

fn deploys(attended: &Attended) -> usize {
    let all = attended.writes();
    all.iter()
        .filter(|entry| entry.path.ends_with("/metadata/deployRequest"))
        .count()
}

fn app(attended: &Attended) -> Value {
    let state = attended.org().state();
    let apps = state["client_apps"].as_array().unwrap();
    apps.iter().find(|app| app["developer_name"] == NAME).unwrap().clone()
}

#[tokio::test]
async fn the_service_makes_an_app_for_this_org_that_may_do_one_thing() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    let page = press(&mut attended, &[("action", "deploy")]).await;
    assert!(page.text().contains("Being set up"), "{}", page.text());
    must_be(&attended, "wiring").await;
    attended.wire().await;
    must_be(&attended, "working").await;
    let app = app(&attended);
    must_be_wired(
        &attended,
        "akeneo_pim__Salesforce_Self",
        app["consumer_key"].as_str().unwrap(),
    );
    assert_eq!(app["label"], "Akeneo picklist synchronisation");
    assert_eq!(
        app["run_as"], "admin@acme.example",
        "the connecting admin unless another user was chosen"
    );
    assert_eq!(
        app["callback_url"],
        format!("{}/services/oauth2/callback", super::root(&attended))
    );
    let description = app["description"].as_str().unwrap();
    assert!(description.contains(&attended.id), "{description}");
    assert_eq!(deploys(&attended), 3, "settings, app, policy");
    check_again(&mut attended).await;
    assert_eq!(deploys(&attended), 3);
}

#[tokio::test]
async fn a_chosen_user_runs_it_and_one_that_does_not_exist_is_told() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    press(
        &mut attended,
        &[("action", "deploy"), ("execution_user", "nobody@acme.example")],
    )
    .await;
    attended.wire().await;
    must_say(&attended, "There is no active user nobody@acme.example in the org.").await;
    assert_eq!(deploys(&attended), 0);
    attended.act(&Action::SetPermissions {
        username: Some("integration@acme.example".to_owned()),
        permissions: json!({ "view_setup": true, "customize_application": true }),
    });
    press(
        &mut attended,
        &[("action", "deploy"), ("execution_user", "integration@acme.example")],
    )
    .await;
    attended.wire().await;
    must_be(&attended, "working").await;
    assert_eq!(app(&attended)["run_as"], "integration@acme.example");
}

#[tokio::test]
async fn an_app_that_somebody_else_made_is_not_overwritten() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    attended.act(&Action::MakeClientApp {
        name: NAME.to_owned(),
        fields: json!({ "description": "somebody's own" }),
    });
    deploy(&mut attended).await;
    must_say(&attended, "it was not made by this service").await;
    assert_eq!(
        (deploys(&attended), &app(&attended)["description"]),
        (0, &json!("somebody's own"))
    );
}

#[tokio::test]
async fn a_run_that_was_cut_off_goes_on_where_it_was() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    let silent = |place: &str| org_fault(FaultKind::ResetBefore, Some("GET"), place, 10);
    attended.org().add_fault(silent("apps/oauth/credentials"));
    deploy(&mut attended).await;
    let about = must_be(&attended, "wiring").await;
    assert_eq!(
        (&about["facts"]["making"], &about["facts"]["waiting"]),
        (&json!("secret"), &json!("org"))
    );
    attended.org().clear_faults();
    attended.wire_later().await;
    must_be(&attended, "working").await;
    assert_eq!(deploys(&attended), 3, "nothing is deployed twice");
}

#[tokio::test]
async fn where_the_org_does_not_show_the_secret_a_person_enters_it() {
    let mut attended = connected(Preset::SelfPackaged, json!({ "client_app_keys": "reject" })).await;
    deploy(&mut attended).await;
    must_say(&attended, "Consumer Key and Secret, and enter both here.").await;
    edit_app(&attended, NAME, json!({ "consumer_secret": "seen-in-setup" }));
    let key = app(&attended)["consumer_key"].as_str().unwrap().to_owned();
    paste(&mut attended, &key, "seen-in-setup").await;
    must_be(&attended, "working").await;
}

#[tokio::test]
async fn a_deploy_that_the_org_refuses_is_told() {
    let mut attended = connected(
        Preset::SelfPackaged,
        json!({ "deploy_problem": "this org deploys nothing" }),
    )
    .await;
    deploy(&mut attended).await;
    must_say(&attended, "Salesforce did not carry out the deploy").await;
    attended.set(&json!({ "deploy_problem": null }));
    check_again(&mut attended).await;
    must_be(&attended, "working").await;
}

#[tokio::test]
async fn key_and_secret_survive_a_new_grant_and_end_with_the_synchronisation() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    make_app(&attended, json!({}));
    paste(&mut attended, super::KEY, super::SECRET).await;
    must_be(&attended, "working").await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    check_again(&mut attended).await;
    must_be(&attended, "working").await;
    let page = press(&mut attended, &[("action", "off")]).await;
    assert!(page.text().contains("Two ways to set it up"));
    let about = must_be(&attended, "off").await;
    assert_eq!(about["facts"]["client_id"], Value::Null);
    let requests = attended.org().requests().len();
    attended.sweep_later().await;
    let later = attended.org().requests();
    assert!(
        later[requests..]
            .iter()
            .all(|entry| !entry.body.contains("client_credentials"))
    );
}
