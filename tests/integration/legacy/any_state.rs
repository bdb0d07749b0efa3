//! Part D from any state that people can leave an org in, cut off before any write and begun again: it ends as the guide prescribes, our
//! app's credentials are never kept for another host's endpoints, and what others made stays.

use proptest::prelude::*;
use proptest::test_runner::Config;
use salesforce_simulator::{Action, Canned, FaultKind};
use serde_json::{Value, json};

use super::{gone_on, must_be_wired, must_not_write_again, pim};
use crate::attended::{Attended, org_fault};

/// How many states are tried.
const CASES: u32 = 12;
/// What others did to the org, each as the body of an action; one that finds nothing to change changes nothing.
const DEEDS: &[&str] = &[
    r#"{"action": "legacy-setup", "base_url": "https://other-pim.example.com", "client_id": "other", "client_secret": "secret"}"#,
    r#"{"action": "legacy-setup", "base_url": "https://third.example.com", "client_id": "third", "client_secret": "secret"}"#,
    r#"{"action": "set-plugin-setting", "label": "Token Endpoint", "value": "https://elsewhere.example.com/token"}"#,
    r#"{"action": "set-plugin-setting", "label": "Client ID", "value": "another"}"#,
    r#"{"action": "set-plugin-setting", "label": "Authentication Scopes", "value": "read_products"}"#,
    r#"{"action": "delete-named-credential"}"#,
    r#"{"action": "delete-auth-provider"}"#,
    r#"{"action": "callouts-off"}"#,
    r#"{"action": "callouts-on"}"#,
];

/// Our client id stands only beside our PIM's endpoints, and a token of ours meets callouts to our PIM only.
fn must_be_safe(attended: &Attended, when: &str) {
    let (state, pim) = (attended.org().state(), pim(attended));
    let (client_id, _) = attended.app.clone().unwrap();
    for record in state["plugin_records"].as_array().unwrap() {
        let values = &record["values"];
        if values["akeneo_pim__Client_Id__c"] == client_id {
            let endpoint = values["akeneo_pim__Token_Endpoint__c"].as_str().unwrap();
            assert!(
                endpoint.starts_with(&pim),
                "{when}: our secret would be sent to {endpoint}"
            );
        }
    }
    let ours = state["legacy_tokens"]
        .as_array()
        .is_some_and(|tokens| !tokens.is_empty());
    for named in state["named_credentials"].as_array().unwrap() {
        let open = named["callout_status"] == "Enabled" && named["url"] != pim;
        assert!(!(ours && open), "{when}: our token would be sent to {}", named["url"]);
    }
}

/// What others made, which nothing of this touches.
fn others(attended: &Attended) -> Value {
    let state = attended.org().state();
    json!([
        state["users"],
        state["client_apps"],
        state["external_credentials"],
        state["permission_sets"],
        state["permission_set_assignments"]
    ])
}

/// The next writes: so many are let through, the one after them is refused.
fn cut_off(attended: &Attended, after: usize) {
    for at in 0..=after {
        let kind = if at == after {
            FaultKind::Status
        } else {
            FaultKind::Delay
        };
        let mut fault = org_fault(kind, Some("POST"), "metadata/deployRequest", 1);
        fault.delay_ms = Some(0);
        fault.canned = (at == after).then_some(Canned::RequestLimitExceeded);
        attended.org().add_fault(fault);
    }
}

async fn carry_through(deeds: &[usize], cuts: &[usize]) {
    let mut attended = gone_on(&json!({})).await;
    attended.act(&Action::MakeClientApp {
        name: "Other".to_owned(),
        fields: json!({}),
    });
    for deed in deeds {
        let action: Action = serde_json::from_str(DEEDS[*deed]).unwrap();
        let _nothing_to_change = attended.org().act(&action);
    }
    attended.connect_pim().await;
    let before = others(&attended);
    for after in cuts {
        cut_off(&attended, *after);
        attended.wire_later().await;
        attended.org().clear_faults();
        must_be_safe(&attended, "cut off");
    }
    attended.carry_on(must_be_safe).await;
    must_be_wired(&attended);
    assert_eq!(others(&attended), before);
    must_not_write_again(&attended).await;
}

proptest! {
    #![proptest_config(Config::with_cases(CASES))]

    #[test]
    fn every_state_ends_as_the_guide_prescribes(
        deeds in prop::collection::vec(0..DEEDS.len(), 0..4),
        cuts in prop::collection::vec(0_usize..3, 0..3),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(carry_through(&deeds, &cuts));
    }
}
