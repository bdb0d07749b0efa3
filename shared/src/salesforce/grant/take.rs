//! Taking our own permission set away again, when a connection ends. Packaged sets and their assignments stay.

use serde::Deserialize;

use super::super::api::{ApiError, Org, Resource, literal};
use super::super::own_record::unless_gone;
use super::super::record_id::RecordId;
use super::own_set::find;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IdRow {
    id: RecordId,
}

/// Deletes our set, its assignments first: Salesforce deletes no set that somebody has. Accesses go with the set.
///
/// # Errors
/// [`ApiError`].
pub async fn remove_own_set(org: &Org) -> Result<(), ApiError> {
    let Some(set) = find(org).await? else { return Ok(()) };
    let soql = format!(
        "SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId={}",
        literal(set.as_str())
    );
    let assignments: Vec<IdRow> = org.query("salesforce.grant.own", &soql).await?;
    for row in assignments {
        let resource = Resource::new(&["sobjects", "PermissionSetAssignment", row.id.as_str()]);
        unless_gone(org.delete("salesforce.grant.unassign", &resource).await)?;
    }
    let resource = Resource::new(&["sobjects", "PermissionSet", set.as_str()]);
    unless_gone(org.delete("salesforce.grant.set.delete", &resource).await)
}
