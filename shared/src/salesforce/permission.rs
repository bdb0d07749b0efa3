//! What the connecting user may do, asked before anything is tried (facts/salesforce 10.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::api::{ApiError, Org};

/// A permission that wiring needs, or may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Use of any API.
    ApiEnabled,
    /// Reading set-up records; without it some answers are empty (facts/salesforce 4.1).
    ViewSetup,
    /// Writing named credentials and their relatives. "Customize Application" does as well.
    ManageNamedCredentials,
    /// Writing metadata through the Tooling API.
    ModifyMetadata,
    /// Granting access to the credentials.
    AssignPermissionSets,
    /// Writing Auth. Providers: only for packages before 3.0 (facts/salesforce 7).
    ManageAuthProviders,
}

impl Permission {
    /// The words that Salesforce's own Setup pages use.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ApiEnabled => "API Enabled",
            Self::ViewSetup => "View Setup and Configuration",
            Self::ManageNamedCredentials => "Customize Application or Manage Named Credentials",
            Self::ModifyMetadata => "Modify Metadata Through Metadata API Functions",
            Self::AssignPermissionSets => "Assign Permission Sets",
            Self::ManageAuthProviders => "Manage Auth. Providers",
        }
    }

    /// The columns of `UserPermissionAccess` that show it; any one of them suffices.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::ApiEnabled => &["PermissionsApiEnabled"],
            Self::ViewSetup => &["PermissionsViewSetup"],
            Self::ManageNamedCredentials => &["PermissionsCustomizeApplication", "PermissionsManageNamedCredentials"],
            Self::ModifyMetadata => &["PermissionsModifyMetadata"],
            Self::AssignPermissionSets => &["PermissionsAssignPermissionSets"],
            Self::ManageAuthProviders => &["PermissionsManageAuthProviders"],
        }
    }

    /// Those without which the packaged records cannot be wired.
    const WIRING: [Self; 5] = [
        Self::ApiEnabled,
        Self::ViewSetup,
        Self::ManageNamedCredentials,
        Self::ModifyMetadata,
        Self::AssignPermissionSets,
    ];
}

/// What the user may not do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preflight {
    /// Needed for wiring, and not there.
    pub missing: Vec<Permission>,
    /// Needed in addition for a package before 3.0, and not there (facts/salesforce 7).
    pub missing_for_legacy: Vec<Permission>,
    /// This org does not say.
    pub undetermined: Vec<Permission>,
}

/// The columns in the order of facts/salesforce 10.4.
const COLUMNS: [&str; 7] = [
    "PermissionsApiEnabled",
    "PermissionsViewSetup",
    "PermissionsCustomizeApplication",
    "PermissionsModifyMetadata",
    "PermissionsManageNamedCredentials",
    "PermissionsManageAuthProviders",
    "PermissionsAssignPermissionSets",
];

/// Asks for the permissions of the token's user (facts/salesforce 10.4). Columns that this org does not know are left out.
///
/// # Errors
/// [`ApiError`]; an org whose API is off for the user is no error but a missing permission.
pub async fn preflight(org: &Org) -> Result<Preflight, ApiError> {
    let mut columns = COLUMNS.to_vec();
    while !columns.is_empty() {
        match ask(org, &columns).await {
            Ok(row) => return Ok(judge(&row)),
            Err(error) if error.has_code("API_DISABLED_FOR_ORG") || error.has_code("API_CURRENTLY_DISABLED") => {
                return Ok(Preflight {
                    missing: vec![Permission::ApiEnabled],
                    ..Preflight::default()
                });
            }
            Err(ApiError::Rejected { code, message }) if code.as_str() == "INVALID_FIELD" => {
                let before = columns.len();
                columns.retain(|column| !message.says(column));
                if columns.len() == before || columns.is_empty() {
                    return one_by_one(org).await;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(judge(&Value::Null))
}

/// For an org that does not name the column it refuses.
async fn one_by_one(org: &Org) -> Result<Preflight, ApiError> {
    let mut row = serde_json::Map::new();
    for column in COLUMNS {
        match ask(org, &[column]).await {
            Ok(answer) => row.extend(answer.get(column).map(|held| (column.to_owned(), held.clone()))),
            Err(error) if error.has_code("INVALID_FIELD") => {}
            Err(error) => return Err(error),
        }
    }
    Ok(judge(&Value::Object(row)))
}

async fn ask(org: &Org, columns: &[&str]) -> Result<Value, ApiError> {
    let soql = format!("SELECT {} FROM UserPermissionAccess", columns.join(","));
    let rows = org.query::<Value>("salesforce.preflight", &soql).await?;
    rows.into_iter().next().ok_or(ApiError::Malformed)
}

fn judge(row: &Value) -> Preflight {
    let held = |permission: Permission| {
        let seen: Vec<bool> = permission
            .columns()
            .iter()
            .filter_map(|column| row.get(column)?.as_bool())
            .collect();
        if seen.contains(&true) {
            Some(true)
        } else {
            // One of two alternatives that is not visible may be the one that is held.
            (seen.len() == permission.columns().len()).then_some(false)
        }
    };
    let of = |expect: Option<bool>| {
        Permission::WIRING
            .into_iter()
            .filter(move |permission| held(*permission) == expect)
            .collect()
    };
    let auth_providers = Permission::ManageAuthProviders;
    Preflight {
        missing: of(Some(false)),
        missing_for_legacy: (held(auth_providers) == Some(false))
            .then_some(auth_providers)
            .into_iter()
            .collect(),
        undetermined: of(None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn page(row: &Value) -> Reply {
        Reply::json(
            200,
            &json!({"totalSize": 1, "done": true, "records": [row]}).to_string(),
        )
    }

    fn invalid_field(message: &str) -> Reply {
        Reply::json(
            400,
            &json!([{"errorCode": "INVALID_FIELD", "message": message}]).to_string(),
        )
    }

    #[test]
    fn either_of_two_permissions_allows_writing() {
        let row = |customize: bool, manage: bool| {
            let mut row = json!({});
            for column in COLUMNS {
                row[column] = json!(true);
            }
            row["PermissionsCustomizeApplication"] = json!(customize);
            row["PermissionsManageNamedCredentials"] = json!(manage);
            judge(&row)
        };
        assert!(row(true, false).missing.is_empty() && row(false, true).missing.is_empty());
        assert_eq!(row(false, false).missing, [Permission::ManageNamedCredentials]);
    }

    #[tokio::test]
    async fn unknown_columns_are_left_out() {
        let org = ScriptedOrg::start(vec![
            invalid_field(
                "\nSELECT PermissionsX\n^\nERROR at Row:1:Column:8\nNo such column 'PermissionsManageNamedCredentials' on entity 'UserPermissionAccess'.",
            ),
            page(
                &json!({"PermissionsApiEnabled": true, "PermissionsViewSetup": true, "PermissionsCustomizeApplication": true,
                "PermissionsModifyMetadata": false, "PermissionsManageAuthProviders": false, "PermissionsAssignPermissionSets": true}),
            ),
        ]);
        let preflight = preflight(&org.org()).await.unwrap();
        assert_eq!(preflight.missing, [Permission::ModifyMetadata]);
        assert_eq!(preflight.missing_for_legacy, [Permission::ManageAuthProviders]);
        assert!(preflight.undetermined.is_empty() && !preflight.missing.is_empty());
        assert!(!org.lines()[1].contains("ManageNamedCredentials"));
    }

    #[tokio::test]
    async fn columns_are_tried_one_by_one_when_none_is_named() {
        let mut replies = vec![invalid_field("no")];
        for column in COLUMNS {
            let known = column != "PermissionsViewSetup" && column != "PermissionsManageNamedCredentials";
            replies.push(if known {
                page(&json!({column: column != "PermissionsCustomizeApplication"}))
            } else {
                invalid_field("no")
            });
        }
        let org = ScriptedOrg::start(replies);
        let preflight = preflight(&org.org()).await.unwrap();
        assert!(preflight.missing.is_empty());
        assert_eq!(
            preflight.undetermined,
            [Permission::ViewSetup, Permission::ManageNamedCredentials]
        );
    }

    #[tokio::test]
    async fn an_api_that_is_off_is_a_missing_permission() {
        let org = ScriptedOrg::start(vec![Reply::json(
            403,
            r#"[{"errorCode":"API_DISABLED_FOR_ORG","message":"x"}]"#,
        )]);
        assert_eq!(preflight(&org.org()).await.unwrap().missing, [Permission::ApiEnabled]);
    }
}
