//! Writes records and secrets into an embedded store until it is killed, and says on standard output what was acknowledged.
//!
//! The store's contract suite starts this program to find out what a `kill -9` leaves behind.

use std::{env, io::Write};

use connector::{
    secret::SecretDocument,
    store::{Due, Expect, Key, Queue, Record, Records, SecretName, Secrets, Side, Stage, embedded::EmbeddedStore},
};
use connector_tests::Fault;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let path = env::args().nth(1).ok_or("usage: embedded-writer FILE")?;
    let store = EmbeddedStore::open(path)?;
    let name = SecretName::Connection {
        connection: "c1".to_owned(),
        side: Side::Salesforce,
    };
    let at = "2026-01-01T00:00:00Z".parse()?;
    for number in 0_u64.. {
        let counter = Key::new("c#1", "counter");
        let expect = if number == 0 {
            Expect::Absent
        } else {
            Expect::Version(number)
        };
        let mut record = Record::new(counter, &json!({ "number": number, "filler": "x".repeat(2000) }))?;
        record.due = Some(Due {
            queue: Queue::Wiring,
            at,
        });
        store.put(&record, expect).await?;
        let document = SecretDocument::new(format!("{{\"generation\":{number}}}"));
        store.write(&name, Stage::Current, &document).await?;
        writeln!(std::io::stdout(), "{number}")?;
    }
    Ok(())
}
