//! Faults to order: wrong statuses, lost answers, slowness and floods (facts/salesforce 14.2 rule j, 14.4).
//!
//! A fault matches requests by method and path prefix and is used up after `count` of them. Canned answers carry the exact texts of
//! facts/salesforce 12.2, so that a test does not have to spell them.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The given answer instead of the work.
    Status,
    /// The connection is reset and nothing was done.
    ResetBefore,
    /// The work is done, then the connection is reset without an answer.
    ResetAfter,
    /// The work is done after a pause of `delay_ms`.
    Delay,
    /// The answer trickles: `size` bytes every `delay_ms`.
    Drip,
    /// An answer of `size` bytes instead of the work.
    Oversized,
}

/// Answers with the exact texts of facts/salesforce 12.2 to 12.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Canned {
    /// 401 INVALID_SESSION_ID.
    SessionExpired,
    /// 401 whose text says that a refresh does not help (facts/salesforce 10.2).
    SessionNotForRest,
    /// 403 REQUEST_LIMIT_EXCEEDED for the day's quota.
    RequestLimitExceeded,
    /// Too many requests at once; the code is a switch.
    ConcurrentLimit,
    /// 400 UNABLE_TO_LOCK_ROW.
    UnableToLockRow,
    /// 500 UNKNOWN_EXCEPTION.
    UnknownException,
    /// 503 as JSON.
    ServerUnavailable,
    /// 503 as a maintenance page.
    Html503,
    /// 400 `unknown_error` of the token endpoint, "retry your request".
    OauthUnknownError,
}

/// One order for trouble.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only this method, or every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// How the request's path (with its query) begins.
    pub path_prefix: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// Status of `status` and `oversized`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Extra headers of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Body of `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Content type of `status`; JSON unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Pause of `delay` and `drip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Bytes: of the body (`oversized`), of each drop (`drip`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// A ready-made answer for `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canned: Option<Canned>,
    /// How many requests are hit.
    #[serde(default = "once")]
    pub count: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault of this kind for the next request whose path begins so.
    #[must_use]
    pub fn new(kind: FaultKind, path_prefix: &str) -> Self {
        Self {
            method: None,
            path_prefix: path_prefix.to_owned(),
            kind,
            status: None,
            headers: BTreeMap::new(),
            body: None,
            content_type: None,
            delay_ms: None,
            size: None,
            canned: None,
            count: 1,
        }
    }

    fn matches(&self, method: &str, target: &str) -> bool {
        self.count > 0
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && target.starts_with(&self.path_prefix)
    }

    /// The answer of a `status` or `oversized` fault.
    pub(crate) fn answer(&self, settings: &Settings) -> Response {
        let (status, content_type, body) = match (self.kind, self.canned) {
            (FaultKind::Oversized, _) => (200, JSON, " ".repeat(self.size.unwrap_or(8 << 20))),
            (_, Some(canned)) => canned.parts(settings),
            _ => (503, JSON, String::new()),
        };
        let status = StatusCode::from_u16(self.status.unwrap_or(status)).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let content_type = self.content_type.clone().unwrap_or_else(|| content_type.to_owned());
        let body = self.body.clone().unwrap_or(body);
        let mut response = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

const JSON: &str = "application/json;charset=UTF-8";

impl Canned {
    fn parts(self, settings: &Settings) -> (u16, &'static str, String) {
        let error =
            |code: &str, message: &str| serde_json::json!([{ "message": message, "errorCode": code }]).to_string();
        match self {
            Self::SessionExpired => (401, JSON, error("INVALID_SESSION_ID", "Session expired or invalid")),
            Self::SessionNotForRest => (
                401,
                JSON,
                error(
                    "INVALID_SESSION_ID",
                    "This session is not valid for use with the REST API",
                ),
            ),
            Self::RequestLimitExceeded => (
                403,
                JSON,
                error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            ),
            Self::ConcurrentLimit => {
                let shares = settings.concurrent_limit_shares_code;
                let code = if shares {
                    "REQUEST_LIMIT_EXCEEDED"
                } else {
                    "SERVER_UNAVAILABLE"
                };
                let message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
                (if shares { 403 } else { 503 }, JSON, error(code, message))
            }
            Self::UnableToLockRow => {
                let message = "unable to obtain exclusive access to this record or 1 records: 0XAHs0000000001";
                (400, JSON, error("UNABLE_TO_LOCK_ROW", message))
            }
            Self::UnknownException => {
                let message = "An unexpected error occurred. Please include this ErrorId if you contact support: 1895340064-166877 (-1526419893)";
                (500, JSON, error("UNKNOWN_EXCEPTION", message))
            }
            Self::ServerUnavailable => (
                503,
                JSON,
                error("SERVER_UNAVAILABLE", &settings.texts.server_unavailable),
            ),
            Self::Html503 => {
                let body = "<html><head><title>Service not available</title></head><body><h1>We are down for maintenance.</h1></body></html>";
                (503, "text/html;charset=UTF-8", body.to_owned())
            }
            Self::OauthUnknownError => {
                let body = serde_json::json!({ "error": "unknown_error", "error_description": "retry your request" });
                (400, JSON, body.to_string())
            }
        }
    }
}

/// Takes the first fault that matches, and uses it up by one.
pub(crate) fn take(faults: &mut Vec<Fault>, method: &str, target: &str) -> Option<Fault> {
    let position = faults.iter().position(|fault| fault.matches(method, target))?;
    let fault = faults[position].clone();
    faults[position].count -= 1;
    if faults[position].count == 0 {
        faults.remove(position);
    }
    Some(fault)
}
