//! The embedded store: the contract, its file, and its change feed.

use std::{
    fs,
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use connector::{
    secret::{SecretDocument, Sensitive},
    store::{
        Claim, Expect, Key, Queue, Record, Records, SecretName, Secrets, Side, Stage, StoreError,
        embedded::{Changes, EmbeddedStore},
    },
};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{Subject, at, bare, contract, put_new, queued};

mod in_a_file {
    super::contract!(crate::store_contract::embedded::open_file);
}

mod in_memory {
    super::contract!(crate::store_contract::embedded::open_memory);
}

async fn open_file() -> Subject {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(EmbeddedStore::open(folder.path().join("store")).unwrap());
    Subject {
        records: store.clone(),
        secrets: store,
        _folder: Some(folder),
    }
}

async fn open_memory() -> Subject {
    let store = Arc::new(EmbeddedStore::in_memory().unwrap());
    Subject {
        records: store.clone(),
        secrets: store,
        _folder: None,
    }
}

#[tokio::test]
async fn what_was_written_is_there_when_the_file_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store");
    let name = SecretName::Connection {
        connection: "c1".to_owned(),
        side: Side::Akeneo,
    };
    let record = queued("c#1", "connection", Queue::Wiring, 5);
    let first = EmbeddedStore::open(&path).unwrap();
    put_new(&first, &record).await;
    first
        .write(&name, Stage::Pending, &SecretDocument::new("typed"))
        .await
        .unwrap();
    drop(first);
    let second = EmbeddedStore::open(&path).unwrap();
    assert_eq!(
        second.get(&record.key).await.unwrap(),
        Some(Record { version: 1, ..record })
    );
    assert_eq!(
        second.read(&name, Stage::Pending).await.unwrap().unwrap().expose(),
        "typed"
    );
}

/// Opens one new file from many sides at the same moment.
fn open_at_once(path: &Path) -> Vec<EmbeddedStore> {
    let start = Arc::new(Barrier::new(8));
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let (path, start) = (path.to_owned(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                EmbeddedStore::open(path)
            })
        })
        .collect();
    openers
        .into_iter()
        .map(|opener| opener.join().unwrap().unwrap())
        .collect()
}

#[test]
fn a_new_file_can_be_opened_from_many_sides_at_once() {
    let folder = TempDir::new().unwrap();
    for round in 0..40 {
        assert_eq!(open_at_once(&folder.path().join(round.to_string())).len(), 8);
    }
}

#[tokio::test]
async fn several_connections_to_one_file_share_one_truth() {
    let folder = TempDir::new().unwrap();
    let stores = open_at_once(&folder.path().join("store"));
    let record = bare("a", "b");
    put_new(&stores[0], &record).await;
    assert!(matches!(
        stores[1].put(&record, Expect::Absent).await,
        Err(StoreError::Conflict)
    ));
    let claims: Vec<_> = stores
        .iter()
        .cloned()
        .map(|store| {
            let key = record.key.clone();
            tokio::spawn(async move { store.claim(&key, at(1)).await.unwrap() })
        })
        .collect();
    let mut winners = 0;
    for claim in claims {
        winners += u32::from(matches!(claim.await.unwrap(), Claim::Won(_)));
    }
    assert_eq!(winners, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = EmbeddedStore::open(folder.path().join("store")).unwrap();
    put_new(&store, &bare("a", "b")).await;
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() > 1, "the file and its log");
    for file in files {
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            file.file_name()
        );
    }
}

#[test]
fn what_is_no_store_is_not_opened() {
    let folder = TempDir::new().unwrap();
    let other = folder.path().join("letter");
    fs::write(&other, "Dear customer, ".repeat(100)).unwrap();
    assert!(matches!(EmbeddedStore::open(&other), Err(StoreError::Malformed(_))));
    assert!(matches!(
        EmbeddedStore::open(folder.path().join("no/such/folder")),
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        EmbeddedStore::open(folder.path()),
        Err(StoreError::Unavailable(_))
    ));
}

#[test]
fn a_file_of_a_later_version_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store");
    drop(EmbeddedStore::open(&path).unwrap());
    raise_schema_number(&path);
    let refused = EmbeddedStore::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::Malformed(_)), "{refused:?}");
}

/// SQLite keeps `user_version` in the bytes 60 to 63 of the file, big-endian.
fn raise_schema_number(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    assert_eq!(bytes[60..64], [0, 0, 0, 1]);
    bytes[63] = 2;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_given_secret_is_found_under_its_name() {
    let store = EmbeddedStore::in_memory().unwrap();
    store
        .give("app", &SecretDocument::new(r#"{"client_secret":"s"}"#))
        .await
        .unwrap();
    let found = store
        .read(&SecretName::Given("app".to_owned()), Stage::Current)
        .await
        .unwrap();
    assert_eq!(found.unwrap().expose(), r#"{"client_secret":"s"}"#);
}

async fn next(changes: &mut Changes) -> Record {
    timeout(Duration::from_secs(20), changes.next())
        .await
        .expect("a change")
        .unwrap()
}

#[tokio::test]
async fn the_feed_tells_every_write_from_its_opening_on_in_order() {
    let store = EmbeddedStore::in_memory().unwrap();
    put_new(&store, &bare("before", "b")).await;
    let mut changes = store.changes().await.unwrap();
    let record = queued("c#1", "connection", Queue::Wiring, 5);
    put_new(&store, &record).await;
    store.put(&record, Expect::Absent).await.unwrap_err();
    let moved = Record {
        body: json!("wired"),
        ..queued("c#1", "connection", Queue::Health, 9)
    };
    store.put(&moved, Expect::Version(1)).await.unwrap();
    store.claim(&record.key, at(7)).await.unwrap();
    store.claim(&record.key, at(8)).await.unwrap();
    store.claim(&Key::new("nobody", "x"), at(8)).await.unwrap();
    Records::delete(&store, &record.key).await.unwrap();
    put_new(&store, &bare("after", "b")).await;
    assert_eq!(next(&mut changes).await, Record { version: 1, ..record });
    assert_eq!(
        next(&mut changes).await,
        Record {
            version: 2,
            ..moved.clone()
        }
    );
    assert_eq!(
        next(&mut changes).await,
        Record {
            version: 3,
            claimed_at: Some(at(7)),
            ..moved
        }
    );
    assert_eq!(
        next(&mut changes).await,
        Record {
            version: 1,
            ..bare("after", "b")
        }
    );
    assert!(
        timeout(Duration::from_millis(500), changes.next()).await.is_err(),
        "and nothing else"
    );
}

#[tokio::test]
async fn the_feed_tells_what_another_process_writes_and_loses_nothing_while_nobody_waits() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store");
    let (reader, writer) = (EmbeddedStore::open(&path).unwrap(), EmbeddedStore::open(&path).unwrap());
    let mut changes = reader.changes().await.unwrap();
    // More than one batch, with a reader that gives up waiting again and again.
    let written = tokio::spawn(async move {
        for number in 0..250 {
            put_new(&writer, &bare("a", &number.to_string())).await;
        }
    });
    let mut found = Vec::new();
    let read_all = async {
        while found.len() < 250 {
            if let Ok(record) = timeout(Duration::from_micros(700), changes.next()).await {
                found.push(record.unwrap().key.sk);
            }
        }
    };
    timeout(Duration::from_secs(60), read_all)
        .await
        .expect("every change arrives");
    written.await.unwrap();
    assert_eq!(found, (0..250).map(|number| number.to_string()).collect::<Vec<_>>());
}
