//! An incident: told once when it begins, whatever it flaps; healed only where policy lets the service; told once when it is over.

use connector::connection::{ConnectionId, HealPolicy, update_connection};
use connector::events::Kind;
use salesforce_simulator::{Action, Fault, FaultKind};
use serde_json::json;

use super::{heard, heard_kinds};
use crate::attended::Attended;

async fn heals(attended: &Attended, policy: HealPolicy) {
    let id = ConnectionId::parse(&attended.id).unwrap();
    update_connection(&attended.stack.services, &id, |connection| {
        connection.terms.heal = policy
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_the_service_mends_is_told_within_one_sweep() {
    let mut attended = Attended::connected().await;
    let kinds = heard_kinds(&attended).await;
    assert_eq!(kinds, [Kind::Invited, Kind::Opened, Kind::Connected]);
    attended.act(&Action::CalloutsOff {});
    attended.sweep_later().await;
    let told = heard(&attended).await;
    let kinds: Vec<_> = told.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::Degraded, Kind::Healed, Kind::Recovered]);
    assert_eq!(json!(told[0].health), "callouts_off");
    assert_eq!(
        json!(told[1].detail),
        json!({ "event": "healed", "state": "callouts_off", "change": "named_credential" })
    );
    let shown = attended.must_be("connected").await;
    let trail: Vec<_> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"].clone())
        .collect();
    let page = attended.page().await;
    assert!(
        page.contains("Last incident Salesforce switched callouts off"),
        "{page}"
    );
    assert!(page.contains("this service put it right by itself"), "{page}");
    for event in ["healed", "applied", "health_changed"] {
        assert!(trail.contains(&json!(event)), "{event}: {trail:?}");
    }
}

#[tokio::test]
async fn nothing_is_healed_that_policy_forbids() {
    for (policy, break_it, state) in [
        (HealPolicy::Off, Action::CalloutsOff {}, "callouts_off"),
        (HealPolicy::Off, Action::RevokeGrants {}, "access_missing"),
        (HealPolicy::Callouts, Action::RevokeGrants {}, "access_missing"),
    ] {
        let attended = Attended::connected().await;
        heals(&attended, policy).await;
        attended.act(&break_it);
        let writes = attended.writes().len();
        attended.sweep_later().await;
        attended.must_be_healthy_as("healthy").await;
        attended.sweep_later().await;
        let shown = attended.must_be_healthy_as(state).await;
        assert_eq!(attended.writes().len(), writes, "{policy:?}");
        // The service does not promise what it may not do.
        assert_eq!(shown["next_action"]["who"], "salesforce_admin", "{policy:?} {state}");
    }
    let attended = Attended::connected().await;
    heals(&attended, HealPolicy::Callouts).await;
    attended.act(&Action::CalloutsOff {});
    attended.sweep_later().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}

#[tokio::test]
async fn an_incident_is_told_once_however_it_flaps() {
    let attended = Attended::connected().await;
    heard(&attended).await;
    let elsewhere = Action::EditUrl {
        url: "https://elsewhere.example.com".to_owned(),
    };
    let (pim, prefix) = (attended.pim(), "/api/rest/v1");
    attended.act(&elsewhere);
    for _ in 0..3 {
        attended.sweep_later().await;
    }
    assert_eq!(heard_kinds(&attended).await, [Kind::Degraded]);
    // The org is silent for a while, which is another cause; then the first one shows again.
    let silent = Fault {
        status: Some(503),
        count: 1000,
        ..Fault::new(FaultKind::Status, "/services/data/v66.0")
    };
    for _ in 0..2 {
        attended.org().add_fault(silent.clone());
        attended.sweep_later().await;
        attended.sweep_later().await;
        attended.must_be_healthy_as("org_unreachable").await;
        attended.org().clear_faults();
        attended.sweep_later().await;
        attended.sweep_later().await;
        attended.must_be_healthy_as("drifted").await;
    }
    assert_eq!(heard_kinds(&attended).await, [Kind::Degraded]);
    attended.act(&Action::EditUrl {
        url: attended.stack.pim.url().as_str().trim_end_matches('/').to_owned(),
    });
    attended.act(&Action::CalloutsOn {});
    attended.sweep_later().await;
    let kinds = heard_kinds(&attended).await;
    assert_eq!(
        kinds.iter().filter(|kind| **kind == Kind::Recovered).count(),
        1,
        "{kinds:?}"
    );
    // A maintenance page that says 401 takes nobody down, however long it stands there.
    pim.add_fault(akeneo_simulator::Fault {
        status: Some(401),
        ..akeneo_simulator::Fault::new(akeneo_simulator::FaultKind::Status, prefix)
    });
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("pim_unreachable").await;
}

#[tokio::test]
async fn a_package_that_is_gone_is_told_and_so_is_its_return() {
    let attended = Attended::connected().await;
    heard(&attended).await;
    attended.act(&Action::UninstallPackage {});
    attended.sweep_later().await;
    attended.sweep_later().await;
    let shown = attended.must_be_healthy_as("package_changed").await;
    assert_eq!(
        (&shown["stage"], &shown["next_action"]["who"]),
        (&json!("package_missing"), &json!("salesforce_admin"))
    );
    assert_eq!(heard_kinds(&attended).await, [Kind::Degraded]);
}
