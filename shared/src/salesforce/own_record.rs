//! Records of ours in an org, known by their label. A record of the same name with another label is somebody else's and is never touched.

use serde::Deserialize;

use super::api::{ApiError, Org, literal};
use super::record::{FullName, Kind, PackagedRecord};
use super::record_id::RecordId;

/// What has a name.
#[derive(Debug)]
pub(super) enum Named {
    /// Nothing.
    Nothing,
    /// Our record.
    Ours(PackagedRecord),
    /// Somebody else's.
    Taken,
}

impl Named {
    /// Our record, if it is there.
    pub(super) fn ours(self) -> Option<PackagedRecord> {
        match self {
            Self::Ours(record) => Some(record),
            Self::Nothing | Self::Taken => None,
        }
    }

    /// Whether it is somebody else's.
    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Taken)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: RecordId,
    namespace_prefix: Option<String>,
    master_label: Option<String>,
}

/// Looks for a local record of this name. `call` names the call in the log.
///
/// # Errors
/// [`ApiError`].
pub(super) async fn find(
    org: &Org,
    call: &'static str,
    kind: Kind,
    developer_name: &str,
    label: &str,
) -> Result<Named, ApiError> {
    let soql = format!(
        "SELECT Id,DeveloperName,NamespacePrefix,MasterLabel FROM {} WHERE DeveloperName={}",
        kind.tooling_object(),
        literal(developer_name)
    );
    let rows: Vec<Row> = org.tooling_query(call, &soql).await?;
    let mut local = rows
        .into_iter()
        .filter(|row| row.namespace_prefix.as_deref().unwrap_or_default().is_empty());
    Ok(match local.next() {
        Some(row) if row.master_label.as_deref() == Some(label) => Named::Ours(PackagedRecord {
            id: row.id,
            full_name: FullName::local(developer_name),
        }),
        Some(_) => Named::Taken,
        None => Named::Nothing,
    })
}

/// What is gone already needs no deletion.
pub(super) fn unless_gone(deleted: Result<(), ApiError>) -> Result<(), ApiError> {
    match deleted {
        Err(ApiError::NotFound) => Ok(()),
        other => other,
    }
}
