//! `operator`: the API of Customer Success and operators, behind IAM authorization at the HTTP API (`infra/openapi.yaml`), and the
//! console of Customer Success, behind a login.
//!
//! Answers are JSON; refusals are RFC 9457 problems. No answer contains a secret except a new link, which is shown once.

mod acts;
mod body;
mod connections;
mod console;
mod fleet;
mod invitations;
mod leading;
mod list;
mod offboard;
mod person;
mod query;
mod refusal;
mod terms;
mod trail;

use std::convert::Infallible;

use bytes::Bytes;
use connector::service::Services;
use connector::trace::{Trace, served};
use connector::web::{Reply, Request};
use http::{HeaderName, HeaderValue, Method};
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;

pub use crate::fleet::{Revoked, revoke_some};
pub use crate::person::Person;
pub use crate::refusal::Refusal;

/// The id under which a request was answered: every log line of it, and of the work that it asked for, carries it.
const TRACE: HeaderName = HeaderName::from_static("connector-trace");

/// The Lambda handler.
///
/// # Errors
/// None: refusals are answers.
pub async fn handle(services: &Services, event: lambda_http::Request) -> Result<Reply, Infallible> {
    let (person, by) = (Person::of_event(&event), signer_of(&event));
    let request = Request::from(event.map(|body| Bytes::copy_from_slice(&body)));
    Ok(respond_as(services, &request, person.as_ref(), by).await)
}

/// Who signed the request, as IAM knows them.
fn signer_of(event: &lambda_http::Request) -> Option<String> {
    let Some(RequestContext::ApiGatewayV2(context)) = event.request_context_ref() else {
        return None;
    };
    context.authorizer.as_ref()?.iam.as_ref()?.user_arn.clone()
}

/// Answers one request of nobody in particular: what IAM let through, or the console's page.
pub async fn respond(services: &Services, request: &Request) -> Reply {
    respond_to(services, request, None).await
}

/// Answers one request of a person who is logged in, if there is one.
pub async fn respond_to(services: &Services, request: &Request, person: Option<&Person>) -> Reply {
    respond_as(services, request, person, None).await
}

async fn respond_as(services: &Services, request: &Request, person: Option<&Person>, by: Option<String>) -> Reply {
    let services = services.traced();
    served(&services, request, answer(&services, request, person, by)).await
}

async fn answer(services: &Services, request: &Request, person: Option<&Person>, by: Option<String>) -> Reply {
    let answer = match *request.segments() {
        ["console", ..] => console::route(services, request, person).await,
        ["operator", ref rest @ ..] => operator(services, request, rest, by).await,
        _ => Err(Refusal::NotFound),
    };
    let mut reply = answer.unwrap_or_else(|refusal| refusal.into_reply(services));
    let trace = services.trace.as_ref().map(Trace::as_str).map(HeaderValue::from_str);
    if let Some(Ok(trace)) = trace {
        reply.headers_mut().insert(TRACE, trace);
    }
    reply
}

/// The API. Each resource takes one method.
async fn operator(services: &Services, request: &Request, path: &[&str], by: Option<String>) -> Result<Reply, Refusal> {
    let takes = match *path {
        ["connections" | "sweep" | "audit"] | ["connections", _] | ["connections", _, "timeline" | "certificate"] => {
            Method::GET
        }
        ["connections", _, "terms"] => Method::PATCH,
        ["invitations" | "revoke-all"]
        | [
            "connections",
            _,
            "resend" | "revoke" | "check" | "repair" | "pause" | "resume" | "rotate" | "offboard",
        ] => Method::POST,
        _ => return Err(Refusal::NotFound),
    };
    if request.method != takes {
        return Err(Refusal::MethodNotAllowed(takes));
    }
    match *path {
        ["invitations"] => invitations::create(services, request, by).await,
        ["connections"] => list::list(services, request).await,
        ["sweep"] => fleet::sweep(services, request).await,
        ["revoke-all"] => fleet::revoke_all(services, request, by).await,
        ["audit"] => trail::export(services, request).await,
        ["connections", id] => connections::show(services, request, id).await,
        ["connections", id, "timeline"] => trail::timeline(services, request, id).await,
        ["connections", id, "terms"] => {
            let changed = terms::change(services, request, id, by).await?;
            connections::answer(services, &changed).await
        }
        ["connections", id, "offboard"] => offboard::begin(services, request, id, by).await,
        ["connections", id, "certificate"] => offboard::certificate(services, request, id).await,
        ["connections", id, "resend"] => invitations::resend(services, id, by).await,
        ["connections", id, act] => {
            let done = match act {
                "revoke" => acts::revoke(services, id, by).await?,
                "check" => acts::look(services, id, by).await?,
                "repair" => acts::repair(services, id, by).await?,
                "pause" => acts::pause(services, id, by).await?,
                "resume" => acts::resume(services, id, by).await?,
                "rotate" => acts::rotate(services, id, by).await?,
                _ => return Err(Refusal::NotFound),
            };
            connections::answer(services, &done).await
        }
        _ => Err(Refusal::NotFound),
    }
}
