//! Lists and queues: order, prefixes, pages and their tokens.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use connector::store::{Expect, Page, Queue, Record, Records, StoreError};

use super::{at, bare, put_new, queued};

type Store = Arc<dyn Records>;

fn sort_keys(page: &Page) -> Vec<&str> {
    page.records.iter().map(|record| record.key.sk.as_str()).collect()
}

async fn fill(store: &dyn Records, pk: &str, sort_keys: &[&str]) {
    for sk in sort_keys {
        put_new(store, &bare(pk, sk)).await;
    }
}

/// Every page of a list, one after the other.
async fn whole_list(store: &dyn Records, prefix: &str, newest_first: bool, limit: u32) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .list("c#1", prefix, newest_first, limit, after.as_deref())
            .await
            .unwrap();
        pages.push(sort_keys(&page).into_iter().map(str::to_owned).collect());
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

pub(super) async fn a_list_has_the_records_with_the_prefix_in_order(store: Store) {
    fill(
        &*store,
        "c#1",
        &[
            "audit#10",
            "audit#2",
            "audit#1",
            "audit",
            "audi",
            "auditor",
            "b#1",
            "audit#\u{10FFFF}z",
            "audit#é",
        ],
    )
    .await;
    fill(&*store, "c#2", &["audit#3"]).await;
    let list = async |prefix, newest_first| store.list("c#1", prefix, newest_first, 100, None).await.unwrap();
    // By the bytes of the key, as DynamoDB sorts.
    let ascending = ["audit#1", "audit#10", "audit#2", "audit#é", "audit#\u{10FFFF}z"];
    assert_eq!(sort_keys(&list("audit#", false).await), ascending);
    let mut descending = ascending;
    descending.reverse();
    assert_eq!(sort_keys(&list("audit#", true).await), descending);
    assert_eq!(list("", false).await.records.len(), 9, "an empty prefix is everything");
    assert_eq!(sort_keys(&list("b%", false).await), [""; 0], "a prefix is no pattern");
    let none = store.list("c#3", "", false, 100, None).await.unwrap();
    assert!(none.records.is_empty() && none.next.is_none());
    let found = &list("b", false).await.records[0];
    assert_eq!(
        *found,
        Record {
            version: 1,
            ..bare("c#1", "b#1")
        },
        "whole records"
    );
}

pub(super) async fn pages_join_up_to_the_whole_list(store: Store) {
    fill(&*store, "c#1", &["a#0", "b#1", "b#2", "b#3", "b#4", "b#5", "c#6"]).await;
    assert_eq!(
        whole_list(&*store, "b#", false, 2).await,
        [vec!["b#1", "b#2"], vec!["b#3", "b#4"], vec!["b#5"]]
    );
    assert_eq!(
        whole_list(&*store, "b#", true, 3).await,
        [vec!["b#5", "b#4", "b#3"], vec!["b#2", "b#1"]]
    );
    assert_eq!(whole_list(&*store, "", false, 6).await[1], ["c#6"]);
}

pub(super) async fn a_full_last_page_is_the_end(store: Store) {
    fill(&*store, "c#1", &["b#1", "b#2", "b#3", "b#4"]).await;
    assert_eq!(whole_list(&*store, "b#", false, 2).await.len(), 2);
    assert_eq!(whole_list(&*store, "b#", true, 4).await.len(), 1);
    for number in 0..4 {
        put_new(&*store, &queued("d", &number.to_string(), Queue::Idle, number)).await;
    }
    let first = store.due(Queue::Idle, at(9), 2, None).await.unwrap();
    let second = store.due(Queue::Idle, at(9), 2, first.next.as_deref()).await.unwrap();
    assert_eq!((sort_keys(&second), second.next.as_deref()), (vec!["2", "3"], None));
}

pub(super) async fn a_list_goes_on_after_a_record_that_was_deleted(store: Store) {
    fill(&*store, "c#1", &["b#1", "b#2", "b#3"]).await;
    let first = store.list("c#1", "b#", false, 2, None).await.unwrap();
    store.delete(&first.records[1].key).await.unwrap();
    put_new(&*store, &bare("c#1", "b#25")).await;
    let second = store.list("c#1", "b#", false, 2, first.next.as_deref()).await.unwrap();
    assert_eq!(sort_keys(&second), ["b#25", "b#3"]);
}

pub(super) async fn due_records_come_earliest_first_and_none_too_early(store: Store) {
    for (pk, due) in [
        ("c#1", 300),
        ("c#2", 100),
        ("c#3", 99_999),
        ("c#4", 200),
        ("c#5", 1000),
        ("c#6", 1001),
        ("c#7", -5),
    ] {
        put_new(&*store, &queued(pk, "connection", Queue::Health, due)).await;
    }
    put_new(&*store, &queued("c#8", "connection", Queue::Wiring, 50)).await;
    put_new(&*store, &bare("c#9", "connection")).await;
    let due = store.due(Queue::Health, at(1000), 100, None).await.unwrap();
    let keys: Vec<_> = due.records.iter().map(|record| record.key.pk.as_str()).collect();
    assert_eq!(keys, ["c#7", "c#2", "c#4", "c#1", "c#5"]);
    assert_eq!(
        due.records[0],
        Record {
            version: 1,
            ..queued("c#7", "connection", Queue::Health, -5)
        }
    );
    assert_eq!(due.next, None);
}

pub(super) async fn pages_of_due_records_join_up_though_many_are_due_at_once(store: Store) {
    for number in 0..11 {
        put_new(
            &*store,
            &queued(&format!("c#{number:02}"), "connection", Queue::Wiring, 500 + number / 7),
        )
        .await;
    }
    let (mut found, mut after, mut sizes) = (Vec::new(), None, Vec::new());
    loop {
        let page = store.due(Queue::Wiring, at(600), 4, after.as_deref()).await.unwrap();
        sizes.push(page.records.len());
        found.extend(
            page.records
                .into_iter()
                .map(|record| (record.due.map(|due| due.at), record.key.pk)),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [4, 4, 3]);
    assert!(found.is_sorted_by_key(|(at, _)| *at));
    let mut connections: Vec<_> = found.into_iter().map(|(_, pk)| pk).collect();
    connections.sort();
    assert_eq!(
        connections,
        (0..11).map(|number| format!("c#{number:02}")).collect::<Vec<_>>()
    );
}

pub(super) async fn a_record_stands_in_one_queue_at_a_time(store: Store) {
    let standing = async |record: &Record| {
        let mut queues = Vec::new();
        for queue in Queue::ALL {
            let page = store.due(queue, at(i64::from(i32::MAX)), 10, None).await.unwrap();
            queues.extend(
                page.records
                    .iter()
                    .any(|found| found.key == record.key)
                    .then_some(queue),
            );
        }
        queues
    };
    let record = queued("c#1", "connection", Queue::Wiring, 1);
    put_new(&*store, &record).await;
    assert_eq!(standing(&record).await, [Queue::Wiring]);
    for (version, queue) in [(1, Queue::Health), (2, Queue::Idle), (3, Queue::Closed)] {
        let moved = queued("c#1", "connection", queue, 1);
        store.put(&moved, Expect::Version(version)).await.unwrap();
        assert_eq!(standing(&record).await, [queue]);
    }
    store
        .put(
            &queued("c#1", "connection", Queue::Closed, 3_000_000_000),
            Expect::Version(4),
        )
        .await
        .unwrap();
    assert_eq!(standing(&record).await, [], "due later");
    store.put(&bare("c#1", "connection"), Expect::Version(5)).await.unwrap();
    assert_eq!(standing(&record).await, [], "in no queue");
    store.put(&record, Expect::Version(6)).await.unwrap();
    store.delete(&record.key).await.unwrap();
    assert_eq!(standing(&record).await, [], "deleted");
}

pub(super) async fn a_forged_token_is_refused(store: Store) {
    fill(&*store, "c#1", &["a#1", "a#2", "b#1", "b#2"]).await;
    fill(&*store, "c#2", &["a#1", "a#2"]).await;
    put_new(&*store, &queued("c#3", "connection", Queue::Idle, 5)).await;
    put_new(&*store, &queued("c#4", "connection", Queue::Idle, 6)).await;
    let list_token = store.list("c#1", "a#", false, 1, None).await.unwrap().next.unwrap();
    let due_token = store.due(Queue::Idle, at(9), 1, None).await.unwrap().next.unwrap();
    let forge = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let refused = |outcome: Result<Page, StoreError>, why: &str| {
        let error = outcome.expect_err(why);
        assert!(error.is_forged_token(), "{why}: {error:?}");
    };
    for (token, why) in [
        (String::new(), "empty"),
        ("%%%".to_owned(), "no base64"),
        (forge("[]"), "no position"),
        (forge(r#"{"pk":"c#1"}"#), "half a key"),
        (forge(r#"{"pk":"c#1","sk":"a#1","expires_at":1}"#), "another attribute"),
        (forge(r#"{"pk":"c#2","sk":"a#1"}"#), "another partition"),
        (forge(r#"{"pk":"c#1","sk":"b#1"}"#), "another prefix"),
        (forge(r#"{"pk":"c#1","sk":{"S":"a#1"}}"#), "another type"),
        (list_token[..list_token.len() - 4].to_owned(), "cut off"),
        ("A".repeat(100_000), "very long"),
        (due_token.clone(), "of a queue"),
    ] {
        refused(store.list("c#1", "a#", false, 10, Some(&token)).await, why);
    }
    for (token, why) in [
        (list_token.as_str(), "of a list"),
        (
            &forge(r#"{"queue":"health","due_at":5,"pk":"c#3","sk":"connection"}"#),
            "another queue",
        ),
        (
            &forge(r#"{"queue":"idle","due_at":10,"pk":"c#3","sk":"connection"}"#),
            "later than asked for",
        ),
        (
            &forge(r#"{"queue":"idle","due_at":5.5,"pk":"c#3","sk":"connection"}"#),
            "no whole number",
        ),
        (
            &forge(r#"{"queue":"idle","due_at":5,"pk":"","sk":"connection"}"#),
            "no key",
        ),
    ] {
        refused(store.due(Queue::Idle, at(9), 10, Some(token)).await, why);
    }
    assert_eq!(
        sort_keys(&store.list("c#1", "a#", false, 10, Some(&list_token)).await.unwrap()),
        ["a#2"]
    );
    assert_eq!(
        store
            .due(Queue::Idle, at(9), 10, Some(&due_token))
            .await
            .unwrap()
            .records[0]
            .key
            .pk,
        "c#4"
    );
}

pub(super) async fn a_page_has_at_least_one_record(store: Store) {
    fill(&*store, "c#1", &["a#1", "a#2"]).await;
    let page = store.list("c#1", "a#", false, 0, None).await.unwrap();
    assert_eq!(sort_keys(&page), ["a#1"]);
    assert_eq!(
        sort_keys(&store.list("c#1", "a#", false, u32::MAX, None).await.unwrap()),
        ["a#1", "a#2"]
    );
}
