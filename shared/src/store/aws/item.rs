//! A record as a DynamoDB item, and back.
//!
//! `pk`, `sk`, `version`, `body` (the document's JSON text), `expires_at` (epoch seconds, the table's TTL attribute),
//! `expires_at_ms`, `claimed_at` (epoch milliseconds), `queue` and `due_at` (epoch milliseconds; the index `by-due`).
//! `written_by` and `claimed_by` name the call that wrote, see [`super::table`]; they are no part of the record.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    clock::Timestamp,
    store::{Due, Key, Queue, Record, StoreError, bounds},
};

/// An item of the table.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Names the call that put the item.
pub(super) const WRITTEN_BY: &str = "written_by";
/// Names the call that claimed it.
pub(super) const CLAIMED_BY: &str = "claimed_by";

/// An item that is not a record.
#[derive(Debug, thiserror::Error)]
enum NoRecord {
    #[error("the attribute {0} is missing or has another type")]
    Attribute(&'static str),
    #[error("the attribute {0} is out of range")]
    Range(&'static str),
}

impl From<NoRecord> for StoreError {
    fn from(error: NoRecord) -> Self {
        Self::Malformed(Box::new(error))
    }
}

/// The whole item for a record that becomes `version`, written by the call `writer`.
pub(super) fn encode(record: &Record, version: u64, writer: &str) -> Result<Item, StoreError> {
    let mut item = key(&record.key)?;
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    set("version", number(version));
    set("body", text(bounds::body_text(&record.body)?));
    set(WRITTEN_BY, text(writer));
    if let Some(end) = record.expires_at {
        // Rounded up: the table's TTL must not delete a record that still counts.
        set(
            "expires_at",
            number(end.as_millisecond().div_euclid(1000) + i64::from(end.as_millisecond() % 1000 != 0)),
        );
        set("expires_at_ms", number(end.as_millisecond()));
    }
    if let Some(at) = record.claimed_at {
        set("claimed_at", number(at.as_millisecond()));
    }
    if let Some(due) = record.due {
        set("queue", text(due.queue.as_str()));
        set("due_at", number(due.at.as_millisecond()));
    }
    Ok(item)
}

/// The primary key alone.
pub(super) fn key(key: &Key) -> Result<Item, StoreError> {
    bounds::check_key(key)?;
    Ok(HashMap::from([
        ("pk".to_owned(), text(&key.pk)),
        ("sk".to_owned(), text(&key.sk)),
    ]))
}

/// The record in an item.
pub(super) fn decode(item: &Item) -> Result<Record, StoreError> {
    let body = serde_json::from_str(string(item, "body")?).map_err(|error| StoreError::Malformed(Box::new(error)))?;
    Ok(Record {
        key: Key::new(string(item, "pk")?, string(item, "sk")?),
        version: parse(item, "version")?.ok_or(NoRecord::Attribute("version"))?,
        body,
        expires_at: instant(item, "expires_at_ms")?,
        claimed_at: instant(item, "claimed_at")?,
        due: due(item)?,
    })
}

/// Where the item stands in the index; `None` unless both attributes are there, as DynamoDB has it.
fn due(item: &Item) -> Result<Option<Due>, StoreError> {
    let Some(at) = instant(item, "due_at")? else {
        return Ok(None);
    };
    let Some(AttributeValue::S(name)) = item.get("queue") else {
        return Ok(None);
    };
    let queue = Queue::ALL
        .into_iter()
        .find(|queue| queue.as_str() == name)
        .ok_or(NoRecord::Range("queue"))?;
    Ok(Some(Due { queue, at }))
}

/// Whether the call `writer` is the one that the attribute names.
pub(super) fn is_by(item: Option<&Item>, attribute: &str, writer: &str) -> bool {
    matches!(item.and_then(|item| item.get(attribute)), Some(AttributeValue::S(name)) if name == writer)
}

/// A string attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn string<'item>(item: &'item Item, name: &'static str) -> Result<&'item str, NoRecord> {
    match item.get(name) {
        Some(AttributeValue::S(value)) => Ok(value),
        _ => Err(NoRecord::Attribute(name)),
    }
}

fn parse<T: std::str::FromStr>(item: &Item, name: &'static str) -> Result<Option<T>, NoRecord> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::N(value)) => value.parse().map(Some).map_err(|_| NoRecord::Range(name)),
        Some(_) => Err(NoRecord::Attribute(name)),
    }
}

fn instant(item: &Item, name: &'static str) -> Result<Option<Timestamp>, NoRecord> {
    let Some(milliseconds) = parse(item, name)? else {
        return Ok(None);
    };
    Timestamp::from_millisecond(milliseconds)
        .map(Some)
        .map_err(|_| NoRecord::Range(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record() -> Record {
        Record {
            key: Key::new("c#1", "connection"),
            version: 0,
            body: json!({ "text": "ü\u{1F511}", "list": [1, 2.5, null] }),
            expires_at: Some(Timestamp::from_millisecond(1_000_001).unwrap()),
            claimed_at: Some(Timestamp::from_millisecond(7).unwrap()),
            due: Some(Due {
                queue: Queue::Wiring,
                at: Timestamp::from_millisecond(42).unwrap(),
            }),
        }
    }

    #[test]
    fn an_item_has_the_attributes_that_the_template_and_the_stream_filter_name() {
        let item = encode(&record(), 3, "w").unwrap();
        assert_eq!(item["version"], number(3));
        assert_eq!(item["expires_at"], number(1001), "seconds, rounded up");
        assert_eq!(item["claimed_at"], number(7));
        assert_eq!(item["queue"], text("wiring"));
        assert_eq!(item["due_at"], number(42));
        assert_eq!(decode(&item).unwrap(), Record { version: 3, ..record() });
    }

    #[test]
    fn absent_parts_have_no_attributes() {
        let bare = Record {
            expires_at: None,
            claimed_at: None,
            due: None,
            ..record()
        };
        let item = encode(&bare, 1, "w").unwrap();
        for name in ["expires_at", "expires_at_ms", "claimed_at", "queue", "due_at"] {
            assert!(!item.contains_key(name), "{name}");
        }
        assert_eq!(decode(&item).unwrap(), Record { version: 1, ..bare });
    }

    #[test]
    fn whole_seconds_are_not_rounded() {
        for (milliseconds, seconds) in [(0, 0), (1000, 1), (1001, 2), (1999, 2), (-1, 0), (-1000, -1)] {
            let end = Timestamp::from_millisecond(milliseconds).unwrap();
            let item = encode(
                &Record {
                    expires_at: Some(end),
                    ..record()
                },
                1,
                "w",
            )
            .unwrap();
            assert_eq!(item["expires_at"], number(seconds), "{milliseconds}");
        }
    }

    #[test]
    fn a_broken_item_is_an_error_and_does_not_show_its_body() {
        let breakages: [(&str, Option<AttributeValue>); 8] = [
            ("pk", None),
            ("version", None),
            ("version", Some(number("1e400"))),
            ("body", Some(text("{\"text\": marked"))),
            ("body", Some(number(1))),
            ("claimed_at", Some(number(i64::MAX))),
            ("due_at", Some(text("42"))),
            ("queue", Some(text("elsewhere"))),
        ];
        for (name, value) in breakages {
            let mut item = encode(&record(), 1, "w").unwrap();
            item.remove(name);
            item.extend(value.map(|value| (name.to_owned(), value)));
            let error = decode(&item).unwrap_err();
            assert!(matches!(error, StoreError::Malformed(_)), "{name}");
            assert!(!format!("{error:?}").contains("marked"), "{error:?}");
        }
    }
}
