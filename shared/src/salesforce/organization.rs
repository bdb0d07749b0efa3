//! Which org this is, and who connected it.

use serde::{Deserialize, Serialize};

use super::api::{ApiError, Org, literal};
use super::record_id::{OrgId, UserId};

/// An org. The id is compared with the one that the connection is pinned to (security, "Outbound calls").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// What people call it.
    pub name: String,
    /// Whether it is a sandbox: sandboxes are refreshed, and lose their credentials then (facts/salesforce 14.4 item 7).
    pub is_sandbox: bool,
}

/// A user of the org (facts/salesforce 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Login name.
    pub username: String,
    /// Whether the user can work at all.
    pub is_active: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrganizationRow {
    id: OrgId,
    name: String,
    is_sandbox: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserRow {
    id: UserId,
    username: String,
    is_active: bool,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            username: row.username,
            is_active: row.is_active,
        }
    }
}

/// Reads the org's own record.
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org) -> Result<Organization, ApiError> {
    let rows = org
        .query("salesforce.organization", "SELECT Id,Name,IsSandbox FROM Organization")
        .await?;
    let row: OrganizationRow = rows.into_iter().next().ok_or(ApiError::Malformed)?;
    Ok(Organization {
        id: row.id,
        name: row.name,
        is_sandbox: row.is_sandbox,
    })
}

/// The user with that id, if the token's user may see them (facts/salesforce 6).
///
/// # Errors
/// [`ApiError`].
pub async fn user(org: &Org, id: &UserId) -> Result<Option<User>, ApiError> {
    let soql = format!(
        "SELECT Id,Username,IsActive FROM User WHERE Id={}",
        literal(id.as_str())
    );
    let rows: Vec<UserRow> = org.query("salesforce.user", &soql).await?;
    Ok(rows.into_iter().next().map(User::from))
}

/// Users by login name; names that nobody has are simply not in the answer (facts/salesforce 6, "Who runs transfers").
///
/// # Errors
/// [`ApiError`].
pub async fn users_named(org: &Org, usernames: &[String]) -> Result<Vec<User>, ApiError> {
    users(org, "Username", usernames.iter().map(String::as_str)).await
}

/// Users by id.
///
/// # Errors
/// [`ApiError`].
pub async fn users_with(org: &Org, ids: &[UserId]) -> Result<Vec<User>, ApiError> {
    users(org, "Id", ids.iter().map(UserId::as_str)).await
}

async fn users(org: &Org, column: &str, values: impl Iterator<Item = &str>) -> Result<Vec<User>, ApiError> {
    let list: Vec<String> = values.map(literal).collect();
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let soql = format!(
        "SELECT Id,Username,IsActive FROM User WHERE {column} IN ({})",
        list.join(",")
    );
    let rows: Vec<UserRow> = org.query("salesforce.users", &soql).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// The login name of the Platform Integration User, as whom some automations run (facts/salesforce 6).
#[must_use]
pub fn platform_integration_username(org: &OrgId) -> String {
    format!("cloud@{}", org.as_str().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    #[tokio::test]
    async fn the_org_and_its_users() {
        let org = ScriptedOrg::start(vec![
            Reply::json(
                200,
                r#"{"done":true,"records":[{"attributes":{},"Id":"00Dxx0000001gEREAY","Name":"Acme","IsSandbox":true}]}"#,
            ),
            Reply::json(
                200,
                r#"{"done":true,"records":[{"Id":"005xx000001Sv6eAAC","Username":"ada@acme.example","IsActive":true}]}"#,
            ),
            Reply::json(200, r#"{"done":true,"records":[]}"#),
        ]);
        let client = org.org();
        let own = read(&client).await.unwrap();
        assert_eq!((own.name.as_str(), own.is_sandbox), ("Acme", true));
        assert_eq!(platform_integration_username(&own.id), "cloud@00dxx0000001gereay");
        let id = UserId::parse("005xx000001Sv6e").unwrap();
        assert_eq!(user(&client, &id).await.unwrap().unwrap().username, "ada@acme.example");
        assert!(users_named(&client, &["o'hara@x".to_owned()]).await.unwrap().is_empty());
        assert!(users_with(&client, &[]).await.unwrap().is_empty());
        let lines = org.lines();
        assert_eq!(
            lines[2],
            "GET query/?q=SELECT+Id%2CUsername%2CIsActive+FROM+User+WHERE+Username+IN+%28%27o%5C%27hara%40x%27%29"
        );
        let text = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Organization>(&text).unwrap(), own);
    }
}
