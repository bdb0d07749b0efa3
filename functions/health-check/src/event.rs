//! What invoked the function. Only keys are read from a stream record: the entry itself is read fresh.

use connector::connection::ConnectionId;
use connector::store::{Written, written};
use serde_json::Value;

/// Who wants what.
#[derive(Debug)]
pub(crate) enum Trigger {
    /// Entries of the audit trail that other systems are to be told of.
    Stream(Vec<Written>),
    /// One connection, by an operator: `{"connection": "…"}`.
    Operator(ConnectionId),
    /// Whatever is due.
    Schedule,
}

/// Reads an event. Records that are not of the audit trail are left out.
pub(crate) fn read(event: &Value) -> Trigger {
    let one = event.get("connection").and_then(Value::as_str);
    if let Some(id) = one.and_then(ConnectionId::parse) {
        return Trigger::Operator(id);
    }
    let Some(records) = written(event) else {
        return Trigger::Schedule;
    };
    let public = |record: &Written| record.key.pk.starts_with("connection#") && record.key.sk.starts_with("audit#");
    Trigger::Stream(records.into_iter().filter(public).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector::store::Key;
    use serde_json::json;

    #[test]
    fn each_trigger_is_told_apart() {
        let id = "0123456789abcdef0123";
        let record = |pk: &str, sk: &str| json!({"eventName": "INSERT", "dynamodb": {"SequenceNumber": "7", "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}});
        let connection = format!("connection#{id}");
        let batch = json!({"Records": [record(&connection, "audit#1#a"), record(&connection, "connection"), record("session#x", "audit#1")]});
        let Trigger::Stream(records) = read(&batch) else {
            panic!("not a stream")
        };
        assert_eq!(records.len(), 1);
        assert_eq!(
            (&records[0].key, records[0].sequence_number.as_str()),
            (&Key::new(connection, "audit#1#a"), "7")
        );
        assert!(matches!(read(&json!({"connection": id})), Trigger::Operator(found) if found.as_str() == id));
        assert!(matches!(read(&json!({"source": "aws.scheduler"})), Trigger::Schedule));
        assert!(matches!(read(&json!(null)), Trigger::Schedule));
    }
}
