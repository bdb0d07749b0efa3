//! Shapes of answers: JSON, the API's error envelope, framework pages, redirects.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An answer that ends the work early; boxed, since it travels in the error place of results.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Response>);

impl From<Response> for Refusal {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// JSON as the framework sends it.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    json_text(status, body.to_string())
}

/// JSON that is already text, for answers whose key order matters.
pub(crate) fn json_text(status: StatusCode, body: String) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache, private")];
    (status, headers, body).into_response()
}

/// The API's error envelope (facts/akeneo 7).
pub(crate) fn envelope(status: StatusCode, message: &str) -> Response {
    json(status, &json!({"code": status.as_u16(), "message": message}))
}

/// An HTML page.
pub(crate) fn page(status: StatusCode, html: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=UTF-8"),
        (CACHE_CONTROL, "no-cache, private"),
    ];
    (status, headers, html).into_response()
}

/// The framework's error page, in HTML.
pub(crate) fn error_page(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    let code = status.as_u16();
    page(
        status,
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"UTF-8\"><title>An Error Occurred: {reason}</title></head>\
             <body><h1>Oops! An Error Occurred</h1><h2>The server returned a \"{code} {reason}\".</h2></body></html>\n"
        ),
    )
}

/// A 302.
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = page(
        StatusCode::FOUND,
        "<!DOCTYPE html>\n<title>Redirecting</title>\n".to_owned(),
    );
    match HeaderValue::from_bytes(location.as_bytes()) {
        Ok(value) => {
            response.headers_mut().insert(LOCATION, value);
            response
        }
        Err(_) => error_page(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Adds the session cookie.
pub(crate) fn with_session(mut response: Response, id: &str) -> Response {
    let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax", crate::session::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// Sets a header if its value can be one.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// No content.
pub(crate) fn no_content() -> Response {
    (StatusCode::NO_CONTENT, Body::empty()).into_response()
}
