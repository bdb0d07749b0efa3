//! The table's stream as Lambda hands it over: which records were written. Only keys are read; whoever acts on a record reads it fresh.

use serde::Deserialize;
use serde_json::Value;

use super::Key;

/// A record that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it lives.
    pub key: Key,
    /// Names it in the answer to a batch of which a part failed.
    pub sequence_number: String,
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    dynamodb: Change,
}

#[derive(Deserialize)]
struct Change {
    #[serde(rename = "Keys")]
    keys: Keys,
    #[serde(rename = "SequenceNumber")]
    sequence_number: String,
}

#[derive(Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// The records of a batch; `None` for an event that is no batch of a stream.
#[must_use]
pub fn written(event: &Value) -> Option<Vec<Written>> {
    let batch = Batch::deserialize(event).ok()?;
    let records = batch.records.into_iter().map(|item| Written {
        key: Key::new(item.dynamodb.keys.pk.text, item.dynamodb.keys.sk.text),
        sequence_number: item.dynamodb.sequence_number,
    });
    Some(records.collect())
}
