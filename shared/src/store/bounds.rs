//! What both stores accept: the bounds of DynamoDB and Secrets Manager, kept by the embedded store too.
//!
//! They are checked before anything is sent, so that a record which the local stack takes is one that AWS takes, and so
//! that an over-long path segment ends here instead of in a service's validation error.

use serde_json::Value;

use super::{Key, SecretName, Stage, StoreError};
use crate::secret::{SecretDocument, Sensitive};

/// DynamoDB: 2048 bytes of partition key.
const PARTITION_KEY_BYTES: usize = 2048;
/// DynamoDB: 1024 bytes of sort key.
const SORT_KEY_BYTES: usize = 1024;
/// DynamoDB: 400 KiB for an item, of which we leave 4 KiB to the keys and the other attributes.
const BODY_BYTES: usize = 396 * 1024;
/// Secrets Manager: 64 KiB for a secret value.
const DOCUMENT_BYTES: usize = 64 * 1024;
/// More than any page needs; keeps a query's answer small.
const PAGE_RECORDS: u32 = 1000;
/// Our connection ids are far shorter; the bound keeps the secret's name inside Secrets Manager's 512 characters.
const CONNECTION_ID_BYTES: usize = 128;

/// The document of a secret that has never had a current value. Secrets Manager labels the first version of a secret
/// `AWSCURRENT` whatever was asked for, so a secret is made with this, and reading it as current finds nothing.
pub(super) const EMPTY_DOCUMENT: &str = "{}";

/// What was given is outside the bounds of the store.
#[derive(Debug, thiserror::Error)]
#[error("{0} is outside the bounds of the store")]
struct OutOfBounds(&'static str);

/// A secret that operators made is never written by the service.
#[derive(Debug, thiserror::Error)]
#[error("a secret that was given by an operator is read only")]
struct ReadOnly;

/// Both parts of a key.
pub(super) fn check_key(key: &Key) -> Result<(), StoreError> {
    check_partition(&key.pk)?;
    within("the sort key", key.sk.len(), 1, SORT_KEY_BYTES)
}

/// A partition key.
pub(super) fn check_partition(pk: &str) -> Result<(), StoreError> {
    within("the partition key", pk.len(), 1, PARTITION_KEY_BYTES)
}

/// The start of a sort key, which may be empty.
pub(super) fn check_prefix(prefix: &str) -> Result<(), StoreError> {
    within("the sort key", prefix.len(), 0, SORT_KEY_BYTES)
}

/// The text of a record's document.
pub(super) fn body_text(body: &Value) -> Result<String, StoreError> {
    let text = body.to_string();
    within("the document", text.len(), 1, BODY_BYTES)?;
    Ok(text)
}

/// How many records a page has: at least one.
pub(super) fn page_size(limit: u32) -> usize {
    usize::try_from(limit.clamp(1, PAGE_RECORDS)).unwrap_or(1)
}

/// A secret document's size.
pub(super) fn check_document(document: &SecretDocument) -> Result<(), StoreError> {
    within("the secret document", document.expose().len(), 1, DOCUMENT_BYTES)
}

/// The document that was read in a stage, unless it is the one that a new secret starts with.
pub(super) fn written(stage: Stage, document: SecretDocument) -> Option<SecretDocument> {
    let never = stage == Stage::Current && document.expose() == EMPTY_DOCUMENT;
    (!never).then_some(document)
}

/// The name under which a secret is read.
pub(super) fn readable(prefix: &str, name: &SecretName) -> Result<String, StoreError> {
    match name {
        SecretName::Given(name) => Ok(name.clone()),
        SecretName::Connection { connection, side } => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            // A slash or a dot in an id would reach into another connection's name.
            if connection.is_empty() || connection.len() > CONNECTION_ID_BYTES || !connection.bytes().all(plain) {
                return Err(StoreError::Malformed(Box::new(OutOfBounds("the connection id"))));
            }
            Ok(format!("{prefix}/{connection}/{}", side.as_str()))
        }
    }
}

/// The name under which a secret is written or deleted.
pub(super) fn writable(prefix: &str, name: &SecretName) -> Result<String, StoreError> {
    match name {
        SecretName::Given(_) => Err(StoreError::Unavailable(Box::new(ReadOnly))),
        SecretName::Connection { .. } => readable(prefix, name),
    }
}

fn within(what: &'static str, length: usize, least: usize, most: usize) -> Result<(), StoreError> {
    if (least..=most).contains(&length) {
        Ok(())
    } else {
        Err(StoreError::Malformed(Box::new(OutOfBounds(what))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Side;

    #[test]
    fn a_connection_id_cannot_reach_into_another_name() {
        let name = |connection: &str| SecretName::Connection {
            connection: connection.to_owned(),
            side: Side::Akeneo,
        };
        assert_eq!(readable("p", &name("c-1_A")).unwrap(), "p/c-1_A/akeneo");
        for connection in ["", "a/b", "..", "a.b", "ä", "a b", "a\0", &"x".repeat(129)] {
            assert!(readable("p", &name(connection)).is_err(), "{connection:?}");
        }
    }

    #[test]
    fn a_given_secret_is_read_by_its_full_name_and_never_written() {
        let name = SecretName::Given("arn:aws:secretsmanager:eu-central-1:1:secret:app-AbCdEf".to_owned());
        assert_eq!(
            readable("p", &name).unwrap(),
            "arn:aws:secretsmanager:eu-central-1:1:secret:app-AbCdEf"
        );
        assert!(matches!(writable("p", &name), Err(StoreError::Unavailable(_))));
    }
}
