//! The process dies right after a write was done, before it hears of it; the next run converges and leaves nothing twice.

use std::time::Duration;

use connector::connection::ConnectionId;
use connector::wiring::{Purpose, reconcile};
use salesforce_simulator::FaultKind;
use serde_json::json;

use super::{both, must_be_wired, must_not_write_again};
use crate::attended::{Attended, LEASE, minute, org_fault};

/// How many writes wire an org by Part D.
const WRITES: usize = 3;

/// Wires until the org has done so many deploys; the answer to the last one never arrives, and the process ends.
pub(super) async fn die_after(attended: &Attended, writes: usize) {
    for at in 1..=writes {
        let last = at == writes;
        let kind = if last { FaultKind::Drip } else { FaultKind::Delay };
        let mut fault = org_fault(kind, Some("POST"), "metadata/deployRequest", 1);
        (fault.size, fault.delay_ms) = (Some(1), Some(if last { 3_600_000 } else { 0 }));
        attended.org().add_fault(fault);
    }
    let (services, id) = (
        attended.stack.services.clone(),
        ConnectionId::parse(&attended.id).unwrap(),
    );
    let run = tokio::spawn(async move { reconcile(&services, &id, Purpose::Wire, minute()).await.map(drop) });
    let done = async {
        while attended
            .writes()
            .get(writes - 1)
            .is_none_or(|entry| entry.status.is_none())
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(50), done).await.unwrap();
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    attended.org().clear_faults();
    assert_eq!(attended.writes().len(), writes);
}

#[tokio::test]
async fn killed_after_any_write_it_converges() {
    for writes in 1..=WRITES {
        let mut attended = both(&json!({})).await;
        die_after(&attended, writes).await;
        attended.clock.advance(LEASE);
        attended.finish().await;
        must_be_wired(&attended);
        assert_eq!(attended.writes().len(), WRITES, "what is in place is not written again");
        must_not_write_again(&attended).await;
    }
}

/// An org that shows nothing back: what was written is written once more, which changes nothing.
#[tokio::test]
async fn killed_after_any_write_to_an_org_that_shows_nothing_it_converges() {
    for writes in 1..=WRITES {
        let mut attended = both(&json!({ "plugin_record_query": "reject", "auth_provider_details": "reject" })).await;
        die_after(&attended, writes).await;
        attended.clock.advance(LEASE);
        attended.finish().await;
        must_be_wired(&attended);
        must_not_write_again(&attended).await;
    }
}
