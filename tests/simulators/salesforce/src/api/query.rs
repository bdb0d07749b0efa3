//! `query` and `tooling/query` (facts/salesforce 2.1, 6, 9).

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::gate::Caller;
use crate::form::Fields;
use crate::refusal::{Refusal, json_answer};
use crate::soql::{self, Api};
use crate::world::Shared;

fn run(sim: &Shared, caller: &Caller, query: Option<String>, api: Api) -> Result<Response, Refusal> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let text = fields
        .get("q")
        .ok_or_else(|| Refusal::bad("MALFORMED_QUERY", "SOQL statements cannot be empty or null"))?;
    let world = sim.world();
    let found = soql::run(text, api, &world, caller)?;
    if found.object == "PackageInstallRequest" && !world.settings.install.listed.accepts() {
        return Err(Refusal::bad(
            "INVALID_TYPE",
            "sObject type 'PackageInstallRequest' is not supported.",
        ));
    }
    let size = found.records.len();
    let body = match api {
        Api::Data => json!({ "totalSize": size, "done": true, "records": found.records }),
        Api::Tooling => json!({
            "size": size, "totalSize": size, "done": true, "queryLocator": null,
            "entityTypeName": found.object, "records": found.records,
        }),
    };
    Ok(json_answer(StatusCode::OK, &body))
}

/// GET `query`.
pub(crate) async fn data(
    State(sim): State<Shared>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    run(&sim, &caller, query, Api::Data)
}

/// GET `tooling/query`.
pub(crate) async fn tooling(
    State(sim): State<Shared>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    run(&sim, &caller, query, Api::Tooling)
}
