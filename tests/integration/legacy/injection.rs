//! Our token, deployed into the classic Named Credential where it is known that this counts: what it saves a person where it does, and that
//! nothing is lost where it does not (facts/salesforce 7, 14.3).

use std::time::Duration;

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::{both, go_on, gone_on, must_be_wired, must_not_write_again, must_show_no_token};
use crate::attended::Attended;
use crate::listening;
use crate::probe::configured;

const ACCEPTED: &str = "CONNECTOR_CAPABILITIES=legacy_token_injection=accepted";

/// Org and PIM are connected, and this is what the service knows.
async fn knowing(line: &str, switches: &Value) -> Attended {
    let mut attended = both(switches).await;
    attended.stack.services = configured(&attended.stack.services, line);
    attended
}

/// The token that the PIM accepts.
fn live(attended: &Attended) -> String {
    let tokens = attended.pim().state().live_tokens;
    assert_eq!(tokens.len(), 1, "both sides share one token");
    tokens[0].value.clone()
}

/// Whether each deploy so far carried a token; of a file that did, the token is ours.
fn carried(attended: &Attended) -> Vec<bool> {
    let deploys = attended.org().state()["deploys"].clone();
    let token = |deploy: &Value| deploy["files"][0]["fields"].get("oauthToken").cloned();
    let tokens = deploys.as_array().unwrap().iter().map(token);
    tokens
        .map(|token| token.inspect(|token| assert_eq!(*token, live(attended))).is_some())
        .collect()
}

#[tokio::test]
async fn a_token_that_counts_saves_the_person_s_trip() {
    listening::begin();
    let mut attended = knowing(ACCEPTED, &json!({ "legacy_oauth_token": "authenticates" })).await;
    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(
        shown["wiring"]["evidence"], "callout",
        "proven by the org's own callout"
    );
    assert_eq!(carried(&attended), [false, false, true]);
    must_be_wired(&attended);
    let hops = attended.org().requests();
    assert!(hops.iter().all(|entry| !entry.path.starts_with("/services/auth/xds")));
    must_not_write_again(&attended).await;

    // It is in the deployed archive and nowhere else.
    must_show_no_token(&mut attended).await;
}

#[tokio::test]
async fn a_token_that_does_not_count_leaves_the_browser_s_way() {
    for (effect, expected) in [
        ("ignored", &[false, false, true][..]),
        // Deployed once more, without.
        ("refused", &[false, false, true, false]),
    ] {
        let mut attended = knowing(ACCEPTED, &json!({ "legacy_oauth_token": effect })).await;
        attended.finish().await;
        assert_eq!(carried(&attended), expected, "{effect}");
        must_be_wired(&attended);
        must_not_write_again(&attended).await;
        assert_eq!(carried(&attended), expected, "{effect}: not tried again");
    }
}

/// Without a callout nothing proves it, and an unproven token skips nothing.
#[tokio::test]
async fn a_token_that_cannot_be_proven_skips_nothing() {
    let mut attended = knowing(ACCEPTED, &json!({ "legacy_oauth_token": "authenticates" })).await;
    attended.act(&Action::SetPermissions {
        username: None,
        permissions: json!({ "author_apex": false }),
    });
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(shown["wiring"]["evidence"], "relay");

    let blind = "CONNECTOR_CAPABILITIES=legacy_token_injection=accepted,execute_anonymous=refused";
    let attended = knowing(blind, &json!({ "legacy_oauth_token": "authenticates" })).await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    assert_eq!(carried(&attended), [false; 3], "not handed over for nothing");
}

#[tokio::test]
async fn no_token_leaves_us_unless_it_is_known_to_count() {
    for line in [
        "CONNECTOR_CAPABILITIES=",
        "CONNECTOR_CAPABILITIES=legacy_token_injection=refused",
    ] {
        let attended = knowing(line, &json!({ "legacy_oauth_token": "authenticates" })).await;
        attended.wire().await;
        attended.must_be("authorize_principal").await;
        assert_eq!(carried(&attended), [false; 3], "{line}");
        assert_eq!(attended.org().state()["legacy_tokens"], json!([]), "{line}");
    }
}

/// Where the org may hold another PIM's token, ours goes no way but the browser's: if it did not count, the other one would stay.
#[tokio::test]
async fn an_org_of_another_pim_gets_no_token() {
    let mut attended = knowing(ACCEPTED, &json!({ "legacy_oauth_token": "authenticates" })).await;
    attended.act(&Action::LegacySetup {
        base_url: "https://other-pim.example.com".to_owned(),
        client_id: "other-app".to_owned(),
        client_secret: "other-secret".to_owned(),
    });
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    assert!(!carried(&attended).contains(&true), "{:?}", carried(&attended));
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("connected").await;
    assert!(!carried(&attended).contains(&true), "{:?}", carried(&attended));
    must_be_wired(&attended);
}

/// With Salesforce's own callback we hold no token that could be deployed.
#[tokio::test]
async fn who_holds_no_token_deploys_none() {
    let terms = json!({ "customer": "Acme", "callback": "salesforce" });
    let mut attended = Attended::invited(Preset::Legacy, &terms).await;
    attended.set(&json!({ "legacy_oauth_token": "authenticates" }));
    attended.stack.services = configured(&attended.stack.services, ACCEPTED);
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    go_on(&mut attended).await;
    attended.enter_app_of_the_auth_provider().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    assert_eq!(attended.org().state()["deploys"].as_array().map(Vec::len), Some(3));
    assert!(!attended.org().state()["deploys"].to_string().contains("oauthToken"));
    attended.finish_from_principal().await;
}

/// The process dies right after the deploy: the next run proves what is there and writes nothing.
#[tokio::test]
async fn a_token_that_was_deployed_before_a_crash_is_proven_by_the_next_run() {
    let mut attended = gone_on(&json!({ "legacy_oauth_token": "authenticates" })).await;
    attended.stack.services = configured(&attended.stack.services, ACCEPTED);
    attended.connect_pim().await;
    super::crash::die_after(&attended, 3).await;
    attended.clock.advance(crate::attended::LEASE);
    attended.wire().await;
    attended.must_be("connected").await;
    assert_eq!(carried(&attended), [false, false, true]);
    must_be_wired(&attended);
}
