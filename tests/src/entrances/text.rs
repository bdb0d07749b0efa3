//! Text that people type, browsers send and links carry. Pure.

use connector::akeneo::PimUrl;
use connector::connection::ConnectionId;
use connector::outbound::Permit;
use connector::redirect::Redirect;
use connector::salesforce::{LoginHost, OrgUrl};
use connector::secret::Sensitive;
use connector::web::{Cookies, Form, Request};
use http::{HeaderMap, HeaderValue, Method, header};
use url::{Host, Url};

/// No message to a person is longer, whatever was typed.
const LONGEST_MESSAGE: usize = 1000;

/// The query of a callback: exactly one bounded code and state, or a refusal.
pub fn redirect(query: &str) {
    let Ok(Redirect::Granted(granted)) = Redirect::read(query) else {
        return;
    };
    let (code, state) = (granted.code.expose(), granted.state.expose());
    for (text, longest) in [(code, 512), (state, 2048)] {
        assert!((1..=longest).contains(&text.len()), "the length is bounded");
        assert!(
            text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "printable ASCII only"
        );
    }
    let shown = format!("{granted:?}");
    assert!(code.len() < 12 || !shown.contains(code), "a code is never shown");
    assert!(state.len() < 12 || !shown.contains(state), "a state is never shown");
    let Ok(callback) = Url::parse("https://acme.my.salesforce.com/services/authcallback/x?keep=1") else {
        return;
    };
    let Ok(relayed) = Url::parse(granted.relayed_to(&callback).expose()) else {
        unreachable!("the relay leads to a URL")
    };
    assert_eq!(
        (relayed.origin(), relayed.path()),
        (callback.origin(), callback.path()),
        "the relay stays at the org"
    );
    let pairs: Vec<_> = relayed
        .query_pairs()
        .skip(1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("code".to_owned(), code.to_owned()),
            ("state".to_owned(), state.to_owned())
        ],
        "untouched"
    );
}

/// A posted form.
pub fn form(content_type: &[u8], body: &[u8]) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let (path, query) = (String::new(), String::new());
    let request = Request {
        method: Method::POST,
        path,
        query,
        headers,
        body: body.to_vec().into(),
    };
    match Form::read(&request) {
        Ok(form) => {
            assert!(body.len() <= 64 * 1024, "a long form is refused");
            assert!(form.get("a").len() <= body.len(), "decoding never grows");
        }
        Err(fault) => assert!(fault.status().is_client_error()),
    }
}

/// `Cookie` headers, one for each line.
pub fn cookies(lines: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::COOKIE, value);
        }
    }
    let found = Cookies::read(&headers);
    for secret in [found.session, found.browser].into_iter().flatten() {
        assert!(
            (1..=128).contains(&secret.expose().len()),
            "only what can be ours is taken"
        );
    }
}

/// A PIM's address as typed.
pub fn pim_url(typed: &str) {
    match PimUrl::parse(typed, &Permit::none()) {
        Ok(pim) => {
            let Ok(url) = Url::parse(pim.as_str()) else {
                unreachable!("the normal form is a URL")
            };
            assert_eq!(
                (url.scheme(), url.port(), url.path()),
                ("https", None, "/"),
                "an https origin"
            );
            assert!(
                matches!(url.host(), Some(Host::Domain(name)) if name.contains('.')),
                "a full name, no address"
            );
            assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none());
            assert_eq!(
                PimUrl::parse(pim.as_str(), &Permit::none()).ok(),
                Some(pim.clone()),
                "normal form is its own"
            );
            assert_eq!(
                pim.endpoint("//evil.example/x").host_str(),
                Some(pim.host()),
                "no path leads elsewhere"
            );
        }
        Err(fault) => {
            assert!(fault.remedy().len() <= LONGEST_MESSAGE, "the message is bounded");
            if let Some(meant) = fault.suggestion() {
                assert!(
                    PimUrl::parse(meant.as_str(), &Permit::none()).is_ok(),
                    "what is suggested is accepted"
                );
            }
        }
    }
}

/// A Salesforce login host as typed.
pub fn login_host(typed: &str) {
    match LoginHost::typed(typed, &Permit::none()) {
        Ok(LoginHost::MyDomain(url)) => org(&url),
        Ok(LoginHost::Production | LoginHost::Sandbox) => {}
        Err(fault) => assert!(fault.remedy().len() <= LONGEST_MESSAGE),
    }
}

/// A URL that Salesforce answered.
pub fn org_url(text: &str) {
    if let Ok(url) = OrgUrl::parse(text, &Permit::none()) {
        org(&url);
        assert!(url.origin().is_allowed(&Permit::none()));
    }
}

fn org(found: &OrgUrl) {
    let url = found.url();
    assert_eq!((url.scheme(), url.port()), ("https", None));
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "no user name, no password"
    );
    let owned = [".salesforce.com", ".salesforce.mil", ".force.com"];
    let belongs = owned.iter().any(|domain| found.host().ends_with(domain));
    assert!(belongs, "a host of Salesforce's");
    assert!(found.is_allowed(&Permit::none()), "what was read is read again");
}

/// A connection's id in a path.
pub fn connection_id(text: &str) {
    if let Some(id) = ConnectionId::parse(text) {
        assert_eq!(id.as_str(), text);
        assert!(
            text.len() == 20
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
        );
    }
}
