//! Answers: pages, redirects and assets, each with the security headers that every answer of this service carries.

use http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::outbound::Permit;

/// An answer.
pub type Reply = Response<String>;

/// A rendered page. Made by the `page` room only.
#[derive(Debug, Clone)]
pub struct Html(pub String);

fn base(status: StatusCode) -> Reply {
    let mut reply = Response::new(String::new());
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    let fixed: [(HeaderName, &'static str); 7] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    );
    reply
}

/// A page.
///
/// `form-action` has to let redirects after a post through to hosts that are not known when the page is made (the PIM that
/// is being typed, the org's own login pages): browsers check the whole chain. So it names https, and the permitted origins.
#[must_use]
pub fn page(status: StatusCode, html: Html, permit: &Permit) -> Reply {
    let reply = base(status);
    let also: String = permit.origins().iter().map(|origin| format!(" {origin}")).collect();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self' https:{also}; frame-ancestors 'none'; base-uri 'none'"
    );
    shown(reply, html, &policy)
}

/// The console's page: it has no form that is sent by the browser, its script makes nothing from text, and it talks to us and to the
/// login's origins only. `origins` come from the configuration.
#[must_use]
pub fn console_page(html: Html, origins: &[String]) -> Reply {
    let reply = base(StatusCode::OK);
    let also: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'{also}; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    shown(reply, html, &policy)
}

/// A page with its policy.
fn shown(mut reply: Reply, html: Html, policy: &str) -> Reply {
    let headers = reply.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    *reply.body_mut() = html.0;
    reply
}

/// 303 to a page or host chosen by us; after a POST as RFC 9700 section 4.12 asks.
#[must_use]
pub fn see_other(location: &str) -> Reply {
    let mut reply = base(StatusCode::SEE_OTHER);
    match HeaderValue::from_str(location) {
        Ok(mut value) => {
            value.set_sensitive(true);
            reply.headers_mut().insert(header::LOCATION, value);
            reply
        }
        Err(_) => base(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A style sheet or script: the same for everyone, so it may be cached.
#[must_use]
pub fn asset(content_type: &'static str, body: &'static str) -> Reply {
    let mut reply = base(StatusCode::OK);
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    body.clone_into(reply.body_mut());
    reply
}

/// JSON.
#[must_use]
pub fn json(status: StatusCode, body: &serde_json::Value) -> Reply {
    let mut reply = base(status);
    let kind = if status.is_client_error() || status.is_server_error() {
        "application/problem+json"
    } else {
        "application/json"
    };
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    *reply.body_mut() = body.to_string();
    reply
}

/// A table as a file (RFC 4180).
#[must_use]
pub fn csv(text: String) -> Reply {
    let mut reply = base(StatusCode::OK);
    reply.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    *reply.body_mut() = text;
    reply
}

/// An answer without a body.
#[must_use]
pub fn plain_status(status: StatusCode) -> Reply {
    base(status)
}
