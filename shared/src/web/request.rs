//! A request as handlers see it.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request: method, path, raw query, headers, body. Paths and queries of this service can hold tokens, so its `Debug`
/// shows the method only.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path, as sent.
    pub path: String,
    /// Query without the question mark, as sent.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Request {
    /// The path's segments, without the empty ones at both ends.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    /// A header's value, if it is there once and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({})", self.method)
    }
}

impl<B: Into<Bytes>> From<http::Request<B>> for Request {
    fn from(request: http::Request<B>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.into(),
        }
    }
}
