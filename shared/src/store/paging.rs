//! Paging tokens: where a page ended, as opaque text that both stores write alike.
//!
//! A token is the key of the last record, in base64url JSON, as DynamoDB's own `LastEvaluatedKey` would be. It carries
//! no authority: the partition, prefix, queue and time come from the request, and a token that lies outside of them is
//! refused. It is outside input: it must never panic, and never widen what a request may see.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Due, Key, Queue, Record, StoreError, bounds};

/// Longer than the token of the longest key, escapes and base64 included.
const TOKEN_BYTES: usize = 32 * 1024;

/// The paging token was not made by this store for this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the paging token does not belong to this request")]
pub struct ForgedToken;

impl From<ForgedToken> for StoreError {
    fn from(forged: ForgedToken) -> Self {
        Self::Malformed(Box::new(forged))
    }
}

/// The last record of a page of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListPosition {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl ListPosition {
    /// Reads the token of a request for `prefix` in `pk`.
    pub(super) fn read(token: Option<&str>, pk: &str, prefix: &str) -> Result<Option<Self>, StoreError> {
        let Some(position) = token.map(decode::<Self>).transpose()? else {
            return Ok(None);
        };
        let belongs = position.pk == pk && position.sk.starts_with(prefix) && fits(&position.pk, &position.sk);
        if belongs {
            Ok(Some(position))
        } else {
            Err(ForgedToken.into())
        }
    }

    pub(super) fn of(record: &Record) -> Self {
        Self {
            pk: record.key.pk.clone(),
            sk: record.key.sk.clone(),
        }
    }
}

/// The last record of a page of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DuePosition {
    pub(super) queue: Queue,
    /// Milliseconds since the epoch.
    pub(super) due_at: i64,
    pub(super) pk: String,
    pub(super) sk: String,
}

impl DuePosition {
    /// Reads the token of a request for `queue` up to `until` (milliseconds since the epoch).
    pub(super) fn read(token: Option<&str>, queue: Queue, until: i64) -> Result<Option<Self>, StoreError> {
        let Some(position) = token.map(decode::<Self>).transpose()? else {
            return Ok(None);
        };
        // A later `until` than the first page's is fine, an earlier one may leave nothing to read.
        let belongs = position.queue == queue && position.due_at <= until && fits(&position.pk, &position.sk);
        if belongs {
            Ok(Some(position))
        } else {
            Err(ForgedToken.into())
        }
    }

    pub(super) fn of(record: &Record, due: Due) -> Self {
        let Key { pk, sk } = record.key.clone();
        Self {
            queue: due.queue,
            due_at: due.at.as_millisecond(),
            pk,
            sk,
        }
    }
}

fn fits(pk: &str, sk: &str) -> bool {
    bounds::check_key(&Key::new(pk, sk)).is_ok()
}

/// The position as a token.
pub(super) fn encode(position: &impl Serialize) -> Result<String, StoreError> {
    let json = serde_json::to_vec(position).map_err(|error| StoreError::Malformed(error.into()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn decode<T: DeserializeOwned>(token: &str) -> Result<T, StoreError> {
    if token.len() > TOKEN_BYTES {
        return Err(ForgedToken.into());
    }
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| ForgedToken)?;
    Ok(serde_json::from_slice(&json).map_err(|_| ForgedToken)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_back_only_for_the_request_it_was_made_for() {
        let position = ListPosition {
            pk: "c#1".to_owned(),
            sk: "audit#7".to_owned(),
        };
        let token = encode(&position).unwrap();
        assert_eq!(
            ListPosition::read(Some(&token), "c#1", "audit#").unwrap(),
            Some(position)
        );
        for (pk, prefix) in [("c#2", "audit#"), ("c#1", "session#"), ("c#1", "audit#70")] {
            let refused = ListPosition::read(Some(&token), pk, prefix).unwrap_err();
            assert!(refused.is_forged_token(), "{pk} {prefix}");
        }
        assert!(
            DuePosition::read(Some(&token), Queue::Wiring, i64::MAX)
                .unwrap_err()
                .is_forged_token()
        );
    }

    #[test]
    fn a_due_token_is_bound_to_its_queue_and_time() {
        let position = DuePosition {
            queue: Queue::Health,
            due_at: 1000,
            pk: "c#1".to_owned(),
            sk: "c".to_owned(),
        };
        let token = encode(&position).unwrap();
        assert_eq!(
            DuePosition::read(Some(&token), Queue::Health, 1000).unwrap(),
            Some(position)
        );
        assert!(DuePosition::read(Some(&token), Queue::Wiring, 1000).is_err());
        assert!(DuePosition::read(Some(&token), Queue::Health, 999).is_err());
    }

    #[test]
    fn known_forgeries_are_refused() {
        let forge = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let long = "x".repeat(TOKEN_BYTES + 1);
        for token in [
            String::new(),
            "not base64!".to_owned(),
            long,
            forge("null"),
            forge("{}"),
            forge(r#"{"pk":"c#1"}"#),
            forge(r#"{"pk":"c#1","sk":""}"#),
            forge(r#"{"pk":"c#1","sk":7}"#),
            forge(r#"{"pk":"c#1","sk":"a","queue":"health"}"#),
            forge(r#"{"pk":"c#1","pk":"c#1","sk":"a"}"#),
        ] {
            let refused = ListPosition::read(Some(&token), "c#1", "").unwrap_err();
            assert!(refused.is_forged_token(), "{token:.80}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_without_a_panic(token in ".{0,200}", json in r#"\{"pk":"[a-c]","sk":".{0,5}"\}"#) {
            for token in [token, URL_SAFE_NO_PAD.encode(json)] {
                if let Ok(Some(position)) = ListPosition::read(Some(&token), "a", "") {
                    prop_assert_eq!(position.pk, "a");
                }
                prop_assert!(DuePosition::read(Some(&token), Queue::Idle, 0).is_err());
            }
        }

        #[test]
        fn every_key_survives_the_round_trip(pk in ".{1,300}", sk in ".{1,150}") {
            let position = ListPosition { pk: pk.clone(), sk: sk.clone() };
            let token = encode(&position).unwrap();
            prop_assert_eq!(ListPosition::read(Some(&token), &pk, "").unwrap(), Some(position));
        }
    }
}
