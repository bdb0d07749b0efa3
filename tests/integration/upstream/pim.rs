//! The PIM is in trouble while a new connection is verified for the first time.

use akeneo_simulator::{Fault, FaultKind};
use salesforce_simulator::Preset;
use serde_json::json;

use crate::attended::Attended;

/// The first verification waits for the PIM, and ends when the trouble does.
async fn verification_waits(fault: Fault, what: &str) {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.wire().await;
    attended.walk.authorize_principal().await.unwrap();
    let told = format!("{fault:?}");
    attended.pim().add_fault(fault);
    for failures in 1..=2 {
        attended.wire_later().await;
        let shown = attended.must_be("verifying").await;
        assert_eq!(
            (&shown["wiring"]["waiting"], &shown["wiring"]["failures"]),
            (&what.into(), &failures.into()),
            "{told}"
        );
        assert_eq!(shown["next_action"]["who"], "service");
    }
    assert!(attended.page().await.contains("by itself"), "{told}");
    attended.pim().clear_faults();
    attended.wire_later().await;
    attended.must_be("connected").await;
}

/// A web server in front of the PIM that is set up wrongly (facts/akeneo 9): waiting does not mend that, so a person is told what to do,
/// even before anything was verified.
#[tokio::test]
async fn what_is_set_up_wrongly_in_front_of_the_pim_is_told_at_once() {
    let cases = [
        ("strip_authorization", "pass the Authorization header on"),
        ("api_redirects_to_login", "redirects instead of answering"),
    ];
    for (setting, words) in cases {
        let mut attended = Attended::both(Preset::Ready).await;
        attended.wire().await;
        attended.walk.authorize_principal().await.unwrap();
        attended.pim().patch_settings(json!({ setting: true })).unwrap();
        attended.wire_later().await;
        let shown = attended.must_be("degraded").await;
        assert_eq!(shown["health"], "pim_misconfigured", "{setting}");
        assert_eq!(shown["next_action"]["who"], "pim_admin", "{setting}");
        let what = shown["next_action"]["what"].as_str().unwrap_or_default();
        assert!(what.contains(words), "{what}");
        assert!(attended.page().await.contains(words), "{setting}");
        attended.pim().patch_settings(json!({ setting: false })).unwrap();
        attended.sweep_later().await;
        attended.must_be("connected").await;
    }
}

fn api(kind: FaultKind) -> Fault {
    Fault::new(kind, "/api/rest/v1")
}

#[tokio::test]
async fn errors_limits_and_broken_connections_of_the_pim() {
    tokio::join!(
        verification_waits(api(FaultKind::Status), "pim"),
        verification_waits(
            Fault {
                status: Some(500),
                ..api(FaultKind::Status)
            },
            "pim"
        ),
        verification_waits(api(FaultKind::ResetBefore), "pim"),
        verification_waits(api(FaultKind::ResetAfter), "pim"),
        verification_waits(
            Fault {
                status: Some(429),
                ..api(FaultKind::Status)
            },
            "pim_limit"
        ),
        verification_waits(
            Fault {
                status: Some(429),
                body: Some("{}".to_owned()),
                ..api(FaultKind::Status)
            },
            "pim_limit"
        ),
        verification_waits(api(FaultKind::Oversized), "pim"),
    );
}
