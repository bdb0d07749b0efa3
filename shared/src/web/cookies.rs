//! The two cookies: the setup session, and the browser's secret that authorization attempts are bound to (RFC 6265bis).
//!
//! Both carry the `__Host-` prefix: Secure, no Domain, Path=/. Browsers treat loopback as secure enough for them, so the
//! local stack uses the same cookies.

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

use crate::secret::{HandedOut, Sensitive};

const SESSION: &str = "__Host-setup";
const BROWSER: &str = "__Host-browser";
/// Longer values are not ours.
const LONGEST: usize = 128;
/// Browsers and the HTTP API send no longer line; one that is longer is not read.
const LONGEST_LINE: usize = 16 * 1024;

/// What a browser sent.
#[derive(Debug, Clone, Default)]
pub struct Cookies {
    /// The setup session's token.
    pub session: Option<HandedOut>,
    /// The browser's secret.
    pub browser: Option<HandedOut>,
}

impl Cookies {
    /// Reads the `Cookie` headers. A name that comes with two different values counts as absent: one of them was planted.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        Self {
            session: find(headers, SESSION),
            browser: find(headers, BROWSER),
        }
    }
}

fn find(headers: &HeaderMap, name: &str) -> Option<HandedOut> {
    let mut found: Option<String> = None;
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter(|value| value.len() <= LONGEST_LINE);
    for line in lines.filter_map(|value| value.to_str().ok()) {
        for cookie in Cookie::split_parse(line)
            .flatten()
            .filter(|cookie| cookie.name() == name)
        {
            let value = cookie.value();
            if value.is_empty() || value.len() > LONGEST || found.as_deref().is_some_and(|former| former != value) {
                return None;
            }
            found = Some(value.to_owned());
        }
    }
    found.map(HandedOut::new)
}

fn build(name: &'static str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::seconds(seconds));
    let mut value = HeaderValue::from_str(&cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `Set-Cookie` for a new session: half a day.
#[must_use]
pub fn set_session(secret: &HandedOut) -> Option<HeaderValue> {
    build(SESSION, secret.expose(), 12 * 3600)
}

/// `Set-Cookie` that ends the session in this browser.
#[must_use]
pub fn clear_session() -> Option<HeaderValue> {
    build(SESSION, "", 0)
}

/// `Set-Cookie` for the browser's secret: an hour, longer than any attempt lives.
#[must_use]
pub fn set_browser(secret: &HandedOut) -> Option<HeaderValue> {
    build(BROWSER, secret.expose(), 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_has_all_its_guards() {
        let set = set_session(&HandedOut::new("abc")).unwrap();
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-setup=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=43200"
        );
    }

    #[test]
    fn planted_doubles_empty_and_long_values_count_as_absent() {
        let check = |line: &str, expect: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(line).unwrap());
            let found = Cookies::read(&headers).session;
            assert_eq!(found.as_ref().map(Sensitive::expose), expect, "{line}");
        };
        check("a=b; __Host-setup=x", Some("x"));
        check("__Host-setup=x; __Host-setup=x", Some("x"));
        check("__Host-setup=x; __Host-setup=y", None);
        check("__Host-setup=", None);
        check(&format!("__Host-setup={}", "x".repeat(129)), None);
        check("__host-setup=x", None);
    }
}
