//! The secret store: one JSON document per connection and side, written whole, in two stages.

use async_trait::async_trait;

use super::StoreError;
use crate::secret::SecretDocument;

/// Whose secrets a document holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Client secret, token and challenge pair of the Custom App.
    Akeneo,
    /// Refresh token and session of the org, consumer secrets.
    Salesforce,
}

impl Side {
    /// The last part of the secret's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Akeneo => "akeneo",
            Self::Salesforce => "salesforce",
        }
    }
}

/// The name of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretName {
    /// `{prefix}/{connection}/{side}`; the store knows the prefix.
    Connection {
        /// The connection's id.
        connection: String,
        /// Whose secrets.
        side: Side,
    },
    /// A secret that operators made, by full name or ARN: the External Client App's `client_secret`. Read only: writing or deleting it
    /// is refused as [`super::StoreError::Unavailable`].
    Given(String),
}

/// Which version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Proven by use: Secrets Manager's `AWSCURRENT`.
    Current,
    /// Typed by a person and not proven yet: `AWSPENDING`.
    Pending,
}

/// The secret store. Three verbs (GetSecretValue; PutSecretValue with CreateSecret; DeleteSecret).
///
/// A connection id that is not plain (letters, digits, `-`, `_`), and a document that is empty or larger than 64 KiB, are
/// [`super::StoreError::Malformed`] before anything is sent.
#[async_trait]
pub trait Secrets: Send + Sync + std::fmt::Debug {
    /// The document in that stage; `None` when the secret or the stage does not exist. May lag behind a write by a moment
    /// (Secrets Manager reads are eventually consistent): documents carry a generation and callers check it.
    ///
    /// # Errors
    /// [`super::StoreError::Unavailable`].
    async fn read(&self, name: &SecretName, stage: Stage) -> Result<Option<SecretDocument>, StoreError>;

    /// Writes the whole document in that stage and leaves the other stage alone. Needs no permission to read.
    /// A secret whose first write is a pending one has no current document; `{}` as the current document counts as none.
    ///
    /// # Errors
    /// [`super::StoreError::Unavailable`].
    async fn write(&self, name: &SecretName, stage: Stage, document: &SecretDocument) -> Result<(), StoreError>;

    /// Deletes the secret with all its versions; nothing happens if there is none.
    ///
    /// # Errors
    /// [`super::StoreError::Unavailable`].
    async fn delete(&self, name: &SecretName) -> Result<(), StoreError>;
}
