//! The console of Customer Success: a page without data for anybody, and its data for people who are logged in.
//!
//! The page and its scripts are the same for everyone. The data below `/console/api` is behind the HTTP API's JWT authorizer; that a
//! request came through it is checked again here, by the person it brings, because a path can be written in more ways than one and
//! the page's own route has no authorizer. What the console cannot do is absent: nothing here ends more than one connection.

mod answers;
mod funnel;
mod overview;
mod words;

use connector::config::Console;
use connector::page::{CONSOLE_SCRIPTS, CONSOLE_STYLE, console};
use connector::service::Services;
use connector::web::{Reply, Request, asset, console_page, json};
use http::{Method, StatusCode};
use serde_json::json as object;

use crate::person::Person;
use crate::refusal::Refusal;

/// Answers a request below `/console`.
pub(crate) async fn route(services: &Services, request: &Request, person: Option<&Person>) -> Result<Reply, Refusal> {
    let Some(login) = &services.config.console else {
        return Err(Refusal::NotFound);
    };
    match *request.segments() {
        ["console", "api", ref rest @ ..] => api(services, request, person.ok_or(Refusal::NobodyLoggedIn)?, rest).await,
        ref rest => shell(request, login, rest),
    }
}

/// The page and what it loads. No data.
fn shell(request: &Request, login: &Console, path: &[&str]) -> Result<Reply, Refusal> {
    let read = matches!(request.method, Method::GET | Method::HEAD);
    let reply = match *path {
        ["console"] => console_page(console(), &login.origins),
        ["console", "config.json"] => json(
            StatusCode::OK,
            &object!({"issuer": login.issuer, "client_id": login.client_id}),
        ),
        ["console", "assets", "console.css"] => asset("text/css; charset=utf-8", CONSOLE_STYLE),
        ["console", "assets", name] => {
            let script = CONSOLE_SCRIPTS.iter().find(|(script, _)| *script == name);
            asset("text/javascript; charset=utf-8", script.ok_or(Refusal::NotFound)?.1)
        }
        _ => return Err(Refusal::NotFound),
    };
    if read {
        Ok(reply)
    } else {
        Err(Refusal::MethodNotAllowed(Method::GET))
    }
}

async fn api(services: &Services, request: &Request, person: &Person, path: &[&str]) -> Result<Reply, Refusal> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match *path {
        ["me"] if get => Ok(json(StatusCode::OK, &object!({"name": person.name()}))),
        ["connections"] if get => overview::overview(services, request).await,
        ["connections", id] if get => answers::one(services, id).await,
        ["connections", id, "timeline"] if get => answers::timeline(services, request, id).await,
        ["invitations"] if post => answers::invite(services, request, person).await,
        ["connections", id, "resend"] if post => answers::resend(services, id, person).await,
        ["connections", id, "check"] if post => answers::check(services, id, person).await,
        ["connections", id, "pause"] if post => answers::pause(services, id, person).await,
        ["connections", id, "resume"] if post => answers::resume(services, id, person).await,
        ["connections", id, "revoke"] if post => answers::revoke(services, id, person).await,
        ["me" | "connections"] | ["connections", _] | ["connections", _, "timeline"] => {
            Err(Refusal::MethodNotAllowed(Method::GET))
        }
        ["invitations"] | ["connections", _, "resend" | "check" | "pause" | "resume" | "revoke"] => {
            Err(Refusal::MethodNotAllowed(Method::POST))
        }
        _ => Err(Refusal::NotFound),
    }
}
