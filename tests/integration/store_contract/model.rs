//! Random sequences of operations answer as a model does, which is a sorted map and nothing else.

use std::collections::BTreeMap;

use connector::{
    clock::Timestamp,
    store::{Claim, Due, Expect, Key, Queue, Record, Records, StoreError, embedded::EmbeddedStore},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::{at, aws};

/// What is done to a store. Keys, times and versions are few, so that they meet.
#[derive(Debug, Clone)]
enum Operation {
    Get(Key),
    PutNew(Record),
    /// With the version that is there, if there is one.
    PutOver(Record),
    /// With a version that may be there.
    PutGuess(Record, u64),
    Claim(Key, Timestamp),
    Delete(Key),
    List {
        pk: &'static str,
        prefix: &'static str,
        newest_first: bool,
        limit: u32,
    },
    Due {
        queue: Queue,
        until: Timestamp,
        limit: u32,
    },
}

/// What a store answers.
#[derive(Debug, PartialEq)]
enum Answer {
    Found(Option<Record>),
    Written(u64),
    Conflict,
    Claimed(Claim),
    Done,
    Records(Vec<Record>),
}

#[derive(Default)]
struct Model(BTreeMap<(String, String), Record>);

impl Model {
    fn version(&self, key: &Key) -> u64 {
        self.0.get(&place(key)).map_or(0, |record| record.version)
    }

    fn put(&mut self, record: &Record, expected: u64) -> Answer {
        if self.version(&record.key) != expected {
            return Answer::Conflict;
        }
        self.0.insert(
            place(&record.key),
            Record {
                version: expected + 1,
                ..record.clone()
            },
        );
        Answer::Written(expected + 1)
    }

    fn answer(&mut self, operation: &Operation) -> Answer {
        match operation {
            Operation::Get(key) => Answer::Found(self.0.get(&place(key)).cloned()),
            Operation::PutNew(record) => self.put(record, 0),
            Operation::PutOver(record) => match self.version(&record.key) {
                0 => Answer::Conflict,
                version => self.put(record, version),
            },
            Operation::PutGuess(record, version) => self.put(record, *version),
            Operation::Claim(key, now) => Answer::Claimed(match self.0.get_mut(&place(key)) {
                None => Claim::Absent,
                Some(record) if record.claimed_at.is_some() => Claim::Lost(record.clone()),
                Some(record) => {
                    (record.claimed_at, record.version) = (Some(*now), record.version + 1);
                    Claim::Won(record.clone())
                }
            }),
            Operation::Delete(key) => {
                self.0.remove(&place(key));
                Answer::Done
            }
            Operation::List {
                pk,
                prefix,
                newest_first,
                ..
            } => {
                let all = self
                    .0
                    .values()
                    .filter(|record| record.key.pk == *pk && record.key.sk.starts_with(prefix));
                let mut records: Vec<_> = all.cloned().collect();
                if *newest_first {
                    records.reverse();
                }
                Answer::Records(records)
            }
            Operation::Due { queue, until, .. } => {
                let is_due = |due: Due| due.queue == *queue && due.at <= *until;
                let mut records: Vec<_> = self
                    .0
                    .values()
                    .filter(|it| it.due.is_some_and(is_due))
                    .cloned()
                    .collect();
                records.sort_by_key(|record| (record.due.map(|due| due.at), place(&record.key)));
                Answer::Records(records)
            }
        }
    }
}

fn place(key: &Key) -> (String, String) {
    (key.pk.clone(), key.sk.clone())
}

/// The same operation on a store; pages are joined.
async fn ask(store: &dyn Records, operation: &Operation, version: u64) -> Answer {
    let written = |outcome| match outcome {
        Ok(version) => Answer::Written(version),
        Err(StoreError::Conflict) => Answer::Conflict,
        Err(error) => panic!("{error:?}"),
    };
    match operation {
        Operation::Get(key) => Answer::Found(store.get(key).await.unwrap()),
        Operation::PutNew(record) => written(store.put(record, Expect::Absent).await),
        Operation::PutOver(record) => written(store.put(record, Expect::Version(version)).await),
        Operation::PutGuess(record, version) => written(store.put(record, Expect::Version(*version)).await),
        Operation::Claim(key, now) => Answer::Claimed(store.claim(key, *now).await.unwrap()),
        Operation::Delete(key) => {
            store.delete(key).await.unwrap();
            Answer::Done
        }
        Operation::List {
            pk,
            prefix,
            newest_first,
            limit,
        } => {
            let (mut records, mut after) = (Vec::new(), None);
            loop {
                let page = store
                    .list(pk, prefix, *newest_first, *limit, after.as_deref())
                    .await
                    .unwrap();
                records.extend(page.records);
                after = page.next;
                if after.is_none() {
                    return Answer::Records(records);
                }
            }
        }
        Operation::Due { queue, until, limit } => {
            let (mut records, mut after) = (Vec::new(), None);
            loop {
                let page = store.due(*queue, *until, *limit, after.as_deref()).await.unwrap();
                records.extend(page.records);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let when = |record: &Record| record.due.map(|due| due.at);
            assert!(records.is_sorted_by_key(when));
            // Which of two that are due at the same time comes first is nobody's promise.
            records.sort_by_key(|record| (when(record), place(&record.key)));
            Answer::Records(records)
        }
    }
}

async fn agree(store: &dyn Records, operations: &[Operation]) {
    let mut model = Model::default();
    for (number, operation) in operations.iter().enumerate() {
        let version = match operation {
            Operation::PutOver(record) => model.version(&record.key),
            _ => 0,
        };
        assert_eq!(
            ask(store, operation, version).await,
            model.answer(operation),
            "operation {number}: {operation:?}"
        );
    }
}

fn key() -> impl Strategy<Value = Key> {
    (
        select(vec!["c#1", "c#2"]),
        select(vec!["a", "a#", "a#1", "a#2", "b#1", "é"]),
    )
        .prop_map(|(pk, sk)| Key::new(pk, sk))
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..6).prop_map(at)
}

fn record() -> impl Strategy<Value = Record> {
    let due = (select(Queue::ALL.to_vec()), time()).prop_map(|(queue, at)| Due { queue, at });
    (
        key(),
        0_u8..9,
        proptest::option::of(time()),
        proptest::option::of(time()),
        proptest::option::of(due),
    )
        .prop_map(|(key, number, expires_at, claimed_at, due)| Record {
            key,
            version: 0,
            body: json!({ "number": number }),
            expires_at,
            claimed_at,
            due,
        })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        1 => key().prop_map(Operation::Get),
        3 => record().prop_map(Operation::PutNew),
        3 => record().prop_map(Operation::PutOver),
        // Never version 0: the model has no other way to say absent.
        1 => (record(), 1_u64..4).prop_map(|(record, version)| Operation::PutGuess(record, version)),
        2 => (key(), time()).prop_map(|(key, now)| Operation::Claim(key, now)),
        1 => key().prop_map(Operation::Delete),
        2 => (select(vec!["c#1", "c#2"]), select(vec!["", "a", "a#", "b", "é", "z"]), any::<bool>(), 1_u32..4)
            .prop_map(|(pk, prefix, newest_first, limit)| Operation::List { pk, prefix, newest_first, limit }),
        2 => (select(Queue::ALL.to_vec()), time(), 1_u32..4)
            .prop_map(|(queue, until, limit)| Operation::Due { queue, until, limit }),
    ]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_embedded_store_answers_as_the_model(operations in vec(operation(), 1..60)) {
        runtime().block_on(agree(&EmbeddedStore::in_memory().unwrap(), &operations));
    }
}

proptest! {
    // Every operation is a request to a Python server here.
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 50, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_table_answers_as_the_model(operations in vec(operation(), 30..60)) {
        runtime().block_on(async { agree(&*aws::open().await.records, &operations).await });
    }
}
