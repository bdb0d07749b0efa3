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
use crate::form::Fields;
use crate::oauth::identity::bearer;
use crate::refusal::{Refusal, json_answer};
use crate::world::{Shared, World};

/// A callout that may be made.
struct Callout {
    url: String,
    token: String,
}

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
        prepare(&world, &caller, &target[..end], session)
    };
    let callout = match prepared {
        Ok(callout) => callout,
        Err(problem) => return Ok(answer(true, Some(&format!("System.CalloutException: {problem}")))),
    };
    let sent = match sim.http() {
        Ok(http) => http.get(&callout.url).bearer_auth(&callout.token).send().await,
        Err(error) => Err(error),
    };
    Ok(match sent {
        Ok(response) if response.status().as_u16() == 200 => answer(true, None),
        Ok(response) => {
            let problem = format!(
                "System.AssertException: Assertion Failed: Expected: 200, Actual: {}",
                response.status().as_u16()
            );
            answer(true, Some(&problem))
        }
        Err(_) => answer(true, Some("System.CalloutException: Read timed out")),
    })
}

fn prepare(world: &World, caller: &Caller, target: &str, session: Option<&str>) -> Result<Callout, String> {
    let (name, path) = target.split_once('/').unwrap_or((target, ""));
    let refused = || {
        format!(
            "The callout couldn't access the endpoint. You might not have the required permissions, or the named credential \"{name}\" might not exist."
        )
    };
    let named = world.org.named_credential(name).ok_or_else(refused)?;
    let managed = named.header.namespace.is_some();
    if !named.metadata.enabled() || (managed && !world.settings.execute_anonymous_managed.accepts()) {
        return Err(refused());
    }
    let base = named.metadata.url().unwrap_or_default().trim_end_matches('/');
    let url = format!("{base}/{path}");
    if named.metadata.protocol.as_deref() == Some("NoAuthentication") {
        let token = session.unwrap_or_default().to_owned();
        return Ok(Callout { url, token });
    }
    if named.metadata.kind() == "Legacy" {
        let token = world.org.legacy_tokens.get(&named.header.id);
        let token = token.ok_or("Unable to complete the authentication: the Named Credential is not authenticated.")?;
        let sent = named.metadata.generate_authorization_header == Some(true);
        return Ok(Callout {
            url,
            token: if sent {
                token.access_token.clone()
            } else {
                String::new()
            },
        });
    }
    let linked = named.metadata.external_credential().unwrap_or_default();
    let hidden = || {
        format!(
            "We couldn't access the credential(s). You might not have the required permissions, or the external credential \"{linked}\" might not exist."
        )
    };
    let credential = world.org.external_credential(linked).ok_or_else(hidden)?;
    let principal = credential
        .metadata
        .principals()
        .find(|row| world.org.grants.may_call_out(&caller.user_id, &row.id));
    let principal = principal.ok_or_else(hidden)?;
    let token = world.org.principal_tokens.get(&principal.id).ok_or_else(hidden)?;
    Ok(Callout {
        url,
        token: token.access_token.clone(),
    })
}
