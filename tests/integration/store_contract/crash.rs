//! What a `kill -9` leaves behind.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use connector::{
    secret::Sensitive,
    store::{Expect, Key, Queue, Records, SecretName, Secrets, Side, Stage, embedded::EmbeddedStore},
};
use tempfile::TempDir;

use super::at;

#[tokio::test]
async fn a_killed_writer_leaves_every_acknowledged_write_and_nothing_half_done() {
    for stop_after in [1, 20, 75, 150] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("store");
        let mut writer = Command::new(env!("CARGO_BIN_EXE_embedded-writer"))
            .arg(&path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = BufReader::new(writer.stdout.take().unwrap()).lines();
        for _ in 0..stop_after {
            acknowledged
                .next()
                .expect("the writer writes until it is killed")
                .unwrap();
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What it had said before it died; at least the last line that was read above.
        let last = acknowledged
            .map_while(Result::ok)
            .filter_map(|line| line.parse().ok())
            .last();
        let last: u64 = last.unwrap_or(stop_after - 1);
        check(&EmbeddedStore::open(&path).unwrap(), last).await;
    }
}

async fn check(store: &EmbeddedStore, last: u64) {
    let found = store.get(&Key::new("c#1", "counter")).await.unwrap().unwrap();
    let number = found.body["number"].as_u64().unwrap();
    assert!(number == last || number == last + 1, "{number} after {last}");
    assert_eq!(found.version, number + 1);
    let due = store
        .due(Queue::Wiring, at(i64::from(i32::MAX) * 1000), 10, None)
        .await
        .unwrap();
    assert_eq!(due.records, std::slice::from_ref(&found), "the index agrees");
    let name = SecretName::Connection {
        connection: "c1".to_owned(),
        side: Side::Salesforce,
    };
    let document = store.read(&name, Stage::Current).await.unwrap().unwrap();
    let whole = [last, last + 1].map(|generation| format!("{{\"generation\":{generation}}}"));
    assert!(whole.iter().any(|text| text == document.expose()));
    assert_eq!(
        store.put(&found, Expect::Version(found.version)).await.unwrap(),
        number + 2,
        "it can be written on"
    );
}
