//! A request as handlers see it.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// The words that this service's paths are made of. Whatever else stands in a path may be a secret, or somebody's mistake.
const WORDS: [&str; 52] = [
    "access",
    "activate",
    "akeneo",
    "api",
    "assets",
    "audit",
    "authorize",
    "by-hand",
    "callback",
    "certificate",
    "check",
    "client",
    "config.json",
    "connections",
    "console",
    "console.css",
    "console.js",
    "favicon.ico",
    "handoff",
    "icon.svg",
    "install",
    "invitations",
    "leave",
    "legacy",
    "manual",
    "me",
    "offboard",
    "operator",
    "org",
    "page.css",
    "page.js",
    "pause",
    "principal",
    "progress",
    "repair",
    "resend",
    "resume",
    "revoke",
    "revoke-all",
    "robots.txt",
    "rotate",
    "salesforce",
    "self",
    "setup",
    "sweep",
    "terms",
    "timeline",
    "users",
    // Of the console's scripts.
    "connection.js",
    "elements.js",
    "login.js",
    "service.js",
];
/// No path of ours has more segments.
const DEEPEST: usize = 6;

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

    /// The path as it may be logged: words of ours as they are, everything else as `*`.
    #[must_use]
    pub fn route(&self) -> String {
        let segments = self.segments();
        let shown = segments.iter().take(DEEPEST).map(|segment| match *segment {
            "" => "",
            word if WORDS.contains(&word) => word,
            _ => "*",
        });
        let more = if segments.len() > DEEPEST { "/…" } else { "" };
        format!("/{}{more}", shown.collect::<Vec<_>>().join("/"))
    }

    /// The method as it may be logged: a stranger can write anything there.
    #[must_use]
    pub fn known_method(&self) -> &'static str {
        match self.method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            _ => "other",
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str) -> Request {
        let built = http::Request::builder().method(method).uri(path).body(Bytes::new());
        Request::from(built.unwrap())
    }

    #[test]
    fn a_route_shows_our_words_and_nothing_else() {
        let check = |path: &str, expect: &str| assert_eq!(request("GET", path).route(), expect, "{path}");
        check("/setup", "/setup");
        check("/setup/aVeryLongToken4711", "/setup/*");
        check(
            "/akeneo/0123456789abcdef0123/callback?code=secret&state=x",
            "/akeneo/*/callback",
        );
        check(
            "/operator/connections/0123456789abcdef0123/revoke",
            "/operator/connections/*/revoke",
        );
        check(
            "/setup/my password/setup".replace(' ', "%20").as_str(),
            "/setup/*/setup",
        );
        check("/", "/");
        check("//setup", "/setup");
        check("/a/b/setup/c/d/e/secret/f", "/*/*/setup/*/*/*/…");
    }

    #[test]
    fn a_method_that_a_stranger_made_up_is_not_shown() {
        assert_eq!(request("POST", "/").known_method(), "POST");
        assert_eq!(request("SECRET-4711", "/").known_method(), "other");
    }
}
