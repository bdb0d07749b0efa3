//! Who may use the credentials: the users that run transfers (facts/salesforce 6).
//!
//! A callout needs two things of the running user: access to the principal and Read on `UserExternalCredential`, each from
//! any permission set or profile that the user has. [`observe`] looks at exactly that, user by user; [`grant_access`]
//! gives what is missing. It never edits a packaged permission set, which Salesforce forbids, and never takes access away.

mod give;
mod own_set;
mod take;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::api::{ApiError, Org, literal};
use super::organization::{self, User};
use super::record_id::{PrincipalId, RecordId, UserId};

pub use give::{Granted, grant_access};
pub use own_set::OWN_SET;
pub use take::remove_own_set;

/// What one user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerAccess {
    /// The user.
    pub user: User,
    /// Access to the principal.
    pub principal_access: bool,
    /// Read on the stored credentials; Salesforce drops it from packaged sets at times (facts/salesforce 6, "known issue").
    pub credentials_read: bool,
}

impl RunnerAccess {
    /// Whether this user's callouts are allowed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.principal_access && self.credentials_read
    }
}

/// A permission set that gives access to the principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessSet {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// The namespace of its package, if it has one.
    pub namespace: Option<String>,
    /// Whether it also gives Read on the stored credentials.
    pub credentials_read: bool,
}

/// Access as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// The users asked about, as far as they exist.
    pub runners: Vec<RunnerAccess>,
    /// Users asked about that the org does not have.
    pub unknown: Vec<UserId>,
    /// Permission sets that give access to the principal.
    pub sets: Vec<AccessSet>,
}

impl Grants {
    /// Whether every user asked about exists, is active, and has what callouts need.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        self.unknown.is_empty()
            && self
                .runners
                .iter()
                .all(|runner| runner.user.is_active && runner.is_complete())
    }
}

#[derive(Deserialize)]
struct EntityAccessRow {
    #[serde(rename = "ParentId")]
    parent_id: RecordId,
    #[serde(rename = "Parent")]
    parent: Option<ParentRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ParentRow {
    name: Option<String>,
    namespace_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectRow {
    parent_id: RecordId,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssignmentRow {
    assignee_id: UserId,
    permission_set_id: RecordId,
}

/// Users by login name, to resolve whom a person named (facts/salesforce 6, "Who runs transfers").
///
/// # Errors
/// [`ApiError`].
pub async fn runners(org: &Org, usernames: &[String]) -> Result<Vec<User>, ApiError> {
    organization::users_named(org, usernames).await
}

/// Looks at what these users have (facts/salesforce 6, "Verification SOQL").
///
/// # Errors
/// [`ApiError`].
pub async fn observe(org: &Org, principal: &PrincipalId, runners: &[UserId]) -> Result<Grants, ApiError> {
    let reading: BTreeSet<RecordId> = readers(org).await?;
    let sets = sets(org, principal, &reading).await?;
    let users = organization::users_with(org, runners).await?;
    let assignments = assignments(org, runners).await?;
    let has = |user: &UserId, test: &dyn Fn(&RecordId) -> bool| {
        assignments
            .iter()
            .any(|row| row.assignee_id == *user && test(&row.permission_set_id))
    };
    let unknown = runners
        .iter()
        .filter(|id| !users.iter().any(|user| user.id == **id))
        .cloned()
        .collect();
    let runners = users
        .into_iter()
        .map(|user| RunnerAccess {
            principal_access: has(&user.id, &|set| sets.iter().any(|giving| giving.id == *set)),
            credentials_read: has(&user.id, &|set| reading.contains(set)),
            user,
        })
        .collect();
    Ok(Grants { runners, unknown, sets })
}

/// Permission sets, those inside profiles included, that give access to the principal.
async fn sets(org: &Org, principal: &PrincipalId, reading: &BTreeSet<RecordId>) -> Result<Vec<AccessSet>, ApiError> {
    let soql = format!(
        "SELECT Id,ParentId,Parent.Name,Parent.NamespacePrefix,SetupEntityId FROM SetupEntityAccess \
         WHERE SetupEntityType='ExternalCredentialParameter' AND SetupEntityId={}",
        literal(principal.as_str())
    );
    let rows: Vec<EntityAccessRow> = org.query("salesforce.grant.principal", &soql).await?;
    let mut sets: Vec<AccessSet> = rows
        .into_iter()
        .map(|row| {
            let (name, namespace) = row
                .parent
                .map(|parent| (parent.name, parent.namespace_prefix))
                .unwrap_or_default();
            let credentials_read = reading.contains(&row.parent_id);
            AccessSet {
                id: row.parent_id,
                name: name.unwrap_or_default(),
                namespace,
                credentials_read,
            }
        })
        .collect();
    sets.sort();
    sets.dedup();
    Ok(sets)
}

/// Permission sets that give Read on the stored credentials.
async fn readers(org: &Org) -> Result<BTreeSet<RecordId>, ApiError> {
    let soql =
        "SELECT ParentId FROM ObjectPermissions WHERE SobjectType='UserExternalCredential' AND PermissionsRead=true";
    let rows: Vec<ObjectRow> = org.query("salesforce.grant.object", soql).await?;
    Ok(rows.into_iter().map(|row| row.parent_id).collect())
}

async fn assignments(org: &Org, users: &[UserId]) -> Result<Vec<AssignmentRow>, ApiError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = users.iter().map(|user| literal(user.as_str())).collect();
    let soql = format!(
        "SELECT AssigneeId,PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId IN ({})",
        list.join(",")
    );
    org.query("salesforce.grant.assignments", &soql).await
}

#[cfg(test)]
mod tests;
