//! The process dies right after a write was done, before it hears of it; the next run converges and leaves nothing twice.

use serde_json::json;

use super::{both, must_be_wired, must_not_write_again};
use crate::attended::{Attended, LEASE};
use crate::wiring;

/// How many writes wire an org by Part D.
const WRITES: usize = 3;

/// Wires until the org has done so many deploys; the answer to the last one never arrives, and the process ends.
pub(super) async fn die_after(attended: &Attended, writes: usize) {
    let deploy = || ("POST".to_owned(), "metadata/deployRequest".to_owned());
    wiring::crash::die_after(attended, &vec![deploy(); writes]).await;
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
