//! What invoked the function. Only keys are read from a stream record: the connection itself is read fresh.

use connector::connection::ConnectionId;
use connector::store::written;
use serde_json::Value;

/// Who wants what.
#[derive(Debug)]
pub(crate) enum Trigger {
    /// Connections that were just written, each with its record's sequence number.
    Stream(Vec<(ConnectionId, String)>),
    /// One connection, by an operator: `{"connection": "…"}`.
    Operator(ConnectionId),
    /// Whatever is due.
    Schedule,
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
    let Some(records) = written(event) else {
        return Trigger::Schedule;
    };
    let connections = records.into_iter().filter_map(|record| {
        let id = record
            .key
            .pk
            .strip_prefix("connection#")
            .and_then(ConnectionId::parse)?;
        (record.key.sk == "connection").then_some((id, record.sequence_number))
    });
    Trigger::Stream(connections.collect())
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
        assert_eq!((records[0].0.as_str(), records[0].1.as_str()), (id, "7"));
        assert!(matches!(read(&json!({"connection": id})), Trigger::Operator(found) if found.as_str() == id));
        assert!(matches!(read(&json!({"source": "aws.scheduler"})), Trigger::Schedule));
        assert!(matches!(read(&json!(null)), Trigger::Schedule));
    }
}
