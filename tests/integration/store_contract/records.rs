//! Single records: round trips, versions, conflicts.

use std::sync::Arc;

use connector::store::{Due, Expect, Key, Queue, Record, Records, StoreError};
use serde_json::{Value, json};

use super::{at, bare, put_new};

type Store = Arc<dyn Records>;

fn full() -> Record {
    Record {
        key: Key::new("connection#7", "invitation#3"),
        version: 0,
        body: json!({ "words": "naïve 🔑", "nothing": null, "list": [1, -2.5, { "deep": true }], "empty": "" }),
        expires_at: Some(at(1_790_000_000_123)),
        claimed_at: Some(at(1_780_000_000_456)),
        due: Some(Due {
            queue: Queue::Health,
            at: at(1_785_000_000_789),
        }),
    }
}

pub(super) async fn a_record_comes_back_as_it_was_written(store: Store) {
    let record = full();
    assert_eq!(store.get(&record.key).await.unwrap(), None);
    assert_eq!(store.put(&record, Expect::Absent).await.unwrap(), 1);
    assert_eq!(
        store.get(&record.key).await.unwrap(),
        Some(Record { version: 1, ..record })
    );
}

pub(super) async fn a_record_without_extras_has_none(store: Store) {
    let mut record = full();
    put_new(&*store, &record).await;
    (record.expires_at, record.claimed_at, record.due) = (None, None, None);
    assert_eq!(store.put(&record, Expect::Version(1)).await.unwrap(), 2);
    assert_eq!(
        store.get(&record.key).await.unwrap(),
        Some(Record { version: 2, ..record })
    );
}

pub(super) async fn a_key_is_both_of_its_parts(store: Store) {
    for (pk, sk) in [("a", "b"), ("b", "a"), ("a", "c"), ("a#b", "c"), ("a", "b#c")] {
        put_new(&*store, &bare(pk, sk)).await;
    }
    let found = store.get(&Key::new("a", "b")).await.unwrap().unwrap();
    assert_eq!(found.key, Key::new("a", "b"));
    assert_eq!(store.get(&Key::new("b", "c")).await.unwrap(), None);
}

pub(super) async fn versions_count_the_writes(store: Store) {
    // The version inside the record is ignored; only what the caller expects counts.
    let mut record = Record {
        version: 99,
        ..bare("a", "b")
    };
    assert_eq!(store.put(&record, Expect::Absent).await.unwrap(), 1);
    for version in 1..=5 {
        record.body = json!({ "write": version });
        assert_eq!(store.put(&record, Expect::Version(version)).await.unwrap(), version + 1);
    }
    let found = store.get(&record.key).await.unwrap().unwrap();
    assert_eq!((found.version, found.body), (6, json!({ "write": 5 })));
}

pub(super) async fn a_write_that_expects_something_else_is_a_conflict(store: Store) {
    let record = bare("a", "b");
    let conflict = |outcome| assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    for version in [0, 1, u64::MAX] {
        conflict(store.put(&record, Expect::Version(version)).await);
    }
    assert_eq!(store.get(&record.key).await.unwrap(), None);
    put_new(&*store, &record).await;
    let other = Record {
        body: json!("other"),
        ..record.clone()
    };
    conflict(store.put(&other, Expect::Absent).await);
    for version in [0, 2, i64::MAX.cast_unsigned(), u64::MAX] {
        conflict(store.put(&other, Expect::Version(version)).await);
    }
    assert_eq!(
        store.get(&record.key).await.unwrap(),
        Some(Record { version: 1, ..record })
    );
}

pub(super) async fn of_many_writers_exactly_one_gets_through(store: Store) {
    for (round, expect) in [(1, Expect::Absent), (2, Expect::Version(1)), (3, Expect::Version(2))] {
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                let store = Arc::clone(&store);
                let record = Record {
                    body: json!(writer),
                    ..bare("a", "b")
                };
                tokio::spawn(async move { (store.put(&record, expect).await, record.body) })
            })
            .collect();
        let mut winners = Vec::new();
        for writer in writers {
            match writer.await.unwrap() {
                (Ok(version), body) => winners.push((version, body)),
                (Err(error), _) => assert!(matches!(error, StoreError::Conflict), "{error:?}"),
            }
        }
        let found = store.get(&Key::new("a", "b")).await.unwrap().unwrap();
        assert_eq!(winners, [(round, found.body)]);
    }
}

pub(super) async fn an_expired_record_is_still_there(store: Store) {
    // Long ago, so that DynamoDB's own clean-up could have come; until then, readers look at the time themselves.
    let record = Record {
        expires_at: Some(at(1001)),
        ..bare("a", "b")
    };
    put_new(&*store, &record).await;
    let found = store.get(&record.key).await.unwrap().unwrap();
    assert!(found.is_live(at(1000)));
    assert!(!found.is_live(at(1001)));
    let again = store.put(&record, Expect::Absent).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
}

pub(super) async fn a_deleted_record_is_gone_and_can_be_written_anew(store: Store) {
    let record = bare("a", "b");
    store.delete(&record.key).await.unwrap();
    put_new(&*store, &record).await;
    put_new(&*store, &bare("a", "c")).await;
    store.put(&record, Expect::Version(1)).await.unwrap();
    store.delete(&record.key).await.unwrap();
    assert_eq!(store.get(&record.key).await.unwrap(), None);
    assert!(matches!(
        store.put(&record, Expect::Version(2)).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(put_new(&*store, &record).await, 1);
    assert!(store.get(&Key::new("a", "c")).await.unwrap().is_some());
}

pub(super) async fn any_json_and_any_text_is_kept(store: Store) {
    let bodies = [
        Value::Null,
        json!(true),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.1),
        json!(""),
        json!("quote \" backslash \\ NUL \u{0} line\nend \u{2028} \u{1F511} '; DROP TABLE records; --"),
        json!([]),
        json!({ "": { "nested": [[[]]] } }),
        json!("x".repeat(300 * 1024)),
    ];
    for (number, body) in bodies.into_iter().enumerate() {
        let key = Key::new("p 'k' \u{0} 🔑", format!("s%_* \" {number}"));
        let record = Record {
            body,
            ..Record::new(key, &()).unwrap()
        };
        put_new(&*store, &record).await;
        assert_eq!(
            store.get(&record.key).await.unwrap(),
            Some(Record { version: 1, ..record }),
            "{number}"
        );
    }
}

pub(super) async fn what_no_table_could_hold_is_refused(store: Store) {
    let long = |bytes: usize| "k".repeat(bytes);
    for key in [
        Key::new("", "b"),
        Key::new("a", ""),
        Key::new(long(2049), "b"),
        Key::new("a", long(1025)),
    ] {
        let record = Record::new(key, &()).unwrap();
        assert!(matches!(
            store.put(&record, Expect::Absent).await,
            Err(StoreError::Malformed(_))
        ));
        assert!(matches!(store.get(&record.key).await, Err(StoreError::Malformed(_))));
        assert!(matches!(
            store.claim(&record.key, at(1)).await,
            Err(StoreError::Malformed(_))
        ));
        assert!(matches!(store.delete(&record.key).await, Err(StoreError::Malformed(_))));
    }
    assert!(matches!(
        store.list("", "", false, 10, None).await,
        Err(StoreError::Malformed(_))
    ));
    put_new(&*store, &bare(&long(2048), &long(1024))).await;
    let huge = Record {
        body: json!("x".repeat(400 * 1024)),
        ..bare("a", "b")
    };
    assert!(matches!(
        store.put(&huge, Expect::Absent).await,
        Err(StoreError::Malformed(_))
    ));
}
