//! Refusals as RFC 9457 problem details.

use connector::connection::{InvitationFault, LedgerError};
use connector::service::Services;
use connector::store::StoreError;
use connector::telemetry::causes;
use connector::trace::Trace;
use connector::web::{Reply, json};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json as object;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such resource.
    #[error("there is no such resource")]
    NotFound,
    /// The resource does not take this method.
    #[error("this resource does not take that method")]
    MethodNotAllowed(Method),
    /// No such connection.
    #[error("there is no connection with this id")]
    NoConnection,
    /// No such page.
    #[error("there is no such page; the cursor is the “next_cursor” of the page before")]
    NoPage,
    /// Nobody waits as long as it takes to sort so many.
    #[error(
        "there are too many connections to be sorted in one request; ask with sort=queue, which reads on page by page"
    )]
    TooMany,
    /// No token that the authorizer accepted came with the request.
    #[error("log in to use the console")]
    NobodyLoggedIn,
    /// No org is connected, or the connection is revoked.
    #[error("there is nothing to check: the customer has not connected an org, or the connection is revoked")]
    NothingToCheck,
    /// A revoked connection is not checked anyway.
    #[error("the connection is revoked; a new link takes it up again")]
    IsRevoked,
    /// What was taken apart is not taken up again: its certificate would be wrong.
    #[error("the connection was taken apart, or is being taken apart; make a new one")]
    IsOffboarded,
    /// Nobody asked for the connection to be taken apart.
    #[error("there is no certificate: the connection was not taken apart")]
    NotOffboarded,
    /// No credentials were entered yet.
    #[error("there is no client secret to renew: the customer has not entered one yet")]
    NothingToRotate,
    /// The body has another content type.
    #[error("the body is not JSON; send Content-Type application/json")]
    NotJson,
    /// The body is no JSON object with each field once.
    #[error("the body is not a JSON object that has each of its fields once")]
    Malformed,
    /// The body is too long.
    #[error("the body is longer than 16 KiB")]
    TooLong,
    /// Fields are wrong: each with what is wrong and what is expected.
    #[error("the request has faults: {}", .0.join("; "))]
    Faults(Vec<String>),
    /// A file could not be written.
    #[error("the file could not be written")]
    Unwritten(String),
    /// A store failed.
    #[error("a store did not answer; try again")]
    Store(#[source] StoreError),
    /// Too many writers.
    #[error("the connection is being changed by too many at once; try again")]
    Contended,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        if error.is_forged_token() {
            Self::NoPage
        } else {
            Self::Store(error)
        }
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(error) => error.into(),
            LedgerError::Contended => Self::Contended,
        }
    }
}

impl From<InvitationFault> for Refusal {
    fn from(fault: InvitationFault) -> Self {
        match fault {
            InvitationFault::NotValid => Self::NoConnection,
            InvitationFault::Offboarded => Self::IsOffboarded,
            InvitationFault::Ledger(error) => error.into(),
        }
    }
}

impl Refusal {
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::NoConnection => (StatusCode::NOT_FOUND, "no_connection"),
            Self::NoPage => (StatusCode::NOT_FOUND, "no_page"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::NobodyLoggedIn => (StatusCode::UNAUTHORIZED, "nobody_logged_in"),
            Self::NothingToCheck => (StatusCode::CONFLICT, "nothing_to_check"),
            Self::IsRevoked => (StatusCode::CONFLICT, "is_revoked"),
            Self::IsOffboarded => (StatusCode::CONFLICT, "is_offboarded"),
            Self::NotOffboarded => (StatusCode::NOT_FOUND, "not_offboarded"),
            Self::NothingToRotate => (StatusCode::CONFLICT, "nothing_to_rotate"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "too_long"),
            Self::Faults(_) => (StatusCode::UNPROCESSABLE_ENTITY, "faults"),
            Self::Unwritten(_) => (StatusCode::INTERNAL_SERVER_ERROR, "unwritten"),
            Self::TooMany => (StatusCode::SERVICE_UNAVAILABLE, "too_many"),
            Self::Store(_) | Self::Contended => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }

    /// The refusal as an answer. It is logged, and the reference that it carries is the id of all log lines of the request.
    #[must_use]
    pub fn into_reply(self, services: &Services) -> Reply {
        let (status, code) = self.status();
        let trace = services.trace.clone();
        let reference = trace.unwrap_or_else(|| Trace::fresh(&*services.random)).to_string();
        match &self {
            Self::Store(cause) => tracing::error!(name: "operator.refusal", code, reference, error = causes(cause)),
            Self::Unwritten(cause) => tracing::error!(name: "operator.refusal", code, reference, error = %cause),
            _ => tracing::info!(name: "operator.refusal", code, reference, status = status.as_u16()),
        }
        let faults = if let Self::Faults(faults) = &self {
            faults.clone()
        } else {
            Vec::new()
        };
        let body = object!({
            "type": format!("urn:connector-setup:problem:{code}"),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": self.to_string(),
            "code": code,
            "reference": reference,
            "faults": faults,
        });
        let mut reply = json(status, &body);
        // RFC 9110 section 15.5.6: what the resource does take.
        if let Self::MethodNotAllowed(takes) = &self
            && let Ok(takes) = HeaderValue::from_str(takes.as_str())
        {
            reply.headers_mut().insert(header::ALLOW, takes);
        }
        reply
    }
}
