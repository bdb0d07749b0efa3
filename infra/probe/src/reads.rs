//! The questions that reading answers. Nothing here changes the org.

use serde_json::Value;
use url::Url;

use crate::org::{CallFault, Org};
use crate::records::{NO_RECORD, Records, principal};
use crate::report::Report;
use crate::run::text;
use crate::seen::Seen;

/// The columns of the service's preflight that an org may not know (facts/salesforce 10.4).
const COLUMNS: [&str; 8] = [
    "PermissionsApiEnabled",
    "PermissionsViewSetup",
    "PermissionsCustomizeApplication",
    "PermissionsModifyMetadata",
    "PermissionsManageNamedCredentials",
    "PermissionsManageAuthProviders",
    "PermissionsAssignPermissionSets",
    "PermissionsInstallPackaging",
];

const CALLBACK: (&str, &str, &str) = ("16 (4)", "callback_url", "What is the packaged provider's callbackUrl?");
const UNKNOWN_STATE: (&str, &str, &str) = (
    "16 (10)",
    "relay_unknown_state",
    "What does the packaged callback answer to a made-up state, from a browser without a session?",
);

/// Asks them all.
pub(crate) async fn read_only(org: &Org, records: &Records, report: &mut Report) -> Result<(), CallFault> {
    permissions(org, report).await?;
    let list = org.query(true, "SELECT Id FROM PackageInstallRequest LIMIT 1").await?;
    let listed = if list.is_ok() {
        "listed".to_owned()
    } else {
        format!("not listed ({})", list.brief())
    };
    report.note(
        "9",
        "package_install_requests",
        "Can installations under way be listed?",
        listed,
    );
    let (has, none) = (
        records.namespace.clone(),
        "none: the package is not there, or hidden from this user".to_owned(),
    );
    let namespace = if has.is_empty() { none } else { has };
    report.note(
        "16 (9)",
        "namespace",
        "Which namespace does the package have?",
        namespace,
    );
    let others = if records.others.is_empty() {
        "none".to_owned()
    } else {
        records.others.join(", ")
    };
    report.note(
        "16 (7)",
        "other_packaged_records",
        "Which other packaged credentials are there (Salesforce Self)?",
        others,
    );
    if records.namespace.is_empty() {
        for (point, name, question) in [CALLBACK, UNKNOWN_STATE] {
            report.note(point, name, question, format!("open: {NO_RECORD}"));
        }
        return Ok(());
    }
    named_credential(org, records, report).await?;
    provider(org, records, report).await
}

async fn permissions(org: &Org, report: &mut Report) -> Result<(), CallFault> {
    let mut unknown = Vec::new();
    let mut lacking = Vec::new();
    for column in COLUMNS {
        let reply = org
            .query(false, &format!("SELECT {column} FROM UserPermissionAccess"))
            .await?;
        match reply.body["records"][0][column].as_bool() {
            Some(true) => {}
            Some(false) => lacking.push(column),
            None => unknown.push(column),
        }
    }
    let said = |list: &[&str]| {
        if list.is_empty() {
            "none".to_owned()
        } else {
            list.join(", ")
        }
    };
    report.note(
        "10.4",
        "permission_columns_unknown",
        "Which permission columns does the org not know?",
        said(&unknown),
    );
    report.note(
        "10.4",
        "permissions_lacking",
        "Which permissions does this user lack?",
        said(&lacking),
    );
    Ok(())
}

async fn named_credential(org: &Org, records: &Records, report: &mut Report) -> Result<(), CallFault> {
    let path = format!("named-credentials/named-credential-setup/{}", records.full_name());
    let reply = org.get(&path).await?;
    let fields = reply.body.as_object();
    let emits = match fields {
        None => format!("cannot be told ({})", reply.brief()),
        Some(fields) if fields.values().any(Value::is_null) => "emitted".to_owned(),
        Some(_) => "none seen: omitted, or nothing is null".to_owned(),
    };
    report.note(
        "14.3",
        "null_keys",
        "Are null keys emitted in Connect's answers?",
        emits,
    );
    let status = text(&reply.body["calloutStatus"]);
    report.note(
        "2.2",
        "callout_status",
        "Is the Named Credential enabled for callouts?",
        status,
    );
    let Some(id) = &records.named_credential else {
        return Ok(());
    };
    let row = org.get(&format!("tooling/sobjects/NamedCredential/{id}")).await?;
    let rows = row.body["Metadata"]["namedCredentialParameters"].as_array().cloned();
    let managed = rows
        .unwrap_or_default()
        .into_iter()
        .find(|row| row["parameterType"] == "ManagedByNamespace")
        .map_or_else(|| "no such row".to_owned(), |row| text(&row["parameterValue"]));
    report.note(
        "2.4",
        "managed_by_namespace",
        "Who decides about the Named Credential?",
        managed,
    );
    Ok(())
}

async fn provider(org: &Org, records: &Records, report: &mut Report) -> Result<(), CallFault> {
    let name = records.full_name();
    let reply = org
        .get(&format!("named-credentials/external-auth-identity-providers/{name}"))
        .await?;
    let callback = reply.body["callbackUrl"].as_str().and_then(|url| Url::parse(url).ok());
    let literal = callback
        .as_ref()
        .map_or_else(|| format!("none ({})", reply.brief()), Url::to_string);
    let (point, name, question) = CALLBACK;
    report.note(point, name, question, literal);
    let prefix = records
        .provider
        .as_deref()
        .and_then(|id| id.get(..3))
        .unwrap_or("unknown");
    report.note(
        "3",
        "provider_id_prefix",
        "Which prefix do ids of identity providers have?",
        prefix,
    );
    let shown = org
        .get(&format!(
            "named-credentials/external-auth-identity-provider-credentials/{name}"
        ))
        .await?;
    report.note(
        "16 (3)",
        "packaged_credentials_shape",
        "What does GET show of the packaged provider's credentials?",
        shape(&shown.body),
    );
    if let Some(mut callback) = callback {
        callback
            .query_pairs_mut()
            .append_pair("code", "probe")
            .append_pair("state", "connector-probe");
        let said = if org.owns(&callback) {
            Seen::of(&org.visit(callback, "").await?).to_string()
        } else {
            "not asked: the address is not Salesforce's".to_owned()
        };
        let (point, name, question) = UNKNOWN_STATE;
        report.note(point, name, question, said);
    }
    let status = match principal(org, records).await? {
        status if status.is_empty() => "no principal Default is visible".to_owned(),
        status => status,
    };
    report.note(
        "4.1",
        "principal",
        "What is the status of the principal Default?",
        status,
    );
    Ok(())
}

/// What an answer shows of credentials, in words and without any of them.
pub(crate) fn shape(body: &Value) -> String {
    let Some(list) = body["credentials"].as_array() else {
        return "null".to_owned();
    };
    let each = list.iter().map(|item| {
        let value = match item.get("credentialValue") {
            None => "absent",
            Some(Value::Null) => "null",
            Some(Value::String(value)) if value.chars().all(|one| matches!(one, '*' | '•' | 'x' | 'X')) => "masked",
            Some(_) => "in clear",
        };
        format!("{}: {value}", text(&item["credentialName"]))
    });
    let each: Vec<_> = each.collect();
    if each.is_empty() {
        "empty list".to_owned()
    } else {
        each.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::shape;
    use serde_json::json;

    #[test]
    fn the_shape_of_credentials_has_no_credential_in_it() {
        for (body, expect) in [
            (json!({ "credentials": null }), "null"),
            (json!({ "credentials": [] }), "empty list"),
            (
                json!({ "credentials": [{ "credentialName": "clientId", "credentialValue": "key" }, { "credentialName": "clientSecret" }] }),
                "clientId: in clear, clientSecret: absent",
            ),
            (
                json!({ "credentials": [{ "credentialName": "clientSecret", "credentialValue": "****" }] }),
                "clientSecret: masked",
            ),
        ] {
            assert_eq!(shape(&body), expect);
        }
    }
}
