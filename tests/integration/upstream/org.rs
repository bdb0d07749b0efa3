//! The org answers with trouble, on reads and on each kind of write.

use std::collections::BTreeMap;

use salesforce_simulator::{Canned, Fault, FaultKind, Preset};
use serde_json::json;

use crate::attended::{Attended, org_fault};

const EVERYTHING: &str = "/services/data/v66.0/";

fn canned(kind: Canned) -> Fault {
    Fault {
        canned: Some(kind),
        count: 1000,
        ..Fault::new(FaultKind::Status, EVERYTHING)
    }
}

fn busy(retry_after: Option<&str>) -> Fault {
    let headers = retry_after.map(|seconds| ("Retry-After".to_owned(), seconds.to_owned()));
    let headers = headers.into_iter().collect::<BTreeMap<_, _>>();
    Fault {
        status: Some(429),
        headers,
        body: Some("slow down".to_owned()),
        count: 1000,
        ..Fault::new(FaultKind::Status, EVERYTHING)
    }
}

fn kind(kind: FaultKind) -> Fault {
    Fault {
        count: 1000,
        ..Fault::new(kind, EVERYTHING)
    }
}

/// While the trouble lasts the stage says that `what` is waited for; then the schedule alone goes on.
async fn waits_and_goes_on(fault: Fault, what: &str) {
    let mut attended = Attended::both(Preset::Ready).await;
    let told = format!("{fault:?}");
    attended.org().add_fault(fault);
    for _ in 0..2 {
        assert_eq!(attended.wire_later().await, 1);
        let shown = attended.must_be("wiring").await;
        assert_eq!(shown["wiring"]["waiting"], what, "{told}");
        assert_eq!(
            (&shown["next_action"]["who"], &shown["queue"]),
            (&json!("service"), &json!("wiring"))
        );
    }
    assert_eq!(attended.show().await["wiring"]["failures"], 2, "the pause grows");
    assert!(attended.page().await.contains("by itself"), "{told}");
    assert_eq!(attended.wire().await, 0, "not before the pause is over");
    attended.org().clear_faults();
    attended.clock.advance(crate::attended::LONG);
    attended.finish().await;
    attended.must_be_wired();
}

#[tokio::test]
async fn errors_and_maintenance_pages() {
    tokio::join!(
        waits_and_goes_on(canned(Canned::Html503), "org"),
        waits_and_goes_on(canned(Canned::UnknownException), "org"),
        waits_and_goes_on(canned(Canned::ServerUnavailable), "org"),
        waits_and_goes_on(
            Fault {
                status: Some(502),
                body: Some("<html>Bad gateway</html>".to_owned()),
                ..kind(FaultKind::Status)
            },
            "org"
        ),
    );
}

#[tokio::test]
async fn limits_and_locks() {
    tokio::join!(
        waits_and_goes_on(busy(None), "org"),
        waits_and_goes_on(busy(Some("120")), "org"),
        waits_and_goes_on(canned(Canned::RequestLimitExceeded), "org_limit"),
        waits_and_goes_on(canned(Canned::ConcurrentLimit), "org"),
        waits_and_goes_on(canned(Canned::UnableToLockRow), "org"),
    );
}

#[tokio::test]
async fn broken_connections_and_floods() {
    tokio::join!(
        waits_and_goes_on(kind(FaultKind::ResetBefore), "org"),
        waits_and_goes_on(kind(FaultKind::ResetAfter), "org"),
        waits_and_goes_on(kind(FaultKind::Oversized), "org"),
    );
}

#[tokio::test]
async fn a_used_up_quota_is_not_asked_again_soon() {
    let attended = Attended::both(Preset::Ready).await;
    attended.org().add_fault(canned(Canned::RequestLimitExceeded));
    attended.wire().await;
    let asked = attended.org().requests().len();
    attended.clock.advance(std::time::Duration::from_secs(14 * 60));
    assert_eq!((attended.wire().await, attended.org().requests().len()), (0, asked));
}

#[tokio::test]
async fn a_short_hiccup_is_not_even_noticed() {
    let attended = Attended::both(Preset::Ready).await;
    for fault in [
        Fault {
            canned: Some(Canned::Html503),
            ..Fault::new(FaultKind::Status, EVERYTHING)
        },
        Fault {
            canned: Some(Canned::UnableToLockRow),
            ..org_fault(FaultKind::Status, Some("PUT"), "named-credentials/", 1)
        },
        Fault {
            delay_ms: Some(1500),
            ..Fault::new(FaultKind::Delay, EVERYTHING)
        },
        Fault {
            size: Some(64),
            delay_ms: Some(5),
            ..Fault::new(FaultKind::Drip, EVERYTHING)
        },
        org_fault(FaultKind::ResetBefore, Some("PATCH"), "tooling/", 1),
        org_fault(FaultKind::ResetAfter, Some("PUT"), "named-credentials/", 1),
    ] {
        attended.org().add_fault(fault);
    }
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.must_be_wired();
}

/// The first answer to this write is lost or bad; the next run converges.
async fn write_converges(method: &str, place: &str, fault: FaultKind) {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.org().add_fault(Fault {
        status: Some(503),
        ..org_fault(fault, Some(method), place, 1)
    });
    attended.wire().await;
    attended.clock.advance(crate::attended::LONG);
    if attended.show().await["stage"] != "authorize_principal" {
        attended.wire().await;
    }
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    attended.must_be_wired();
    let writes = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), writes, "{method} {place} {fault:?}");
}

#[tokio::test]
async fn each_kind_of_write_survives_a_lost_answer() {
    for (method, place) in [
        ("PUT", "named-credentials/external-auth-identity-providers/"),
        ("POST", "named-credentials/external-auth-identity-provider-credentials/"),
        ("POST", "sobjects/PermissionSetAssignment"),
        ("PATCH", "tooling/sobjects/NamedCredential/"),
    ] {
        tokio::join!(
            write_converges(method, place, FaultKind::ResetBefore),
            write_converges(method, place, FaultKind::ResetAfter),
            write_converges(method, place, FaultKind::Status),
        );
    }
}
