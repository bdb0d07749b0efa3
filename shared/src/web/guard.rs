//! Guards against posts that another site makes a browser send: fetch metadata, `Origin`, and a token in each form.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

use super::{Form, Request};
use crate::secret::{HandedOut, Sensitive};

/// Why a post is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardFault {
    /// Another site sent it.
    #[error("the form was sent from another site")]
    OtherSite,
    /// The form's token is missing or of another session.
    #[error("the form belongs to another session")]
    OtherSession,
}

/// The token of a session's forms: derived from the session's secret, so that nothing is stored and nothing has to be signed.
#[must_use]
pub fn csrf_token(session: &HandedOut) -> String {
    hex::encode(
        Sha256::new()
            .chain_update("form:")
            .chain_update(session.expose())
            .finalize(),
    )
}

/// Refuses a post that a browser says came from elsewhere. Under `Referrer-Policy: no-referrer` browsers send
/// `Origin: null` with our own forms, so `null` is left to fetch metadata and to the form's token.
///
/// # Errors
/// [`GuardFault::OtherSite`].
pub fn guard_origin(request: &Request, public_url: &Url) -> Result<(), GuardFault> {
    if request.headers.contains_key("sec-fetch-site") {
        let same = matches!(request.header("sec-fetch-site"), Some("same-origin" | "none"));
        return if same { Ok(()) } else { Err(GuardFault::OtherSite) };
    }
    if !request.headers.contains_key("origin") {
        return Ok(());
    }
    let ours = public_url.origin().ascii_serialization();
    match request.header("origin") {
        Some("null") => Ok(()),
        Some(origin) if origin == ours => Ok(()),
        _ => Err(GuardFault::OtherSite),
    }
}

/// [`guard_origin`], and the form's token must be the session's.
///
/// # Errors
/// [`GuardFault`].
pub fn guard_session_post(
    request: &Request,
    form: &Form,
    session: &HandedOut,
    public_url: &Url,
) -> Result<(), GuardFault> {
    guard_origin(request, public_url)?;
    let same: bool = form.get("csrf").as_bytes().ct_eq(csrf_token(session).as_bytes()).into();
    if same { Ok(()) } else { Err(GuardFault::OtherSession) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    #[test]
    fn other_sites_are_refused() {
        let ours = Url::parse("https://setup.example.com").unwrap();
        let check = |headers: &[(&'static str, &'static str)], expect: bool| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let (path, query) = (String::new(), String::new());
            let request = Request {
                method: Method::POST,
                path,
                query,
                headers: map,
                body: bytes::Bytes::new(),
            };
            assert_eq!(guard_origin(&request, &ours).is_ok(), expect, "{headers:?}");
        };
        check(&[], true);
        check(&[("origin", "https://setup.example.com")], true);
        check(&[("origin", "null")], true);
        check(&[("origin", "null"), ("sec-fetch-site", "same-origin")], true);
        check(&[("origin", "null"), ("sec-fetch-site", "cross-site")], false);
        check(
            &[("origin", "https://setup.example.com"), ("sec-fetch-site", "same-site")],
            false,
        );
        check(&[("origin", "https://setup.example.com.evil.example")], false);
        check(&[("origin", "http://setup.example.com")], false);
        check(
            &[
                ("origin", "https://setup.example.com"),
                ("origin", "https://evil.example"),
            ],
            false,
        );
        check(
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            false,
        );
    }
}
