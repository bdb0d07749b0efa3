//! Claims: the single use of an authorization attempt hangs on these.

use std::sync::Arc;

use connector::store::{Claim, Due, Expect, Key, Queue, Record, Records, StoreError};
use serde_json::json;

use super::{at, bare, put_new};

type Store = Arc<dyn Records>;

fn attempt() -> Record {
    Record {
        body: json!({ "pim": "https://pim.example" }),
        expires_at: Some(at(900_000)),
        due: Some(Due {
            queue: Queue::Idle,
            at: at(5),
        }),
        ..bare("attempt#1", "attempt")
    }
}

pub(super) async fn a_claim_returns_the_record_and_counts_as_a_write(store: Store) {
    let record = attempt();
    put_new(&*store, &record).await;
    let claimed = Record {
        version: 2,
        claimed_at: Some(at(777)),
        ..record.clone()
    };
    assert_eq!(
        store.claim(&record.key, at(777)).await.unwrap(),
        Claim::Won(claimed.clone())
    );
    assert_eq!(store.get(&record.key).await.unwrap(), Some(claimed));
}

pub(super) async fn of_many_claims_exactly_one_wins(store: Store) {
    let record = attempt();
    put_new(&*store, &record).await;
    let claims: Vec<_> = (0..32)
        .map(|number| {
            let (store, key) = (Arc::clone(&store), record.key.clone());
            tokio::spawn(async move { store.claim(&key, at(1000 + number)).await.unwrap() })
        })
        .collect();
    let (mut won, mut lost) = (Vec::new(), Vec::new());
    for claim in claims {
        match claim.await.unwrap() {
            Claim::Won(record) => won.push(record),
            Claim::Lost(record) => lost.push(record),
            Claim::Absent => panic!("the record is there"),
        }
    }
    assert_eq!((won.len(), lost.len()), (1, 31));
    assert_eq!(won[0].version, 2);
    assert!(
        lost.iter().all(|record| *record == won[0]),
        "the others see the winner's claim"
    );
    assert_eq!(store.get(&record.key).await.unwrap(), won.pop());
}

pub(super) async fn a_second_claim_shows_the_first_one(store: Store) {
    let record = attempt();
    put_new(&*store, &record).await;
    let Claim::Won(first) = store.claim(&record.key, at(1)).await.unwrap() else {
        panic!("nobody else")
    };
    assert_eq!(
        store.claim(&record.key, at(2)).await.unwrap(),
        Claim::Lost(first.clone())
    );
    assert_eq!(store.get(&record.key).await.unwrap(), Some(first));
}

pub(super) async fn there_is_nothing_to_claim_in_an_empty_place(store: Store) {
    let key = Key::new("attempt#1", "attempt");
    assert_eq!(store.claim(&key, at(1)).await.unwrap(), Claim::Absent);
    assert_eq!(store.get(&key).await.unwrap(), None, "a claim makes nothing");
    put_new(&*store, &attempt()).await;
    store.delete(&key).await.unwrap();
    assert_eq!(store.claim(&key, at(1)).await.unwrap(), Claim::Absent);
}

pub(super) async fn a_claim_leaves_the_rest_as_it_was(store: Store) {
    // Expiry is the reader's business: the record comes back with it, and the caller looks at its own clock.
    let record = attempt();
    put_new(&*store, &record).await;
    let Claim::Won(claimed) = store.claim(&record.key, at(900_001)).await.unwrap() else {
        panic!("nobody else")
    };
    assert!(!claimed.is_live(at(900_001)));
    assert_eq!((claimed.body, claimed.due), (record.body, record.due));
    let due = store.due(Queue::Idle, at(5), 10, None).await.unwrap();
    assert_eq!(due.records.len(), 1, "it stands in its queue as before");
}

pub(super) async fn a_write_with_the_version_from_before_a_claim_is_a_conflict(store: Store) {
    let record = attempt();
    put_new(&*store, &record).await;
    store.claim(&record.key, at(1)).await.unwrap();
    assert!(matches!(
        store.put(&record, Expect::Version(1)).await,
        Err(StoreError::Conflict)
    ));
    // A whole write decides about the claim as well.
    assert_eq!(store.put(&record, Expect::Version(2)).await.unwrap(), 3);
    assert!(matches!(store.claim(&record.key, at(2)).await.unwrap(), Claim::Won(_)));
}
