//! `oauth-callback`: what comes back from an authorize endpoint, and the hop that lets the org authorize itself.
//!
//! A `state` of ours is claimed and its code exchanged inside this request: Akeneo's code lives 30 seconds. Any other `state`
//! at a connection's callback belongs to its org and is relayed there unread (design section 5).

mod akeneo;
mod client;
mod manual;
mod other_org;
mod principal;
mod relay;
mod salesforce;
mod self_callout;
mod users;
mod visitor;

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use connector::clock::Deadline;
use connector::problem::Problem;
use connector::service::Services;
use connector::trace::served;
use connector::web::{Reply, Request, plain_status};
use http::{Method, StatusCode};

/// For everything outbound in one request: well inside the code's 30 seconds.
const OUTBOUND: Duration = Duration::from_secs(20);

/// The Lambda handler.
///
/// # Errors
/// None: problems are answered with pages.
pub async fn handle(services: &Services, event: lambda_http::Request) -> Result<Reply, Infallible> {
    let request = Request::from(event.map(|body| Bytes::copy_from_slice(&body)));
    Ok(respond(services, &request).await)
}

/// Answers one request.
pub async fn respond(services: &Services, request: &Request) -> Reply {
    let services = services.traced();
    served(&services, request, answer(&services, request)).await
}

async fn answer(services: &Services, request: &Request) -> Reply {
    let answer = Box::pin(route(services, request)).await;
    let mut reply = answer.unwrap_or_else(|problem| problem.into_page(services));
    if request.method == Method::HEAD {
        reply.body_mut().clear();
    }
    reply
}

async fn route(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let deadline = Deadline::after(OUTBOUND);
    let get = request.method == Method::GET;
    let read = get || request.method == Method::HEAD;
    let post = request.method == Method::POST;
    match *request.segments() {
        // Scanners look with HEAD first; that must not use a code up.
        ["salesforce", "callback"] | ["akeneo", _, "callback"] if request.method == Method::HEAD => {
            Ok(plain_status(StatusCode::OK))
        }
        ["salesforce", "callback"] if get => salesforce::callback(services, request, deadline).await,
        ["akeneo", connection, "callback"] if get => akeneo::callback(services, request, connection, deadline).await,
        ["setup", "principal"] if request.method == Method::POST => principal::start(services, request, deadline).await,
        ["setup", "org", "manual"] if read => manual::show(services, request, deadline).await,
        ["setup", "org", "manual"] if post => manual::act(services, request, deadline).await,
        ["setup", "org", "users"] if read => users::show(services, request).await,
        ["setup", "org", "users"] if post => users::act(services, request, deadline).await,
        ["setup", "org", "self"] if read => self_callout::show(services, request).await,
        ["setup", "org", "self"] if post => self_callout::act(services, request, deadline).await,
        ["setup", "org", "manual" | "users" | "self"] => Err(Problem::MethodNotAllowed("GET, HEAD, POST")),
        ["setup", "org", "client"] if read => client::show(services, request).await,
        ["setup", "org", "client"] if request.method == Method::POST => client::enter(services, request).await,
        ["setup", "org", "client"] => Err(Problem::MethodNotAllowed("GET, HEAD, POST")),
        ["salesforce", "callback"] | ["akeneo", _, "callback"] => Err(Problem::MethodNotAllowed("GET, HEAD")),
        ["setup", "principal"] => Err(Problem::MethodNotAllowed("POST")),
        _ => Err(Problem::NotFound),
    }
}
