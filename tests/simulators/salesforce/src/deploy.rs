//! Metadata REST deploy (facts/salesforce 11): Named Credentials and permission sets, for real; other types are refused as unknown.
//!
//! A deploy is carried out when it arrives and reported as in progress for a number of polls, as clients must be able to wait.

mod archive;
mod component;

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::gate::Caller;
use crate::connect::input;
use crate::legacy;
use crate::refusal::{Refusal, json_answer};
use crate::settings::DeployPart;
use crate::world::{Shared, World};
use component::Outcome;

/// All deploys by id.
pub(crate) type Deploys = HashMap<String, Deploy>;

/// One deploy.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deploy {
    options: Options,
    outcomes: Vec<Outcome>,
    /// What was sent, for the control's report: path and fields of each file, as they could be read.
    #[serde(default)]
    sent: Vec<Value>,
    polls_left: u32,
    canceled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    deploy_options: Options,
}

/// The options that change what happens; the others are taken and ignored.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    check_only: bool,
    rollback_on_error: bool,
    test_level: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            check_only: false,
            rollback_on_error: true,
            test_level: "NoTestRun".to_owned(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    deploy_result: Status,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    status: String,
}

fn unreadable(_: impl std::fmt::Display) -> Refusal {
    Refusal::bad("POST_BODY_PARSE_ERROR", "The multipart request can't be read.")
}

/// The two parts. The first one is called `entity_content` by clients and `json` by the guide: both are taken.
async fn parts(
    multipart: Result<Multipart, MultipartRejection>,
    first: DeployPart,
) -> Result<(Options, Bytes), Refusal> {
    let mut multipart = multipart.map_err(|_| Refusal::unsupported_media_type())?;
    let (mut options, mut archive) = (None, None);
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(unreadable)?;
        match name.as_str() {
            name if first.takes(name) => {
                let request: Request = serde_json::from_slice(&bytes).map_err(unreadable)?;
                options = Some(request.deploy_options);
            }
            "file" => archive = Some(bytes),
            _ => return Err(unreadable("")),
        }
    }
    options.zip(archive).ok_or_else(|| unreadable(""))
}

/// POST `metadata/deployRequest`.
pub(crate) async fn create(
    State(sim): State<Shared>,
    caller: Caller,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refusal> {
    let first = sim.world().settings.writes.deploy_part;
    let (options, archive) = parts(multipart, first).await?;
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    caller.needs(caller.permissions.modify_metadata, &world.settings)?;
    let outcomes = run(&sim, world, &options, &archive, &caller);
    let id = world.org.mint.id("0Af");
    let polls_left = world.settings.deploy_polls;
    let body = json!({
        "id": id, "url": format!("{}/metadata/deployRequest/{id}", caller.root()), "deployResult": null,
        "deployOptions": { "checkOnly": options.check_only, "rollbackOnError": options.rollback_on_error, "testLevel": options.test_level },
        "validatedDeployRequestId": null,
    });
    world.deploys.insert(
        id,
        Deploy {
            options,
            outcomes,
            sent: sent(&archive),
            polls_left,
            canceled: false,
        },
    );
    Ok(json_answer(StatusCode::CREATED, &body))
}

fn sent(archive: &Bytes) -> Vec<Value> {
    let files = archive::open(archive).unwrap_or_default();
    let one = |file: archive::File| json!({ "path": file.path, "fields": file.fields.unwrap_or_default() });
    files.into_iter().map(one).collect()
}

/// All deploys in the order of their arrival, with what was sent.
pub(crate) fn reported(deploys: &Deploys) -> Vec<Value> {
    let mut ids: Vec<&String> = deploys.keys().collect();
    ids.sort();
    ids.into_iter()
        .filter_map(|id| deploys.get(id).map(|deploy| json!({ "id": id, "files": deploy.sent })))
        .collect()
}

/// Carries a deploy out, or undoes it if it was only a check or if it failed and wants to be rolled back.
fn run(sim: &Shared, world: &mut World, options: &Options, archive: &Bytes, caller: &Caller) -> Vec<Outcome> {
    if let Some(problem) = &world.settings.deploy_problem {
        return vec![Outcome::failed("", "package.xml", "package.xml", problem)];
    }
    let mut files = match archive::open(archive) {
        Ok(files) => files,
        Err(problem) => return vec![Outcome::failed("", "package.xml", "package.xml", problem)],
    };
    // Salesforce resolves dependencies inside one archive (facts/salesforce 7).
    files.sort_by_key(|file| archive::rank(file.kind));
    let before = (world.org.named_credentials.clone(), world.org.grants.clone());
    let providers = world.org.identity_providers.clone();
    let legacy = (world.org.auth_providers.clone(), world.org.plugin_records.clone());
    world.org.client_apps.iter_mut().for_each(|app| app.fresh = false);
    let apps = (world.org.client_apps.clone(), world.org.shows_consumer_secrets);
    let settings = world.settings.clone();
    let outcomes: Vec<Outcome> = files
        .iter()
        .map(
            |file| match legacy::deployed::forbidden(file.kind, caller.permissions) {
                Some(problem) => Outcome::failed(file.kind, &file.full_name, &file.path, problem),
                None => component::deploy(&mut world.org, file, &settings, sim.clock.now()),
            },
        )
        .collect();
    let failed = outcomes.iter().any(|outcome| outcome.problem.is_some());
    if options.check_only || (failed && options.rollback_on_error) {
        (world.org.named_credentials, world.org.grants) = before;
        world.org.identity_providers = providers;
        (world.org.auth_providers, world.org.plugin_records) = legacy;
        (world.org.client_apps, world.org.shows_consumer_secrets) = apps;
    }
    outcomes
}

fn result(id: &str, deploy: &Deploy) -> Value {
    let (bad, good): (Vec<&Outcome>, Vec<&Outcome>) =
        deploy.outcomes.iter().partition(|outcome| outcome.problem.is_some());
    let done = deploy.polls_left == 0 || deploy.canceled;
    let status = match (
        deploy.canceled,
        done,
        bad.is_empty(),
        deploy.options.rollback_on_error || good.is_empty(),
    ) {
        (true, ..) => "Canceled",
        (_, false, ..) => "InProgress",
        (_, _, true, _) => "Succeeded",
        (_, _, false, true) => "Failed",
        (_, _, false, false) => "SucceededPartial",
    };
    let shown = |outcomes: &[&Outcome]| -> Vec<Value> {
        if done {
            outcomes.iter().map(|outcome| outcome.json()).collect()
        } else {
            Vec::new()
        }
    };
    json!({
        "id": id, "checkOnly": deploy.options.check_only, "done": done, "success": status == "Succeeded", "status": status,
        "rollbackOnError": deploy.options.rollback_on_error, "numberComponentErrors": shown(&bad).len(),
        "numberComponentsDeployed": shown(&good).len(), "numberComponentsTotal": deploy.outcomes.len(),
        "numberTestErrors": 0, "numberTestsCompleted": 0, "numberTestsTotal": 0,
        "details": {
            "componentFailures": shown(&bad), "componentSuccesses": shown(&good),
            "runTestResult": { "numFailures": 0, "numTestsRun": 0, "totalTime": 0.0 },
        },
    })
}

fn answer(caller: &Caller, id: &str, deploy: &Deploy, status: StatusCode) -> Response {
    let url = format!("{}/metadata/deployRequest/{id}", caller.root());
    json_answer(
        status,
        &json!({ "id": id, "url": url, "deployResult": result(id, deploy) }),
    )
}

/// GET `metadata/deployRequest/{id}`.
pub(crate) async fn poll(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let id = address.get("id").map(String::as_str).unwrap_or_default();
    let mut world = sim.world();
    let deploy = world.deploys.get_mut(id).ok_or_else(Refusal::not_found)?;
    let shown = answer(&caller, id, deploy, StatusCode::OK);
    deploy.polls_left = deploy.polls_left.saturating_sub(1);
    Ok(shown)
}

/// PATCH `metadata/deployRequest/{id}`: cancel. What was carried out stays; the simulator has no half-done deploys to take back.
pub(crate) async fn cancel(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: Change = input::read(&headers, &body)?;
    let id = address.get("id").map(String::as_str).unwrap_or_default();
    let mut world = sim.world();
    let deploy = world.deploys.get_mut(id).ok_or_else(Refusal::not_found)?;
    if change.deploy_result.status != "Canceling" || deploy.polls_left == 0 {
        return Err(Refusal::bad("INVALID_ID_FIELD", "Deployment already completed"));
    }
    deploy.canceled = true;
    Ok(answer(&caller, id, deploy, StatusCode::ACCEPTED))
}
