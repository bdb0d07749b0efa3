//! Our own stores fail in the middle: nothing is lost, and it goes on by itself when they are back.

use connector_local::outage::Part;
use salesforce_simulator::Preset;

use crate::attended::{Attended, LEASE};

#[tokio::test]
async fn while_secrets_cannot_be_read_that_is_said_and_waited_for() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.stack.outage.begin(Part::SecretReads);
    attended.wire().await;
    let shown = attended.must_be("wiring").await;
    assert_eq!(shown["wiring"]["waiting"], "store");
    assert!(attended.page().await.contains("One of our own systems does not answer"));
    attended.stack.outage.end(Part::SecretReads);
    attended.clock.advance(crate::attended::LONG);
    attended.finish().await;
}

#[tokio::test]
async fn a_store_fault_counts_as_a_failure_of_the_run() {
    let attended = Attended::both(Preset::Ready).await;
    attended.stack.outage.begin(Part::SecretReads);
    attended.reconcile().await.unwrap_err();
}

#[tokio::test]
async fn a_table_that_fails_at_any_moment_loses_nothing() {
    // Each run gets a little further before the table fails for good; the last one ends by itself.
    let mut attended = Attended::both(Preset::Ready).await;
    for after_ms in [0, 5, 20, 40, 60, 80, 120] {
        let cut = async {
            tokio::time::sleep(std::time::Duration::from_millis(after_ms)).await;
            attended.stack.outage.begin(Part::Table);
        };
        let (_failed_or_not, ()) = tokio::join!(attended.reconcile(), cut);
        attended.stack.outage.end(Part::Table);
        attended.clock.advance(LEASE);
    }
    attended.wire_later().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    attended.must_be_wired();
}

#[tokio::test]
async fn while_the_table_is_down_people_get_a_page_and_go_on_afterwards() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.stack.outage.begin(Part::Table);
    let page = attended.walk.journey().await.unwrap();
    assert!(page.status.is_server_error(), "{}", page.status);
    assert!(page.text().contains("Reference"), "{}", page.text());
    attended.stack.outage.end(Part::Table);
    attended.finish().await;
}
