//! What invoked the function. Only keys are read from a stream record: the connection itself is read fresh.

use connector::connection::ConnectionId;
use serde::Deserialize;
use serde_json::Value;

/// Who wants what.
#[derive(Debug)]
pub(crate) enum Trigger {
    /// Connections that were just written.
    Stream(Vec<StreamRecord>),
    /// One connection, by an operator: `{"connection": "…"}`.
    Operator(ConnectionId),
    /// Whatever is due.
    Schedule,
}

/// A stream record, as far as it matters.
#[derive(Debug)]
pub(crate) struct StreamRecord {
    pub(crate) connection: ConnectionId,
    pub(crate) sequence_number: String,
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

/// Reads an event. Records of other items than connections are left out.
pub(crate) fn read(event: &Value) -> Trigger {
    if let Some(id) = event
        .get("connection")
        .and_then(Value::as_str)
        .and_then(ConnectionId::parse)
    {
        return Trigger::Operator(id);
    }
    let Ok(batch) = Batch::deserialize(event) else {
        return Trigger::Schedule;
    };
    let records = batch.records.into_iter().filter_map(|item| {
        let keys = item.dynamodb.keys;
        let id = keys.pk.text.strip_prefix("connection#").and_then(ConnectionId::parse)?;
        let sequence_number = item.dynamodb.sequence_number;
        (keys.sk.text == "connection").then_some(StreamRecord {
            connection: id,
            sequence_number,
        })
    });
    Trigger::Stream(records.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_trigger_is_told_apart() {
        let id = "0123456789abcdef0123";
        let record = |pk: &str, sk: &str| json!({"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "7", "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}});
        let connection = format!("connection#{id}");
        let batch = json!({"Records": [record(&connection, "connection"), record(&connection, "lease"), record("session#x", "session")]});
        let Trigger::Stream(records) = read(&batch) else {
            panic!("not a stream")
        };
        assert_eq!(records.len(), 1);
        assert_eq!(
            (records[0].connection.as_str(), records[0].sequence_number.as_str()),
            (id, "7")
        );
        assert!(matches!(read(&json!({"connection": id})), Trigger::Operator(found) if found.as_str() == id));
        assert!(matches!(read(&json!({"source": "aws.scheduler"})), Trigger::Schedule));
        assert!(matches!(read(&json!(null)), Trigger::Schedule));
    }
}
