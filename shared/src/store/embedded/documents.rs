//! [`Secrets`] as rows, one for each stage.

use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};

use super::{EmbeddedStore, fault};
use crate::{
    secret::{SecretDocument, Sensitive},
    store::{SecretName, Secrets, Stage, StoreError, bounds},
};

/// The names have no prefix here: one file is one deployment.
const PREFIX: &str = "embedded";

impl EmbeddedStore {
    /// Puts the current document of a secret that operators make, under its full name ([`SecretName::Given`]).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Malformed`] when the document is empty or too large.
    pub async fn give(&self, name: &str, document: &SecretDocument) -> Result<(), StoreError> {
        self.keep(name.to_owned(), Stage::Current, document).await
    }

    async fn keep(&self, name: String, stage: Stage, document: &SecretDocument) -> Result<(), StoreError> {
        bounds::check_document(document)?;
        let document = document.clone();
        let kept = self.run(move |connection| {
            connection
                .execute(
                    "INSERT INTO secrets (name, stage, document) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET document = excluded.document",
                    params![name, column(stage), document.expose()],
                )
                .map_err(fault)
        });
        kept.await.map(drop)
    }
}

#[async_trait]
impl Secrets for EmbeddedStore {
    async fn read(&self, name: &SecretName, stage: Stage) -> Result<Option<SecretDocument>, StoreError> {
        let name = bounds::readable(PREFIX, name)?;
        let found = self.run(move |connection| {
            connection
                .query_row(
                    "SELECT document FROM secrets WHERE name = ?1 AND stage = ?2",
                    params![name, column(stage)],
                    |row| row.get(0).map(|text: String| SecretDocument::new(text)),
                )
                .optional()
                .map_err(fault)
        });
        Ok(found.await?.and_then(|document| bounds::written(stage, document)))
    }

    async fn write(&self, name: &SecretName, stage: Stage, document: &SecretDocument) -> Result<(), StoreError> {
        self.keep(bounds::writable(PREFIX, name)?, stage, document).await
    }

    async fn delete(&self, name: &SecretName) -> Result<(), StoreError> {
        let name = bounds::writable(PREFIX, name)?;
        let deleted = self.run(move |connection| {
            connection
                .execute("DELETE FROM secrets WHERE name = ?1", [name])
                .map_err(fault)
        });
        deleted.await.map(drop)
    }
}

fn column(stage: Stage) -> &'static str {
    match stage {
        Stage::Current => "current",
        Stage::Pending => "pending",
    }
}
