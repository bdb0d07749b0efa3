//! An API answer that says no: status, error code, message (facts/salesforce 1.2 and 12.2).
//!
//! The body is always an array with one object. OAuth errors have another shape and live in `oauth`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// One refused API request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Record endpoints name the fields at fault; other endpoints have no such key.
    pub(crate) fields: Option<Vec<String>>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            fields: None,
        }
    }

    pub(crate) fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn forbidden(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "The requested resource does not exist",
        )
    }

    /// 415 is listed without a body (facts/salesforce 12.2).
    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "", "")
    }

    /// The same refusal as a record endpoint words it, with `fields`.
    pub(crate) fn naming(mut self, fields: &[&str]) -> Self {
        self.fields = Some(fields.iter().map(|field| (*field).to_owned()).collect());
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if self.code.is_empty() {
            return self.status.into_response();
        }
        let mut error = json!({ "message": self.message, "errorCode": self.code });
        if let Some(fields) = self.fields {
            error["fields"] = json!(fields);
        }
        json_answer(self.status, &json!([error]))
    }
}

/// A JSON answer with Salesforce's content type.
pub(crate) fn json_answer(status: StatusCode, body: &serde_json::Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json;charset=UTF-8")],
        body.to_string(),
    )
        .into_response()
}
