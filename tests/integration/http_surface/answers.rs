//! What every answer carries, whoever asked for it and however.

use connector_local::stack::{Options, Stack};
use http::{Method, StatusCode};
use url::Url;

use super::visitor::Visitor;
use crate::wire::{Answer, FORM, get, send};

/// The headers of every answer (security, "Pages").
fn is_guarded(answer: &Answer, what: &str) {
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex, nofollow"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=63072000"),
        "{what}"
    );
    let policy = answer.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
    assert!(answer.headers.get("access-control-allow-origin").is_none(), "{what}");
    for name in ["server", "x-powered-by"] {
        assert!(answer.headers.get(name).is_none(), "{what}: {name}");
    }
}

#[tokio::test]
async fn every_kind_of_answer_is_guarded() {
    let visitor = Visitor::open().await;
    let id = &visitor.id;
    let form = |fields: &str| format!("csrf={}{fields}", visitor.csrf);
    let answers = [
        ("landing", get(visitor.link.clone()).await, 200),
        ("session", send(Method::POST, visitor.link.clone(), FORM, "").await, 303),
        ("journey", visitor.get("/setup").await, 200),
        ("progress", visitor.get("/setup/progress").await, 200),
        ("form again", visitor.post("/setup/akeneo", FORM, form("")).await, 422),
        (
            "hand-off",
            visitor.post("/setup/handoff", FORM, form("&leg=akeneo")).await,
            200,
        ),
        (
            "to Salesforce",
            visitor.post("/setup/salesforce", FORM, form("")).await,
            303,
        ),
        (
            "to the PIM",
            visitor.post("/setup/akeneo", FORM, visitor.credentials()).await,
            303,
        ),
        ("too early", visitor.post("/setup/principal", FORM, form("")).await, 409),
        ("forged", visitor.post("/setup/check", FORM, "").await, 403),
        ("no session", get(visitor.at("/setup")).await, 401),
        ("no such link", get(visitor.at("/setup/nothing")).await, 404),
        ("no such page", get(visitor.at("/somewhere/else")).await, 404),
        (
            "callback",
            get(visitor.at(&format!("/akeneo/{id}/callback"))).await,
            400,
        ),
        (
            "Salesforce's callback",
            get(visitor.at("/salesforce/callback")).await,
            400,
        ),
        (
            "activate",
            get(visitor.at(&format!("/akeneo/{id}/activate"))).await,
            200,
        ),
        ("operator", get(visitor.at("/operator/connections")).await, 200),
        (
            "operator's refusal",
            get(visitor.at("/operator/connections/x")).await,
            404,
        ),
        ("HEAD", send(Method::HEAD, visitor.link.clone(), &[], "").await, 200),
        (
            "HEAD of a callback",
            send(Method::HEAD, visitor.at("/salesforce/callback"), &[], "").await,
            200,
        ),
        ("method", send(Method::DELETE, visitor.at("/setup"), &[], "").await, 405),
    ];
    for (what, answer, status) in &answers {
        assert_eq!(answer.status.as_u16(), *status, "{what}: {}", answer.body);
        is_guarded(answer, what);
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert!(
            !answer.body.contains("<script>") && !answer.body.contains(" style=") && !answer.body.contains(" onclick="),
            "{what}"
        );
    }
    for (path, kind) in [
        ("/setup/assets/page.css", "text/css"),
        ("/setup/assets/page.js", "text/javascript"),
    ] {
        let answer = get(visitor.at(path)).await;
        is_guarded(&answer, path);
        assert!(answer.header("content-type").starts_with(kind), "{path}");
    }
}

#[tokio::test]
async fn every_asset_that_a_page_names_is_there() {
    let visitor = Visitor::open().await;
    let page = get(visitor.link.clone()).await;
    let links = page.body.split('"').filter(|text| text.starts_with("/setup/assets/"));
    let links: Vec<_> = links.collect();
    assert!(links.len() >= 2, "{links:?}");
    for link in links {
        assert_eq!(get(visitor.at(link)).await.status, 200, "{link}");
    }
}

#[tokio::test]
async fn the_host_that_a_request_names_is_never_used() {
    let visitor = Visitor::open().await;
    let own = visitor.stack.url.origin().ascii_serialization();
    let hostile = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", "/operator/connections"),
        ("x-rewrite-url", "/operator/connections"),
        ("x-http-method-override", "DELETE"),
        ("cookie", &visitor.cookie),
    ];
    let page = send(Method::GET, visitor.at("/setup"), &hostile, "").await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains(&format!("{own}/akeneo/{}/callback", visitor.id)),
        "our own address is shown"
    );
    let headers = [FORM, &hostile].concat();
    let to_salesforce = send(
        Method::POST,
        visitor.at("/setup/salesforce"),
        &headers,
        format!("csrf={}", visitor.csrf),
    )
    .await;
    let location: Url = to_salesforce.header("location").parse().unwrap();
    let redirect = location
        .query_pairs()
        .find(|(name, _)| name == "redirect_uri")
        .unwrap()
        .1
        .into_owned();
    assert_eq!(redirect, format!("{own}/salesforce/callback"));
    let body = r#"{"customer":"Acme"}"#;
    let made = send(
        Method::POST,
        visitor.at("/operator/invitations"),
        &[("host", "evil.example"), ("content-type", "application/json")],
        body,
    )
    .await;
    for answer in [page, to_salesforce, made] {
        assert!(!answer.body.contains("evil.example") && !format!("{:?}", answer.headers).contains("evil.example"));
    }
}

#[tokio::test]
async fn nothing_that_a_request_says_becomes_a_target() {
    let visitor = Visitor::open().await;
    let target = "https://evil.example/";
    for path in [
        format!("/setup?next={target}"),
        format!("//evil.example/..//setup?return={target}"),
        format!("/setup/{target}"),
        format!("/akeneo/{}/activate?pim_url={target}&redirect={target}", visitor.id),
        format!("/akeneo/{}/callback?code=a&state=b&redirect_uri={target}", visitor.id),
        format!("/salesforce/callback?code=a&state=b&startURL={target}"),
        "/setup%0d%0aLocation:%20https://evil.example/".to_owned(),
    ] {
        let url: Url = format!("{}{path}", visitor.stack.url.origin().ascii_serialization())
            .parse()
            .unwrap();
        let answer = send(Method::GET, url, &[("cookie", &visitor.cookie)], "").await;
        assert!(
            !answer.status.is_redirection() && answer.status.as_u16() < 500,
            "{path}: {}",
            answer.status
        );
        assert!(
            answer.headers.get("location").is_none() && !answer.body.contains("evil.example"),
            "{path}"
        );
    }
    let body = format!("csrf={}&next={target}&redirect_uri={target}", visitor.csrf);
    for path in ["/setup/check", "/setup/leave"] {
        let answer = visitor.post(path, FORM, body.clone()).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, "/setup"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_hostile_name_is_text_everywhere() {
    let name = r#"<script>alert(1)</script>"'><img src=x onerror=alert(2)> &amp; {{7*7}} ${x}"#;
    let stack = Stack::start(Options::default()).await.unwrap();
    let visitor = Visitor::of(stack, name).await;
    let credentials = format!(
        "csrf={}&base_url=%22%3E%3Cscript%3Ealert(3)%3C/script%3E&client_id=%22%20onfocus=%22alert(4)",
        visitor.csrf
    );
    for (what, answer) in [
        ("landing", get(visitor.link.clone()).await),
        ("journey", visitor.get("/setup").await),
        ("form", visitor.post("/setup/akeneo", FORM, credentials).await),
    ] {
        for tag in ["<script>", "<img", "onfocus=\"", "onerror=alert(2)>"] {
            assert!(!answer.body.contains(tag), "{what}: {tag}");
        }
        assert!(
            answer.body.contains("&#60;script&#62;alert(") || answer.body.contains("&lt;script&gt;alert("),
            "{what}: shown as text"
        );
    }
    let shown = visitor.shown().await;
    assert_eq!(shown["customer"], name.trim());
    let json = get(visitor.at("/operator/connections")).await;
    assert!(json.header("content-type").starts_with("application/json"));
}
