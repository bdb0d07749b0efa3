//! Our own permission set: the healer where the packaged one does not give access (facts/salesforce 6).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::api::{ApiError, Org, Resource, literal};
use super::super::change::ChangeError;
use super::super::deploy::{self, Component, xml};
use super::super::external_credential;
use super::super::record_id::{PrincipalId, RecordId};
use super::Grants;

/// Its name; it has no namespace.
pub const OWN_SET: &str = "Akeneo_Onboarding_Access";
const LABEL: &str = "Akeneo Onboarding Access";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IdRow {
    id: RecordId,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessRow {
    setup_entity_id: RecordId,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionRow {
    id: RecordId,
    permissions_read: bool,
}

/// `Read` and nothing else.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectPermissions<'a> {
    parent_id: &'a str,
    sobject_type: &'a str,
    permissions_read: bool,
    permissions_create: bool,
    permissions_edit: bool,
    permissions_delete: bool,
    permissions_view_all_records: bool,
    permissions_modify_all_records: bool,
}

/// Makes sure that our set exists and gives both, and returns its id. Row by row over the data API; where the org refuses that, by a
/// Metadata deploy of the whole set (facts/salesforce 6).
pub(super) async fn ensure(org: &Org, principal: &PrincipalId, grants: &Grants) -> Result<RecordId, ChangeError> {
    match by_rows(org, principal, grants).await {
        Err(refusal) if refusal.is_refusal() => {
            let component = component(&principals(org, principal).await?);
            match deploy::run(org, &[component]).await {
                Err(error) if error.is_refusal() => Err(refusal.into()),
                Err(error) => Err(error.into()),
                Ok(()) => Ok(find(org).await?.ok_or(ApiError::NotFound)?),
            }
        }
        other => Ok(other?),
    }
}

/// Names of the principals that our set is to give access to: this one, and those that it does already. A deploy may replace the set, and
/// picklist synchronisation has a principal of its own in it.
async fn principals(org: &Org, wanted: &PrincipalId) -> Result<Vec<String>, ApiError> {
    let mut ids = BTreeSet::from([wanted.record().clone()]);
    if let Some(set) = find(org).await? {
        let soql = format!(
            "SELECT SetupEntityId FROM SetupEntityAccess WHERE SetupEntityType='ExternalCredentialParameter' AND ParentId={}",
            literal(set.as_str())
        );
        let rows: Vec<AccessRow> = org.query("salesforce.grant.principals", &soql).await?;
        ids.extend(rows.into_iter().map(|row| row.setup_entity_id));
    }
    external_credential::principal_names(org, &ids).await
}

fn component(principals: &[String]) -> Component {
    let flags = [
        ("allowCreate", false),
        ("allowDelete", false),
        ("allowEdit", false),
        ("allowRead", true),
        ("modifyAllRecords", false),
        ("viewAllRecords", false),
    ];
    let flags: String = flags
        .iter()
        .map(|(name, value)| xml::text(name, &value.to_string()))
        .collect();
    let access = |principal: &String| {
        let elements = [
            xml::text("enabled", "true"),
            xml::text("externalCredentialPrincipal", principal),
        ];
        xml::parent("externalCredentialPrincipalAccesses", &elements.concat())
    };
    let elements = [
        principals.iter().map(access).collect(),
        xml::text("label", LABEL),
        xml::parent(
            "objectPermissions",
            &format!("{flags}{}", xml::text("object", "UserExternalCredential")),
        ),
    ];
    Component {
        kind: "PermissionSet",
        full_name: OWN_SET.to_owned(),
        path: format!("permissionsets/{OWN_SET}.permissionset"),
        xml: xml::document("PermissionSet", &elements.concat()),
    }
}

/// Looks before each creation, so that a repetition creates nothing twice (facts/salesforce 6, steps 1 to 3).
async fn by_rows(org: &Org, principal: &PrincipalId, grants: &Grants) -> Result<RecordId, ApiError> {
    let id = match find(org).await? {
        Some(id) => id,
        None => create(org).await?,
    };
    if !grants.sets.iter().any(|set| set.id == id) {
        let body = json!({"ParentId": id.as_str(), "SetupEntityId": principal.as_str()});
        let created = org
            .create(
                "salesforce.grant.principal.create",
                &Resource::data("SetupEntityAccess"),
                &body,
            )
            .await;
        unless_there(created)?;
    }
    ensure_read(org, &id).await?;
    Ok(id)
}

pub(super) async fn find(org: &Org) -> Result<Option<RecordId>, ApiError> {
    let soql = format!(
        "SELECT Id FROM PermissionSet WHERE Name={} AND NamespacePrefix=null",
        literal(OWN_SET)
    );
    let rows: Vec<IdRow> = org.query("salesforce.grant.set", &soql).await?;
    Ok(rows.into_iter().next().map(|row| row.id))
}

async fn create(org: &Org) -> Result<RecordId, ApiError> {
    let body = json!({"Name": OWN_SET, "Label": LABEL});
    let created = org
        .create("salesforce.grant.set.create", &Resource::data("PermissionSet"), &body)
        .await;
    // Whether it was made now or by someone else a moment ago, the look-up tells its id.
    unless_there(created)?;
    find(org).await?.ok_or(ApiError::NotFound)
}

async fn ensure_read(org: &Org, set: &RecordId) -> Result<(), ApiError> {
    let soql = format!(
        "SELECT Id,PermissionsRead FROM ObjectPermissions WHERE ParentId={} AND SobjectType='UserExternalCredential'",
        literal(set.as_str())
    );
    let rows: Vec<PermissionRow> = org.query("salesforce.grant.object.own", &soql).await?;
    match rows.into_iter().next() {
        Some(row) if row.permissions_read => Ok(()),
        Some(row) => {
            let resource = Resource::new(&["sobjects", "ObjectPermissions", row.id.as_str()]);
            org.patch(
                "salesforce.grant.object.update",
                &resource,
                &json!({"PermissionsRead": true}),
            )
            .await
        }
        None => {
            let body = ObjectPermissions {
                parent_id: set.as_str(),
                sobject_type: "UserExternalCredential",
                permissions_read: true,
                permissions_create: false,
                permissions_edit: false,
                permissions_delete: false,
                permissions_view_all_records: false,
                permissions_modify_all_records: false,
            };
            let created = org
                .create(
                    "salesforce.grant.object.create",
                    &Resource::data("ObjectPermissions"),
                    &body,
                )
                .await;
            unless_there(created)
        }
    }
}

/// A duplicate is what we wanted (facts/salesforce 6, step 4).
pub(super) fn unless_there(created: Result<(), ApiError>) -> Result<(), ApiError> {
    match created {
        Err(error) if error.has_code("DUPLICATE_VALUE") || error.has_code("DUPLICATE_DEVELOPER_NAME") => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Metadata form of facts/salesforce 6.
    #[test]
    fn a_deploy_names_every_principal() {
        let names = ["ns__Akeneo-Default", "Salesforce_Self-Default"].map(str::to_owned);
        let xml = component(&names).xml;
        for name in names {
            let access = format!(
                "<externalCredentialPrincipalAccesses><enabled>true</enabled><externalCredentialPrincipal>{name}</externalCredentialPrincipal>\
                 </externalCredentialPrincipalAccesses>"
            );
            assert!(xml.contains(&access), "{xml}");
        }
    }
}
