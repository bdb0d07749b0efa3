//! The front: one listener that does what the HTTP API does in AWS, with the template's routes.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use connector::service::Services;
use connector::web::Reply;

use crate::authorizer::{self, Authorizer};

/// The HTTP API takes no more than 10 MB; a little less here.
const LONGEST: usize = 8 * 1024 * 1024;

#[derive(Clone)]
struct Front {
    services: Services,
    authorizer: Option<Authorizer>,
}

/// The router of all HTTP functions.
pub(crate) fn router(services: Services) -> Router {
    let authorizer = services.config.console.as_ref().map(Authorizer::new);
    Router::new()
        .fallback(answer)
        .with_state(Front { services, authorizer })
}

/// The JWT authorizer lets nobody through.
struct Unauthorized;

impl Front {
    /// Who is logged in. Where there is no console there is no authorizer either, and nobody.
    async fn person(&self, request: &connector::web::Request) -> Result<Option<operator::Person>, Unauthorized> {
        let Some(authorizer) = &self.authorizer else {
            return Ok(None);
        };
        let now = self.services.clock.now();
        let claims = authorizer.claims(request.header("authorization"), now).await;
        let claims = claims.ok_or(Unauthorized)?;
        Ok(operator::Person::of_claims(|name| claims.get(name).map(String::as_str)))
    }
}

async fn answer(State(front): State<Front>, request: Request<Body>) -> Response<Body> {
    let services = &front.services;
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LONGEST).await else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    let request = connector::web::Request::from(Request::from_parts(head, body));
    let reply: Reply = match *request.segments() {
        ["operator", ..] | ["console"] => operator::respond(services, &request).await,
        ["console", "api", _, ..] => match front.person(&request).await {
            Ok(person) => operator::respond_to(services, &request, person.as_ref()).await,
            Err(Unauthorized) => return authorizer::refusal(),
        },
        ["console", ..] => operator::respond(services, &request).await,
        ["setup", "principal"] | ["setup", "org", _, ..] | ["akeneo", _, "callback"] | ["salesforce", "callback"] => {
            oauth_callback::respond(services, &request).await
        }
        _ => setup_start::respond(services, &request).await,
    };
    reply.map(Body::from)
}
