//! `PackageInstallRequest`: the package's installation through the Tooling API (facts/salesforce 9).
//!
//! A request takes its time by the org's clock and is completed when somebody next asks the API for anything.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::gate::Caller;
use crate::clock::{Millis, timestamp};
use crate::connect::input;
use crate::org::package::Version;
use crate::refusal::{Refusal, json_answer};
use crate::world::{Shared, World};

/// A request for an installation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InstallRequest {
    pub(crate) id: String,
    pub(crate) version_key: String,
    pub(crate) security_type: String,
    pub(crate) created: Millis,
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    InProgress,
    Success,
    Error,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Success => "SUCCESS",
            Self::Error => "ERROR",
        }
    }
}

/// The body, as public tools send it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    subscriber_package_version_key: String,
    name_conflict_resolution: Option<String>,
    security_type: Option<String>,
    #[serde(rename = "PackageInstallSource")]
    _source: Option<String>,
    #[serde(rename = "EnableRss")]
    _enable_rss: Option<bool>,
    #[serde(rename = "Password")]
    _password: Option<String>,
}

/// POST `tooling/sobjects/PackageInstallRequest`.
pub(crate) async fn create(
    State(sim): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut world = sim.world();
    caller.needs(caller.permissions.install_packages, &world.settings)?;
    let input: Input = input::read(&headers, &body)?;
    let key = input.subscriber_package_version_key;
    let known =
        key.starts_with("04t") && matches!(key.len(), 15 | 18) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !known {
        return Err(Refusal::bad(
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ));
    }
    let security_type = input.security_type.unwrap_or_else(|| "None".to_owned());
    if !matches!(security_type.as_str(), "None" | "Full" | "Custom") {
        return Err(bad_value("SecurityType", &security_type));
    }
    if let Some(other) = input
        .name_conflict_resolution
        .filter(|value| !matches!(value.as_str(), "Block" | "RenameMetadata"))
    {
        return Err(bad_value("NameConflictResolution", &other));
    }
    let id = world.org.mint.id("0Hf");
    world.org.install_requests.push(InstallRequest {
        id: id.clone(),
        version_key: key,
        security_type,
        created: sim.clock.now(),
        status: Status::InProgress,
        error: None,
    });
    Ok(json_answer(
        StatusCode::CREATED,
        &json!({ "id": id, "success": true, "errors": [], "warnings": [], "infos": [] }),
    ))
}

fn bad_value(field: &str, value: &str) -> Refusal {
    Refusal::bad(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        format!("{field}: bad value for restricted picklist field: {value}"),
    )
}

/// Completes the requests whose time has come.
pub(crate) fn settle(world: &mut World, now: Millis) {
    let due = |request: &InstallRequest, seconds: i64| {
        request.status == Status::InProgress && now - request.created >= seconds.saturating_mul(1000)
    };
    let seconds = world.settings.install.seconds;
    while let Some(at) = world
        .org
        .install_requests
        .iter()
        .position(|request| due(request, seconds))
    {
        let errors = &mut world.settings.install.errors;
        let error = if errors.is_empty() {
            None
        } else {
            Some(errors.remove(0))
        };
        let key = world.org.install_requests[at].version_key.clone();
        if error.is_none()
            && let Some(version) = Version::parse(&world.settings.package_version)
        {
            let settings = world.settings.clone();
            world.org.install(version, &key, &settings, now);
        }
        let request = &mut world.org.install_requests[at];
        request.status = if error.is_some() {
            Status::Error
        } else {
            Status::Success
        };
        request.error = error;
    }
}

/// A request as a row.
pub(crate) fn row(request: &InstallRequest) -> Value {
    let errors = request.error.iter().map(|message| json!({ "message": message }));
    let errors: Vec<Value> = errors.collect();
    json!({
        "Id": request.id, "SubscriberPackageVersionKey": request.version_key, "Status": request.status.name(),
        "SecurityType": request.security_type, "NameConflictResolution": "Block", "PackageInstallSource": "U", "EnableRss": false,
        "CreatedDate": timestamp(request.created), "IsDeleted": false,
        "Errors": if errors.is_empty() { Value::Null } else { json!({ "errors": errors }) },
    })
}
