//! From any state that people, the package and time can leave an org in, stopped anywhere and begun again, it ends as it should be: no
//! token ever goes to another host, and what others made stays.

use proptest::prelude::*;
use proptest::test_runner::Config;
use salesforce_simulator::{Action, Canned, FaultKind, Preset};
use serde_json::{Value, json};

use crate::attended::{Attended, org_fault};

/// How many states are tried.
const CASES: u32 = 16;
/// What others did to the org, each as the body of an action.
const DEEDS: &[&str] = &[
    r#"{"action": "set-up-elsewhere"}"#,
    r#"{"action": "half-set-up", "base_url": "https://half-way.example.com"}"#,
    r#"{"action": "in-app-setup", "base_url": "https://third.example.com", "client_id": "other", "client_secret": "secret"}"#,
    r#"{"action": "delete-parameter", "name": "code_challenge"}"#,
    r#"{"action": "delete-parameter", "name": "code_identifier"}"#,
    r#"{"action": "set-parameter", "name": "code_challenge", "value": "0000"}"#,
    r#"{"action": "edit-url", "url": "https://elsewhere.example.com"}"#,
    r#"{"action": "edit-provider", "token_url": "https://elsewhere.example.com/token"}"#,
    r#"{"action": "callouts-on"}"#,
    r#"{"action": "callouts-off"}"#,
    r#"{"action": "set-credentials", "client_id": "other", "client_secret": "secret"}"#,
    r#"{"action": "drop-principal"}"#,
    r#"{"action": "lose-uec-read"}"#,
    r#"{"action": "revoke-grants"}"#,
    r#"{"action": "make-namesakes"}"#,
    r#"{"action": "add-parameter", "kind": "TokenRequestHttpHeader", "name": "X-Tenant", "value": "acme"}"#,
    r#"{"action": "grant-access", "username": "sales@acme.example"}"#,
];
/// The writes that a run is cut off before; the one before it was done.
const CUTS: &[&str] = &[
    "named-credentials/external-auth-identity-providers/",
    "named-credentials/external-auth-identity-provider-credentials/",
    "sobjects/PermissionSetAssignment",
    "tooling/sobjects/NamedCredential/",
];

/// A token of another PIM never meets callouts to ours, ours never meets callouts to another host, and our secret is never kept for the
/// token endpoint of another.
fn must_be_safe(attended: &Attended, when: &str) {
    let (named, state) = (attended.named_credential(), attended.org().state());
    let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
    let token = state["principals"][0]["access_token"].as_str().unwrap_or_default();
    let (foreign, ours) = (token == "token-of-the-other-pim", is_ours(attended, token));
    let (open, here) = (named["callout_status"] == "Enabled", named["url"] == pim);
    assert!(
        !(open && (foreign && here || ours && !here)),
        "{when}: one PIM's token would be sent to another"
    );
    let (provider, (client_id, _)) = (attended.provider(), attended.app.clone().unwrap());
    let endpoint = provider["token_url"].as_str().unwrap_or_default();
    assert!(
        provider["credentials"]["client_id"] != client_id || endpoint.starts_with(&pim),
        "{when}: our secret would be sent to {endpoint}"
    );
}

fn is_ours(attended: &Attended, token: &str) -> bool {
    let live = attended.pim().state().live_tokens;
    live.iter().any(|known| known.value == token)
}

/// What others made: local records, the customer's own parameters, and who else has access.
fn others(attended: &Attended) -> Value {
    let state = attended.org().state();
    let local = |list: &str| -> Vec<Value> {
        let all = state[list].as_array().unwrap().iter();
        all.filter(|record| record["namespace"].is_null()).cloned().collect()
    };
    let rows = attended.provider()["parameters"].as_array().unwrap().clone();
    let ours = ["code_identifier", "code_challenge", "AuthorizeUrl", "TokenUrl"];
    let rows: Vec<Value> = rows
        .into_iter()
        .filter(|row| !ours.contains(&row["name"].as_str().unwrap_or_default()))
        .collect();
    let sales = |row: &&Value| row["assignee_id"] != state["users"][0]["id"];
    let assignments = state["permission_set_assignments"].as_array().unwrap().iter();
    json!({
        "named_credentials": local("named_credentials"),
        "external_credentials": local("external_credentials"),
        "providers": local("external_auth_identity_providers"),
        "rows": rows,
        "assignments": assignments.filter(sales).count(),
    })
}

async fn carry_through(deeds: &[usize], cuts: &[usize]) {
    let mut attended = Attended::begin(Preset::Ready).await;
    for deed in deeds {
        let action: Action = serde_json::from_str(DEEDS[*deed]).unwrap();
        attended.act(&action);
    }
    attended.connect_both().await;
    let before = others(&attended);
    for cut in cuts {
        for method in ["PUT", "POST", "PATCH"] {
            let mut fault = org_fault(FaultKind::Status, Some(method), CUTS[*cut], 1);
            fault.canned = Some(Canned::RequestLimitExceeded);
            attended.org().add_fault(fault);
        }
        attended.wire_later().await;
        attended.org().clear_faults();
        must_be_safe(&attended, "cut off");
    }
    attended.carry_on(must_be_safe).await;
    attended.must_be_wired();
    assert_eq!(others(&attended), before);
    let writes = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), writes, "{:?}", attended.written());
}

proptest! {
    #![proptest_config(Config::with_cases(CASES))]

    #[test]
    fn every_state_ends_as_it_should_be(
        deeds in prop::collection::vec(0..DEEDS.len(), 0..5),
        cuts in prop::collection::vec(0..CUTS.len(), 0..3),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(carry_through(&deeds, &cuts));
    }
}
