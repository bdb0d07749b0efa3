//! Anonymous Apex, as far as the smoke call needs it: one callout through a Named Credential (facts/salesforce 12.5).
//!
//! It is no Apex. It looks for `callout:Name/path` in the text and makes that GET for real, with every check that a callout meets: callouts
//! enabled, principal access, stored token, status 200. Over a Named Credential without authorization Apex may send the session that it
//! runs in. Anything else does not compile here.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::gate::Caller;
use crate::callout::{self, Code, NoAnswer};
use crate::form::Fields;
use crate::oauth::identity::bearer;
use crate::refusal::{Refusal, json_answer};
use crate::world::Shared;

fn answer(compiled: bool, problem: Option<&str>) -> Response {
    let success = problem.is_none();
    let body = json!({
        "line": if success { -1 } else { 1 }, "column": if success { -1 } else { 1 }, "compiled": compiled, "success": success,
        "compileProblem": problem.filter(|_| !compiled), "exceptionMessage": problem.filter(|_| compiled),
        "exceptionStackTrace": problem.filter(|_| compiled).map(|_| "AnonymousBlock: line 1, column 1"),
    });
    json_answer(StatusCode::OK, &body)
}

/// GET `tooling/executeAnonymous`.
pub(crate) async fn execute(
    State(sim): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let prepared = {
        let world = sim.world();
        caller.needs(caller.permissions.author_apex, &world.settings)?;
        let Some(target) = fields
            .get("anonymousBody")
            .and_then(|text| text.split("callout:").nth(1))
        else {
            return Ok(answer(
                false,
                Some("Unexpected token: the simulator runs a callout and nothing else."),
            ));
        };
        let end = target.find(['\'', '"', ' ']).unwrap_or(target.len());
        let sends_its_session = target.contains("setHeader('Authorization','Bearer '+UserInfo.getSessionId())");
        let session = bearer(&headers).filter(|_| sends_its_session);
        callout::prepare(&world, &caller.user_id, &target[..end], Code::Anonymous(session))
    };
    let answered = match prepared {
        Ok(callout) => callout::send(&sim, &callout).await,
        Err(problem) => Err(NoAnswer::NotSent(problem)),
    };
    Ok(match answered {
        Ok(200) => answer(true, None),
        Ok(status) => {
            let problem = format!("System.AssertException: Assertion Failed: Expected: 200, Actual: {status}");
            answer(true, Some(&problem))
        }
        Err(NoAnswer::NotSent(problem)) => answer(true, Some(&format!("System.CalloutException: {problem}"))),
        Err(NoAnswer::Silent) => answer(true, Some("System.CalloutException: Read timed out")),
    })
}
