//! `operator`: the API of Customer Success and operators, behind IAM authorization at the HTTP API (`infra/openapi.yaml`).
//!
//! Answers are JSON; refusals are RFC 9457 problems. No answer contains a secret except a new link, which is shown once.

mod connections;
mod invitations;
mod refusal;

use std::convert::Infallible;

use bytes::Bytes;
use connector::service::Services;
use connector::web::{Reply, Request};
use http::Method;

pub use crate::refusal::Refusal;

/// The Lambda handler.
///
/// # Errors
/// None: refusals are answers.
pub async fn handle(services: &Services, event: lambda_http::Request) -> Result<Reply, Infallible> {
    let request = Request::from(event.map(|body| Bytes::copy_from_slice(&body)));
    Ok(respond(services, &request).await)
}

/// Answers one request.
pub async fn respond(services: &Services, request: &Request) -> Reply {
    route(services, request)
        .await
        .unwrap_or_else(|refusal| refusal.into_reply(services))
}

async fn route(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match *request.segments() {
        ["operator", "invitations"] if post => invitations::create(services, request).await,
        ["operator", "connections"] if get => connections::list(services).await,
        ["operator", "connections", id] if get => connections::show(services, id).await,
        ["operator", "connections", id, "revoke"] if post => connections::revoke(services, id).await,
        ["operator", "invitations" | "connections"]
        | ["operator", "connections", _]
        | ["operator", "connections", _, "revoke"] => Err(Refusal::MethodNotAllowed),
        _ => Err(Refusal::NotFound),
    }
}
