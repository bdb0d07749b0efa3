//! The front door: every request passes here, is written into the journal, and meets its fault.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONNECTION, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::answer;
use crate::clock;
use crate::fault::{Fault, FaultKind};
use crate::journal::RecordedRequest;
use crate::line::Line;
use crate::settings::RetryAfterStyle;
use crate::simulator::{Simulator, World};

/// Bodies beyond this are refused before anything else.
const LARGEST_BODY: usize = 1024 * 1024;

/// Size of an oversized answer that names none.
const OVERSIZED: usize = 16 * 1024 * 1024;

/// Lets a request pass, or does to it what its fault says.
pub(super) async fn pass(
    State(simulator): State<Simulator>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return answer::error_page(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let (mut record, fault) = {
        let mut world = simulator.world();
        let at = clock::rfc3339(world.now());
        let fault = world.faults.take(parts.method.as_str(), parts.uri.path());
        (RecordedRequest::read(&parts, &body, at), fault)
    };
    let seat = Seating::find(&simulator, parts.uri.path(), &parts.headers);
    let response = match (instead(&simulator, fault.as_ref(), &line), &seat) {
        (Some(response), _) => response,
        (None, Seating::Full) => too_many_requests(&simulator.world()),
        (None, _) => next.run(Request::from_parts(parts, Body::from(body))).await,
    };
    if let Some(mut record) = record.take() {
        record.fault = fault.as_ref().map(|fault| fault.kind);
        let answered = record.fault != Some(FaultKind::ResetBefore);
        record.status = answered.then(|| response.status().as_u16());
        simulator.world().journal.add(record);
    }
    let response = match fault {
        Some(fault) => afterwards(fault, response, &line).await,
        None => response,
    };
    drop(seat);
    response
}

/// Whether an API call found a seat (facts/akeneo 7.4).
enum Seating {
    NotNeeded,
    Full,
    #[expect(dead_code, reason = "the seat is held for its drop")]
    Taken(crate::traffic::Seat),
}

impl Seating {
    fn find(simulator: &Simulator, path: &str, headers: &HeaderMap) -> Self {
        if !path.starts_with("/api/") {
            return Self::NotNeeded;
        }
        let settings = simulator.world().settings.clone();
        let connection = crate::api::bearer_of(headers).unwrap_or_default();
        simulator
            .traffic
            .enter(&settings, connection)
            .map_or(Self::Full, Self::Taken)
    }
}

/// The answer of a fault that keeps the PIM from doing its work.
fn instead(simulator: &Simulator, fault: Option<&Fault>, line: &Line) -> Option<Response> {
    let fault = fault?;
    match fault.kind {
        FaultKind::ResetBefore => {
            line.cut();
            Some(StatusCode::NO_CONTENT.into_response())
        }
        FaultKind::Status => {
            let status = status(fault, StatusCode::SERVICE_UNAVAILABLE);
            let response = match &fault.body {
                Some(body) => {
                    let kind = fault.content_type.as_deref().unwrap_or("text/html; charset=UTF-8");
                    answer::with_header((status, body.clone()).into_response(), CONTENT_TYPE, kind)
                }
                None if status == StatusCode::TOO_MANY_REQUESTS => too_many_requests(&simulator.world()),
                None => answer::error_page(status),
            };
            Some(with_headers(response, fault))
        }
        FaultKind::Oversized => {
            let (open, close) = ("{\"padding\":\"", "\"}");
            let padding = fault.size.unwrap_or(OVERSIZED).saturating_sub(open.len() + close.len());
            let body = [open, &"x".repeat(padding), close].concat();
            let response = (status(fault, StatusCode::OK), Bytes::from(body)).into_response();
            Some(with_headers(
                answer::with_header(response, CONTENT_TYPE, "application/json"),
                fault,
            ))
        }
        FaultKind::ResetAfter | FaultKind::Delay | FaultKind::Drip => None,
    }
}

/// What a fault does to an answer that exists.
async fn afterwards(fault: Fault, response: Response, line: &Line) -> Response {
    match fault.kind {
        FaultKind::ResetAfter => line.cut(),
        FaultKind::Delay => tokio::time::sleep(Duration::from_millis(fault.delay_ms.unwrap_or(1000))).await,
        FaultKind::Drip => {
            line.slow_down(
                fault.size.unwrap_or(1),
                Duration::from_millis(fault.delay_ms.unwrap_or(100)),
            );
            // The pace belongs to the connection, so the connection ends with this answer.
            return answer::with_header(response, CONNECTION, "close");
        }
        FaultKind::ResetBefore | FaultKind::Status | FaultKind::Oversized => {}
    }
    response
}

/// The documented 429, with Retry-After as the knob says.
fn too_many_requests(world: &World) -> Response {
    let message = "You have exceeded the limit of API requests per second.";
    let response = answer::envelope(StatusCode::TOO_MANY_REQUESTS, message);
    let seconds = world.settings.retry_after_seconds;
    match world.settings.retry_after {
        RetryAfterStyle::Seconds => answer::with_header(response, RETRY_AFTER, &seconds.to_string()),
        RetryAfterStyle::HttpDate => answer::with_header(
            response,
            RETRY_AFTER,
            &clock::http_date(world.now().saturating_add(seconds)),
        ),
        RetryAfterStyle::Absent => response,
    }
}

fn status(fault: &Fault, default: StatusCode) -> StatusCode {
    fault
        .status
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(default)
}

fn with_headers(response: Response, fault: &Fault) -> Response {
    fault.headers.iter().fold(response, |response, (name, value)| {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => answer::with_header(response, name, value),
            Err(_) => response,
        }
    })
}
