//! The front: one listener that does what the HTTP API does in AWS, with the template's routes.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use connector::service::Services;
use connector::web::Reply;

/// The HTTP API takes no more than 10 MB; a little less here.
const LONGEST: usize = 8 * 1024 * 1024;

/// The router of all HTTP functions.
pub(crate) fn router(services: Services) -> Router {
    Router::new().fallback(answer).with_state(services)
}

async fn answer(State(services): State<Services>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LONGEST).await else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    let request = connector::web::Request::from(Request::from_parts(head, body));
    let reply: Reply = match *request.segments() {
        ["operator", ..] => operator::respond(&services, &request).await,
        ["setup", "principal"] | ["akeneo", _, "callback"] | ["salesforce", "callback"] => {
            oauth_callback::respond(&services, &request).await
        }
        _ => setup_start::respond(&services, &request).await,
    };
    reply.map(Body::from)
}
