//! A walk with orgs that need a person: it tells the stop, acts as the person would, and goes on; what nobody expected is an error.

use connector_local::stack::{Options, Stack};
use connector_local::verdict::{Ending, walk};
use serde_json::{Value, json};

use super::demo::run;

fn printed(arguments: &[&str]) -> Value {
    let ended = run(arguments);
    assert_eq!(ended.status.code(), Some(0), "{}", ended.complaint);
    serde_json::from_str(&ended.said).unwrap()
}

#[test]
fn the_list_says_what_is_special_and_how_a_walk_ends() {
    let all = printed(&["--list", "--json"]);
    let row = |name: &str| {
        all.as_array()
            .unwrap()
            .iter()
            .find(|row| row["preset"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(row("ready")["ends"], "connected");
    let duplicate = row("duplicate-rows");
    assert_eq!(
        duplicate["ends"],
        "salesforce_admin: deletes the extra row in Setup; then connected"
    );
    assert_eq!(duplicate["special"], "a request parameter exists twice");
    let table = run(&["--list"]).said;
    assert_eq!(table.lines().count(), all.as_array().unwrap().len() + 1);
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("duplicate-rows ") && line.ends_with("then connected"))
    );
}

#[test]
fn a_stop_is_told_and_what_the_person_did_about_it() {
    let ending = printed(&["--auto", "--json", "--org", "duplicate-rows"]);
    assert_eq!(ending["result"], "connected");
    let stops = ending["stops"].as_array().unwrap();
    assert_eq!(stops.len(), 1, "{stops:?}");
    assert_eq!(
        (&stops[0]["stage"], &stops[0]["who"]),
        (&json!("wiring_blocked"), &json!("salesforce_admin"))
    );
    assert!(stops[0]["what"].as_str().unwrap().contains("Delete the extra rows"));
    assert_eq!(
        stops[0]["remedy"],
        json!([{ "action": "delete-duplicates", "name": "code_challenge" }])
    );
}

#[test]
fn a_leg_that_failed_is_walked_again() {
    let ending = printed(&["--auto", "--json", "--org", "denied"]);
    assert_eq!(
        (&ending["result"], &ending["stops"][0]["fault"]),
        (&json!("connected"), &json!("denied"))
    );
}

#[tokio::test]
async fn a_stop_that_nobody_expected_ends_the_walk() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let refused = json!({ "tooling_callout_status": "reject", "writes": { "deploy_named_credential": "reject" } });
    stack.org.control().patch_settings(&refused).unwrap();
    let ending = walk(&stack.url, stack.pim.url(), stack.org.url(), &mut |_| {})
        .await
        .unwrap();
    let Ending::NeedsAPerson(stop) = ending else {
        panic!("{ending}")
    };
    assert_eq!((stop.stage.as_str(), stop.remedy.len()), ("wiring_blocked", 0));
    stack.stop().await;
}

#[test]
fn an_app_with_salesforce_s_own_callback_ends_connected_too() {
    let ending = printed(&["--auto", "--json", "--callback", "salesforce"]);
    assert_eq!(
        (&ending["result"], &ending["scopes"], &ending["callouts"]),
        (
            &json!("connected"),
            &json!("known to Salesforce alone"),
            &json!("Enabled")
        )
    );
    assert_eq!(ending["org_holds_that_token"], true, "the one token there is");
    assert_eq!(ending["stops"], json!([]));
}

#[test]
fn the_package_is_installed_and_an_own_app_entered_through_the_pages() {
    for (preset, at) in [
        ("package-install-by-service", "package_missing"),
        ("own-app", "connect_salesforce"),
    ] {
        let ending = printed(&["--auto", "--json", "--org", preset]);
        let stops = ending["stops"].as_array().unwrap();
        assert_eq!((stops.len(), &stops[0]["stage"]), (1, &json!(at)), "{preset}");
        assert_eq!(ending["org_probe"], "as it should be");
    }
}

/// The guide's Part D by hand, through the pages: where the org refuses our writes, and where the customer gives no access.
#[test]
fn part_d_is_followed_by_hand_through_the_pages() {
    for (preset, stages, org_probe) in [
        (
            "legacy-writes-refused",
            ["package_outdated", "wiring_blocked"],
            "as it should be",
        ),
        (
            "legacy-by-hand",
            ["connect_salesforce", "set_up_by_hand"],
            "not possible, it was set up by hand",
        ),
    ] {
        let ending = printed(&["--auto", "--json", "--org", preset]);
        let stops = ending["stops"].as_array().unwrap();
        let at: Vec<_> = stops.iter().map(|stop| stop["stage"].as_str().unwrap()).collect();
        assert_eq!(
            (&ending["result"], at),
            (&json!("connected"), stages.to_vec()),
            "{preset}"
        );
        assert_eq!(
            (&ending["org_probe"], &ending["org_holds_that_token"]),
            (&json!(org_probe), &json!(true))
        );
    }
}
