//! The process dies right after a write was done, before it hears of it; the next run converges and leaves nothing twice.

use std::time::Duration;

use connector::connection::ConnectionId;
use connector::wiring::{Purpose, reconcile};
use salesforce_simulator::{Action, FaultKind, Preset};

use crate::attended::{Attended, LEASE, Written, minute, org_fault};

/// Wires until the org has done the last of these writes; its answer never arrives, and the process ends.
pub(crate) async fn die_after(attended: &Attended, writes: &[Written]) {
    let index = writes.len() - 1;
    for (at, (method, place)) in writes.iter().enumerate() {
        // A fault for each write, so that it is the last one that is not answered: places can be the same.
        let kind = if at == index { FaultKind::Drip } else { FaultKind::Delay };
        let mut fault = org_fault(kind, Some(method), place, 1);
        (fault.size, fault.delay_ms) = (Some(1), Some(if at == index { 3_600_000 } else { 0 }));
        attended.org().add_fault(fault);
    }
    let (services, id) = (
        attended.stack.services.clone(),
        ConnectionId::parse(&attended.id).unwrap(),
    );
    let run = tokio::spawn(async move { reconcile(&services, &id, Purpose::Wire, minute()).await.map(drop) });
    let done = async {
        while attended.writes().get(index).is_none_or(|entry| entry.status.is_none()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(50), done).await.unwrap();
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    attended.org().clear_faults();
    assert_eq!(attended.writes().len(), index + 1);
}

/// Kills the process after each write in turn.
async fn converges_after_each(prepare: fn(&Attended)) {
    let plain = Attended::both(Preset::Ready).await;
    prepare(&plain);
    plain.wire().await;
    plain.must_be("authorize_principal").await;
    let writes = plain.written();
    assert!(writes.len() >= 4);
    for (index, write) in writes.iter().enumerate() {
        let mut attended = Attended::both(Preset::Ready).await;
        prepare(&attended);
        die_after(&attended, &writes[..=index]).await;
        attended.clock.advance(LEASE);
        attended.finish().await;
        attended.must_be_wired();
        let done = attended.writes().len();
        attended.reconcile().await.unwrap();
        assert_eq!(
            attended.writes().len(),
            done,
            "after {write:?}: everything was in place"
        );
    }
}

#[tokio::test]
async fn killed_after_any_write_it_converges() {
    converges_after_each(|_| {}).await;
}

#[tokio::test]
async fn killed_after_any_write_of_our_own_permission_set_it_converges() {
    converges_after_each(|attended| attended.act(&Action::LoseUecRead {})).await;
}
