//! The health sweep: whom it looks at, that one bad look is not believed, and the state that each trouble has.

use akeneo_simulator::FaultKind as PimFault;
use connector_local::browser::Page;
use connector_local::walk::Walk;
use salesforce_simulator::{Action, Canned, Fault, FaultKind, Preset};
use serde_json::{Value, json};

use crate::attended::Attended;

/// One bad look changes nothing, the second does; a good one ends it.
async fn is_told(trouble: impl Fn(&Attended), state: &str, who: &str, over: impl Fn(&Attended)) {
    let mut attended = Attended::connected().await;
    trouble(&attended);
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    attended.must_be("connected").await;
    attended.sweep_later().await;
    let shown = attended.must_be_healthy_as(state).await;
    assert_eq!(shown["next_action"]["who"], who, "{state}: {}", shown["next_action"]);
    let changed = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .any(|entry| entry["event"] == "health_changed" && entry["state"] == state);
    assert!(changed, "{state} is in the audit trail");
    let Page { html, .. } = attended.walk.journey().await.unwrap();
    assert!(!html.contains("The connection works"), "{state}");
    over(&attended);
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    attended.must_be("connected").await;
}

fn pim_fault(attended: &Attended, kind: PimFault, status: Option<u16>) {
    attended.pim().add_fault(akeneo_simulator::Fault {
        status,
        ..akeneo_simulator::Fault::new(kind, "/api/rest/v1")
    });
}

fn org_fault(attended: &Attended, canned: Canned) {
    let fault = Fault {
        canned: Some(canned),
        count: 1000,
        ..Fault::new(FaultKind::Status, "/services/data/v66.0")
    };
    attended.org().add_fault(fault);
}

#[tokio::test]
async fn trouble_that_passes() {
    let pim_is_back = |attended: &Attended| attended.pim().clear_faults();
    let org_is_back = |attended: &Attended| attended.org().clear_faults();
    tokio::join!(
        is_told(
            |at| pim_fault(at, PimFault::Status, None),
            "pim_unreachable",
            "service",
            pim_is_back
        ),
        is_told(
            |at| pim_fault(at, PimFault::ResetBefore, None),
            "pim_unreachable",
            "service",
            pim_is_back
        ),
        is_told(
            |at| pim_fault(at, PimFault::Status, Some(429)),
            "rate_limited",
            "service",
            pim_is_back
        ),
        is_told(
            |at| org_fault(at, Canned::Html503),
            "org_unreachable",
            "service",
            org_is_back
        ),
        is_told(
            |at| org_fault(at, Canned::RequestLimitExceeded),
            "rate_limited",
            "service",
            org_is_back
        ),
    );
}

#[tokio::test]
async fn a_scope_that_is_taken_away_and_given_back() {
    let acl = |scopes: Value| {
        move |at: &Attended| drop(at.pim().patch_settings(json!({ "removed_role_acls": scopes })).unwrap())
    };
    is_told(
        acl(json!(["read_categories"])),
        "scope_lost",
        "pim_admin",
        acl(json!([])),
    )
    .await;
}

#[tokio::test]
async fn callouts_that_may_not_be_switched_on_again() {
    let attended = Attended::connected().await;
    attended.act(&Action::CalloutsOff {});
    attended.set(&json!({ "tooling_callout_status": "reject", "writes": { "deploy_named_credential": "reject" } }));
    attended.sweep_later().await;
    // The org's own record shows it, so it needs no second look.
    attended.must_be_healthy_as("callouts_off").await;
    attended.wire_later().await;
    let shown = attended.must_be_healthy_as("callouts_off").await;
    assert_eq!(
        (&shown["stage"], &shown["next_action"]["who"]),
        (&json!("wiring_blocked"), &json!("salesforce_admin"))
    );
    assert!(
        shown["next_action"]["what"]
            .as_str()
            .unwrap()
            .contains("Enabled for Callouts")
    );
    attended.act(&Action::CalloutsOn {});
    attended.wire_later().await;
    attended.must_be("connected").await;
}

#[tokio::test]
async fn a_token_that_another_scope_set_has_replaced() {
    let mut attended = Attended::connected().await;
    let (client_id, _) = attended.app.clone().unwrap();
    attended.pim().second_consumer(&client_id, &["read_products"]).unwrap();
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    attended.sweep_later().await;
    let shown = attended.must_be_healthy_as("token_revoked").await;
    assert_eq!(shown["next_action"]["who"], "pim_admin");
    let page = attended.walk.authorize_again().await.unwrap();
    attended.walk.consent(page).await.unwrap();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
}

#[tokio::test]
async fn only_what_is_due_is_looked_at() {
    let attended = Attended::connected().await;
    let asked = attended.org().requests().len();
    let sweep = attended.sweep().await;
    assert_eq!((sweep.checked, attended.org().requests().len()), (0, asked));
    let sweep = attended.sweep_later().await;
    assert_eq!(
        (sweep.checked, sweep.failed, sweep.busy, sweep.unfinished),
        (1, 0, 0, false)
    );
    assert_eq!(
        attended.sweep().await.checked,
        0,
        "it is due again only after the period"
    );
}

#[tokio::test]
async fn nobody_listens_any_more() {
    let mut attended = Attended::connected().await;
    let other = akeneo_simulator::start(akeneo_simulator::Options::default())
        .await
        .unwrap();
    std::mem::replace(&mut attended.stack.pim, other).stop().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("pim_unreachable").await;
    let other = salesforce_simulator::start(salesforce_simulator::Options::default())
        .await
        .unwrap();
    std::mem::replace(&mut attended.stack.org, other).stop().await;
    attended.sweep_later().await;
    attended.sweep_later().await;
    let shown = attended.must_be_healthy_as("org_unreachable").await;
    assert_eq!(shown["wiring"]["waiting"], "org");
}

#[tokio::test]
async fn orgs_that_do_not_answer_do_not_keep_each_other_waiting() {
    // A PIM for each: two connections of one PIM are never looked at side by side.
    let mut pims = Vec::new();
    for _ in 0..3 {
        let pim = akeneo_simulator::start(akeneo_simulator::Options::default())
            .await
            .unwrap();
        pims.push(pim);
    }
    let permit = pims
        .iter()
        .map(|pim| pim.url().origin().ascii_serialization())
        .collect();
    let acme = json!({ "customer": "Acme Corporation" });
    let mut attended = Attended::permitted(Preset::Ready, &acme, permit).await;
    attended.connect_both().await;
    attended.finish().await;
    let mut former = Vec::new();
    for (customer, pim) in ["Globex", "Initech", "Umbrella"].into_iter().zip(pims) {
        former.push(std::mem::replace(&mut attended.stack.pim, pim));
        attended.walk = Walk::new(&attended.stack.url, attended.stack.pim.url()).unwrap();
        let made = attended.walk.invite(&json!({ "customer": customer })).await.unwrap();
        let link = made["link"].as_str().unwrap().parse().unwrap();
        attended.walk.start(&link).await.unwrap();
        attended.id = made["connection"].as_str().unwrap().to_owned();
        attended.connect_both().await;
        attended.wire().await;
        attended.walk.authorize_principal().await.unwrap();
        // The org held the token of another app before.
        attended.clock.advance(std::time::Duration::from_secs(31));
        attended.wire().await;
        attended.must_be("connected").await;
    }
    let delay = Fault {
        delay_ms: Some(3000),
        count: 4,
        ..Fault::new(FaultKind::Delay, "/services/data/v66.0/query")
    };
    attended.org().add_fault(delay);
    let in_turn = connector::clock::Deadline::after(std::time::Duration::from_secs(10));
    let sweep = attended.sweep_later().await;
    assert_eq!((sweep.checked, sweep.failed), (4, 0));
    assert!(!in_turn.has_passed(), "four pauses of three seconds, side by side");
    drop(former);
}
