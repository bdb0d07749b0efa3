//! A call and its answer, free of any HTTP library.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// What is sent with a call.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(&'static str, String)>),
    /// `application/json`.
    Json(serde_json::Value),
    /// Anything else, such as a file.
    Raw {
        /// Value of the header `Content-Type`.
        content_type: String,
        /// The body.
        bytes: Bytes,
    },
}

/// When a call may be sent again after a failure of the transport or an answer 408, 429, 500, 502, 503 or 504.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Never. The caller decides.
    Never,
    /// The call is safe to repeat (reads, full-state writes): a few tries with exponential back-off, jitter and `Retry-After`, inside the deadline.
    Idempotent,
}

/// One outbound call. Its `Debug` shows method, host and path only.
#[derive(Clone)]
pub struct Call {
    /// Stable dotted name for spans and log lines, such as `akeneo.token.exchange`.
    pub name: &'static str,
    /// Method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Extra headers; values may be secret.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// Whether it may be repeated.
    pub retry: Retry,
    /// At most this long for one try, within the deadline.
    pub timeout: Duration,
}

impl Call {
    /// A call without body or extra headers that may be repeated if it is a GET, with ten seconds for one try.
    #[must_use]
    pub fn new(name: &'static str, method: Method, url: Url) -> Self {
        let retry = if method == Method::GET {
            Retry::Idempotent
        } else {
            Retry::Never
        };
        Self {
            name,
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::Empty,
            retry,
            timeout: Duration::from_secs(10),
        }
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} {}{}",
            self.name,
            self.method,
            self.url.host_str().unwrap_or_default(),
            self.url.path()
        )
    }
}

/// An answer, whatever its status. Its `Debug` shows status and length only.
#[derive(Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, at most [`Answer::CAP`] bytes.
    pub body: Bytes,
}

impl Answer {
    /// The longest body that is read, in bytes.
    pub const CAP: usize = 4 * 1024 * 1024;

    /// The body as JSON of the shape `T`.
    ///
    /// # Errors
    /// When it is not JSON or has another shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer. Never names the address that a host resolved to, and never a URL.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The rules forbid this URL: scheme, port, user info, IP literal, or a name with only non-public addresses.
    #[error("the address may not be called")]
    Forbidden,
    /// No connection: the name does not resolve or nothing answers there. The call was not sent.
    #[error("the host cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The certificate is not trusted or TLS failed otherwise. The call was not sent.
    #[error("the host's certificate is not trusted")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The time for the call or the invocation ran out. The call may have been carried out.
    #[error("the host did not answer in time")]
    TimedOut,
    /// The connection broke after the call was sent. The call may have been carried out.
    #[error("the connection was closed before the answer came")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The body is longer than [`Answer::CAP`].
    #[error("the answer is too long")]
    TooLarge,
}

impl CallError {
    /// Whether the other side may have carried the call out.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Interrupted(_) | Self::TooLarge)
    }
}
