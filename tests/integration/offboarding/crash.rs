//! The process dies after any request to the org that changes something; the next run goes on and ends at the same place.

use std::time::Duration;

use connector::connection::ConnectionId;
use connector::store::Side;
use connector::wiring::{Purpose, reconcile};
use http::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::json;

use crate::attended::{Attended, LEASE, minute};

async fn ready() -> Attended {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.act(&Action::LoseUecRead {});
    attended.finish().await;
    attended.offboard(&json!({ "blank_org": true })).await;
    attended
}

/// Everything sent to the org so far, but for reads.
fn sent(attended: &Attended) -> usize {
    let requests = attended.org().requests();
    requests
        .iter()
        .filter(|entry| entry.method != "GET" && entry.status.is_some())
        .count()
}

/// Runs until this many more requests that change something were answered, and is killed there.
async fn die_after(attended: &Attended, more: usize) {
    let until = sent(attended) + more;
    let (services, id) = (
        attended.stack.services.clone(),
        ConnectionId::parse(&attended.id).unwrap(),
    );
    let run = tokio::spawn(async move { reconcile(&services, &id, Purpose::Wire, minute()).await.map(drop) });
    let done = async {
        while sent(attended) < until && !run.is_finished() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(50), done).await.unwrap();
    run.abort();
    let _ended = run.await;
    attended.clock.advance(LEASE);
}

#[tokio::test]
async fn killed_while_access_is_given_back_it_does_not_look_lost() {
    let attended = Attended::connected().await;
    let terms = json!({ "drop_salesforce_token": true });
    attended.operate(Method::PATCH, "terms", &terms).await;
    die_after(&attended, 1).await;
    assert_eq!(attended.live_grants(), 0, "Salesforce has it back");
    attended.must_be("connected").await;
    attended.wire_later().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(shown["salesforce"]["given_back"]["done"], true);
    assert!(!attended.has_secret(Side::Salesforce).await);
}

#[tokio::test]
async fn killed_after_any_request_it_goes_on() {
    let plain = ready().await;
    let before = sent(&plain);
    plain.wire().await;
    plain.must_be_gone().await;
    let all = sent(&plain) - before;
    assert!(all >= 6, "{all}");
    for after in 1..=all {
        let attended = ready().await;
        die_after(&attended, after).await;
        attended.reconcile().await.unwrap();
        attended.must_be_gone().await;
        let certificate = attended.certificate().await;
        assert_eq!(certificate["complete"], true, "after {after}");
        assert!(
            certificate["items"]
                .as_array()
                .unwrap()
                .iter()
                .all(|item| item["left"].is_null()),
            "{certificate}"
        );
        let told = attended.told("offboarded").await;
        assert!((1..=2).contains(&told), "after {after}: {told}");
    }
}
