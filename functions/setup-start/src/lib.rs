//! `setup-start`: the pages of a setup and the starts of both authorizations.
//!
//! It reads and writes connections, and writes Akeneo credentials as pending; it can read no secret at all (design section 6).
//! GET and HEAD change nothing: mail scanners open links.

mod access;
mod activate;
mod akeneo;
mod by_hand;
mod check;
mod hand_off;
mod install;
mod journey;
mod landing;
mod legacy;
mod salesforce;
mod trip;
mod visitor;

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use connector::clock::Deadline;
use connector::page::{ICON, SCRIPT, STYLE};
use connector::problem::Problem;
use connector::service::Services;
use connector::trace::served;
use connector::web::{Reply, Request, asset};
use http::Method;

/// For everything outbound in one request.
const OUTBOUND: Duration = Duration::from_secs(15);

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
    let read = matches!(request.method, Method::GET | Method::HEAD);
    let post = request.method == Method::POST;
    let deadline = Deadline::after(OUTBOUND);
    match *request.segments() {
        ["setup", "assets", "page.css"] if read => Ok(asset("text/css; charset=utf-8", STYLE)),
        ["setup", "assets", "page.js"] if read => Ok(asset("text/javascript; charset=utf-8", SCRIPT)),
        ["setup", "assets", "icon.svg"] if read => Ok(asset("image/svg+xml", ICON)),
        ["setup"] if read => journey::show(services, request).await,
        ["setup", "progress"] if read => journey::progress(services, request).await,
        ["setup", "salesforce"] if post => salesforce::start(services, request).await,
        ["setup", "akeneo"] if post => akeneo::enter(services, request, deadline).await,
        ["setup", "akeneo", "authorize"] if post => akeneo::authorize_again(services, request).await,
        ["setup", "handoff"] if post => hand_off::make(services, request).await,
        ["setup", "install"] if post => install::ask(services, request).await,
        ["setup", "legacy"] if post => legacy::accept(services, request).await,
        ["setup", "by-hand"] if post => by_hand::choose(services, request).await,
        ["setup", "access"] if post => access::choose(services, request).await,
        ["setup", "check"] if post => check::again(services, request).await,
        ["setup", "leave"] if post => visitor::leave(services, request).await,
        [
            "setup",
            "access" | "salesforce" | "akeneo" | "by-hand" | "handoff" | "install" | "legacy" | "check" | "leave"
            | "principal",
        ]
        | ["setup", "akeneo", "authorize"] => Err(Problem::MethodNotAllowed("POST")),
        ["setup"] | ["setup", "progress"] | ["setup", "assets", "page.css" | "page.js" | "icon.svg"] => {
            Err(Problem::MethodNotAllowed("GET, HEAD"))
        }
        ["setup", invitation] if read => landing::show(services, invitation).await,
        ["setup", invitation] if post => landing::start(services, request, invitation).await,
        ["akeneo", connection, "activate"] if read => activate::open(services, request, connection).await,
        ["akeneo", _, "activate"] => Err(Problem::MethodNotAllowed("GET, HEAD")),
        ["setup", _] => Err(Problem::MethodNotAllowed("GET, HEAD, POST")),
        _ => Err(Problem::NotFound),
    }
}
