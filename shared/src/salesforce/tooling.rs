//! The compound `Metadata` of a Tooling row: read whole, changed in one place, written whole (facts/salesforce 1.3, 2.4).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::api::{ApiError, Org, Resource};
use super::deploy::xml;
use super::parameter::Row;
use super::record::Kind;
use super::record_id::RecordId;

/// A record's `Metadata`. A PATCH replaces all of it, so everything stays that is not changed on purpose. No `Debug`:
/// it holds parameter values.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Metadata(Map<String, Value>);

#[derive(Deserialize)]
struct ToolingRow {
    #[serde(rename = "Metadata")]
    metadata: Metadata,
}

#[derive(Serialize)]
struct Patch<'a> {
    #[serde(rename = "Metadata")]
    metadata: &'a Metadata,
}

impl Metadata {
    /// A text field.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// Sets a text field.
    pub(super) fn set_text(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_owned(), Value::from(value));
    }

    /// A yes or no.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key).and_then(Value::as_bool)
    }

    /// Sets a yes or no.
    pub(super) fn set_flag(&mut self, key: &str, value: bool) {
        self.0.insert(key.to_owned(), Value::from(value));
    }

    /// A list of parameter rows; null counts as empty.
    pub(super) fn rows(&self, key: &str) -> Result<Vec<Row>, ApiError> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(list) => Vec::deserialize(list).map_err(|_| ApiError::Malformed),
        }
    }

    /// Replaces a list of parameter rows.
    pub(super) fn set_rows(&mut self, key: &str, rows: &[Row]) -> Result<(), ApiError> {
        self.0.insert(
            key.to_owned(),
            serde_json::to_value(rows).map_err(|_| ApiError::Malformed)?,
        );
        Ok(())
    }
}

impl Metadata {
    /// The component that a Metadata deploy takes instead: its elements have the names of the fields (facts/salesforce 1.3).
    pub(super) fn document(&self, kind: &str) -> String {
        xml::document(kind, &xml::fields(&self.0))
    }
}

/// Reads a record's metadata. One row at a time: more than one is an error of Salesforce's (facts/salesforce 1.3).
pub(super) async fn read(org: &Org, kind: Kind, id: &RecordId) -> Result<Metadata, ApiError> {
    let row: ToolingRow = org
        .get(
            "salesforce.tooling.read",
            &Resource::tooling(kind.tooling_object(), id.as_str()),
        )
        .await?;
    let mut metadata = row.metadata;
    // Output only: Salesforce adds an empty `urls` when it shows the compound.
    metadata.0.remove("urls");
    Ok(metadata)
}

/// Writes a record's metadata.
pub(super) async fn write(org: &Org, kind: Kind, id: &RecordId, metadata: &Metadata) -> Result<(), ApiError> {
    let resource = Resource::tooling(kind.tooling_object(), id.as_str());
    org.patch("salesforce.tooling.write", &resource, &Patch { metadata })
        .await
}
