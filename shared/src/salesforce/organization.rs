//! Which org this is, and who connected it.

use serde::{Deserialize, Serialize};

use super::api::{ApiError, Org, containing, literal};
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

/// A user as a search shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundUser {
    /// Id.
    pub id: UserId,
    /// Login name.
    pub username: String,
    /// What people call the user.
    pub name: String,
    /// Whether it is a person's user, rather than one of Salesforce's own.
    pub is_person: bool,
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

/// Reads the org's own record; `None` where the org keeps it from this user, or does not answer such a query. No fact of the
/// protocol reference promises it, so nothing may depend on it but a name and a check.
///
/// # Errors
/// [`ApiError`], a session that is over among them.
pub async fn read(org: &Org) -> Result<Option<Organization>, ApiError> {
    let soql = "SELECT Id,Name,IsSandbox FROM Organization";
    let rows: Vec<OrganizationRow> = match org.query("salesforce.organization", soql).await {
        Err(error) if error.is_refusal() => Vec::new(),
        other => other?,
    };
    Ok(rows.into_iter().next().map(|row| Organization {
        id: row.id,
        name: row.name,
        is_sandbox: row.is_sandbox,
    }))
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

/// How many users a search shows.
pub const MOST_FOUND: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FoundRow {
    id: UserId,
    username: String,
    name: Option<String>,
    user_type: Option<String>,
}

/// Active users whose name or login name contains `text`, at most [`MOST_FOUND`].
///
/// # Errors
/// [`ApiError`].
pub async fn search(org: &Org, text: &str) -> Result<Vec<FoundUser>, ApiError> {
    let pattern = containing(text);
    let soql = format!(
        "SELECT Id,Username,Name,UserType FROM User WHERE IsActive=true AND (Name LIKE {pattern} OR Username LIKE {pattern}) \
         ORDER BY Name LIMIT {MOST_FOUND}"
    );
    let rows: Vec<FoundRow> = match org.query("salesforce.users.search", &soql).await {
        // An org that takes no patterns still knows a whole login name (facts/salesforce 6).
        Err(error) if error.is_refusal() => return named_exactly(org, text).await,
        other => other?,
    };
    let found = rows.into_iter().map(|row| FoundUser {
        id: row.id,
        name: row.name.unwrap_or_else(|| row.username.clone()),
        is_person: row.user_type.is_none_or(|kind| kind == "Standard"),
        username: row.username,
    });
    Ok(found.collect())
}

async fn named_exactly(org: &Org, username: &str) -> Result<Vec<FoundUser>, ApiError> {
    let users = users_named(org, &[username.to_owned()]).await?;
    let active = users.into_iter().filter(|user| user.is_active);
    let found = active.map(|user| FoundUser {
        id: user.id,
        name: user.username.clone(),
        is_person: true,
        username: user.username,
    });
    Ok(found.collect())
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
            Reply::json(400, r#"[{"errorCode":"INVALID_TYPE","message":"x"}]"#),
            Reply::json(401, r#"[{"errorCode":"INVALID_SESSION_ID","message":"x"}]"#),
        ]);
        let client = org.org();
        let own = read(&client).await.unwrap().unwrap();
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
        assert_eq!(read(&client).await.unwrap(), None, "an org that does not say");
        assert!(matches!(read(&client).await, Err(ApiError::SessionInvalid)));
    }
}
