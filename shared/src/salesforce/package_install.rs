//! Installing the package through the Tooling API (facts/salesforce 9). Only on the explicit choice of the customer's admin:
//! an installation is the customer's authority.

use serde::{Deserialize, Serialize};

use super::absence::or_default;
use super::api::{ApiError, Org, Resource, literal};
use super::record_id::{PackageVersionId, RecordId};

/// Why Salesforce does not install. Its own words are matched here and go no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It may work later (facts/salesforce 9, "Retryable messages").
    Later,
    /// The version is not there for this org.
    Unavailable,
    /// The namespace is taken.
    Namespace,
    /// The org lacks something.
    Unsuitable,
    /// Something else.
    Other,
}

/// How far an installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Salesforce is at it, or does not say.
    InProgress,
    /// It is done.
    Succeeded,
    /// It is over, and the org is as before.
    Failed(Obstacle),
}

/// Messages after which the same request may work later (facts/salesforce 9).
const RETRYABLE: [&str; 5] = [
    "this package is not yet available",
    "installedpackage version number",
    "the requested package doesn't yet exist or has been deleted",
    "unable to obtain exclusive access to this record",
    "invalid cross reference id",
];

#[derive(Deserialize)]
struct Validation {
    #[serde(rename = "InstallValidationStatus")]
    status: Option<String>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "Id")]
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    subscriber_package_version_key: &'a str,
    name_conflict_resolution: &'static str,
    security_type: &'static str,
    package_install_source: &'static str,
    enable_rss: bool,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: Option<String>,
    #[serde(default)]
    errors: Option<Errors>,
}

#[derive(Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Option<Vec<Problem>>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default, deserialize_with = "or_default")]
    message: String,
}

/// Asks before anything is changed whether the version can be installed here (facts/salesforce 9, "Pre-check"). An org that does
/// not say leaves the question to the installation itself.
///
/// # Errors
/// [`ApiError`].
pub async fn validate(org: &Org, version: &PackageVersionId) -> Result<Option<Obstacle>, ApiError> {
    let soql = format!(
        "SELECT InstallValidationStatus FROM SubscriberPackageVersion WHERE Id={}",
        literal(version.as_str())
    );
    let rows: Vec<Validation> = match org.tooling_query("salesforce.install.validate", &soql).await {
        Err(error) if error.is_refusal() => Vec::new(),
        other => other?,
    };
    let status = rows.into_iter().next().and_then(|row| row.status).unwrap_or_default();
    Ok(match status.as_str() {
        "" | "NO_ERRORS_DETECTED" => None,
        "UNINSTALL_IN_PROGRESS" => Some(Obstacle::Later),
        "NAMESPACE_COLLISION" => Some(Obstacle::Namespace),
        status if status.starts_with("PACKAGE_") => Some(Obstacle::Unavailable),
        _ => Some(Obstacle::Unsuitable),
    })
}

/// What an org tells of installations of this version that are under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// There is one.
    One(String),
    /// There is none.
    Nothing,
    /// The org does not list them.
    Untold,
}

/// Looks for an installation of this version that is under way, so that none is asked for twice.
///
/// # Errors
/// [`ApiError`].
pub async fn under_way(org: &Org, version: &PackageVersionId) -> Result<Listed, ApiError> {
    let soql = format!(
        "SELECT Id FROM PackageInstallRequest WHERE SubscriberPackageVersionKey={} AND Status='IN_PROGRESS'",
        literal(version.as_str())
    );
    let rows: Vec<Found> = match org.tooling_query("salesforce.install.find", &soql).await {
        Err(error) if error.is_refusal() => return Ok(Listed::Untold),
        other => other?,
    };
    let first = rows.into_iter().next();
    Ok(first.map_or(Listed::Nothing, |row| Listed::One(row.id)))
}

/// Asks for the installation, for administrators only and without replacing anything. The caller has looked that neither the
/// package nor a request for it is there.
///
/// # Errors
/// [`ApiError`]; see [`obstacle`].
pub async fn request(org: &Org, version: &PackageVersionId) -> Result<String, ApiError> {
    let body = Request {
        subscriber_package_version_key: version.as_str(),
        name_conflict_resolution: "Block",
        security_type: "None",
        package_install_source: "U",
        enable_rss: false,
    };
    let collection = Resource::new(&["tooling", "sobjects", "PackageInstallRequest"]);
    let created: Created = org.post("salesforce.install.request", &collection, &body).await?;
    RecordId::parse(&created.id)
        .map(|id| id.as_str().to_owned())
        .map_err(|_| ApiError::Malformed)
}

/// How far the installation is (facts/salesforce 9, "Poll").
///
/// # Errors
/// [`ApiError`].
pub async fn poll(org: &Org, request: &str) -> Result<Progress, ApiError> {
    let state: State = org
        .get(
            "salesforce.install.poll",
            &Resource::tooling("PackageInstallRequest", request),
        )
        .await?;
    Ok(match state.status.as_deref() {
        Some("SUCCESS") => Progress::Succeeded,
        Some("ERROR") => Progress::Failed(worst(state.errors)),
        _ => Progress::InProgress,
    })
}

/// Several messages may come: it is worth another try only if all of them say so.
fn worst(errors: Option<Errors>) -> Obstacle {
    let problems = errors.and_then(|errors| errors.errors).unwrap_or_default();
    let mut found = problems.iter().map(|problem| of_words(&problem.message));
    let first = found.next().unwrap_or(Obstacle::Other);
    found.fold(first, |worst, next| if worst == Obstacle::Later { next } else { worst })
}

fn of_words(message: &str) -> Obstacle {
    let message = message.to_ascii_lowercase();
    let says = |text: &str| message.contains(text);
    if RETRYABLE.iter().any(|text| says(text)) {
        Obstacle::Later
    } else if says("namespace") {
        Obstacle::Namespace
    } else if says("missing feature") || says("missing organization feature") || says("required feature") {
        Obstacle::Unsuitable
    } else {
        Obstacle::Other
    }
}

/// What a refused request means; `None` if it is no refusal. A lack of permission is told by its code.
#[must_use]
pub fn obstacle(error: &ApiError) -> Option<Obstacle> {
    match error {
        ApiError::RowLocked => Some(Obstacle::Later),
        ApiError::Rejected { message, .. } | ApiError::Forbidden { message, .. }
            if RETRYABLE.iter().any(|text| message.says(text)) =>
        {
            Some(Obstacle::Later)
        }
        error if error.is_refusal() => Some(Obstacle::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn version() -> PackageVersionId {
        PackageVersionId::parse("04tHn000000hFZBIA2").unwrap()
    }

    fn rows(rows: &str) -> Reply {
        Reply::json(
            200,
            &format!(r#"{{"size":1,"totalSize":1,"done":true,"records":[{rows}]}}"#),
        )
    }

    #[tokio::test]
    async fn an_obstacle_is_known_before_anything_is_asked_for() {
        for (status, expect) in [
            ("NO_ERRORS_DETECTED", None),
            ("NAMESPACE_COLLISION", Some(Obstacle::Namespace)),
            ("PACKAGE_UNAVAILABLE", Some(Obstacle::Unavailable)),
            ("UNINSTALL_IN_PROGRESS", Some(Obstacle::Later)),
            ("BETA_INSTALL_INTO_PRODUCTION_ORG", Some(Obstacle::Unsuitable)),
        ] {
            let org = ScriptedOrg::start(vec![rows(&format!(r#"{{"InstallValidationStatus":"{status}"}}"#))]);
            assert_eq!(validate(&org.org(), &version()).await.unwrap(), expect, "{status}");
        }
        let silent = ScriptedOrg::start(vec![Reply::json(
            400,
            r#"[{"errorCode":"INVALID_FIELD","message":"No such column 'InstallValidationStatus'"}]"#,
        )]);
        assert_eq!(validate(&silent.org(), &version()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_request_is_the_one_of_the_facts() {
        let org = ScriptedOrg::start(vec![Reply::json(
            201,
            r#"{"id":"0HfHn000000hFZBIA2","success":true,"errors":[]}"#,
        )]);
        assert_eq!(request(&org.org(), &version()).await.unwrap(), "0HfHn000000hFZBIA2");
        let seen = org.seen();
        assert!(
            seen[0]
                .line
                .starts_with("POST /services/data/v66.0/tooling/sobjects/PackageInstallRequest")
        );
        assert_eq!(
            seen[0].body,
            serde_json::json!({ "SubscriberPackageVersionKey": "04tHn000000hFZBIA2", "NameConflictResolution": "Block",
                "SecurityType": "None", "PackageInstallSource": "U", "EnableRss": false })
        );
    }

    #[tokio::test]
    async fn progress_and_errors_are_told_apart() {
        let failed = |messages: &[&str]| {
            let errors: Vec<_> = messages
                .iter()
                .map(|message| serde_json::json!({ "message": message }))
                .collect();
            serde_json::json!({ "Status": "ERROR", "Errors": { "errors": errors } }).to_string()
        };
        for (body, expect) in [
            (
                r#"{"Status":"IN_PROGRESS","Errors":null}"#.to_owned(),
                Progress::InProgress,
            ),
            (r#"{"Status":"UNKNOWN"}"#.to_owned(), Progress::InProgress),
            (r#"{"Status":"SUCCESS","Errors":null}"#.to_owned(), Progress::Succeeded),
            (
                failed(&["This package is not yet available."]),
                Progress::Failed(Obstacle::Later),
            ),
            (
                failed(&["invalid cross reference id", "Missing feature: Flow"]),
                Progress::Failed(Obstacle::Unsuitable),
            ),
            (failed(&["Apex compile failure"]), Progress::Failed(Obstacle::Other)),
            (failed(&[]), Progress::Failed(Obstacle::Other)),
        ] {
            let org = ScriptedOrg::start(vec![Reply::json(200, &body)]);
            assert_eq!(poll(&org.org(), "0HfHn000000hFZBIA2").await.unwrap(), expect, "{body}");
        }
    }
}
