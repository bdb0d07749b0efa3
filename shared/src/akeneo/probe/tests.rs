//! Probing a small server that answers as facts/akeneo 7.1 and 7.2 say, with one deviation at a time.

use super::super::Misconfiguration;
use super::*;
use crate::outbound::mini_server::{MiniServer, Seen, Step, answer, json};

const LIST: &str = r#"{"_links":{"self":{"href":"x"},"first":{"href":"x"}},"current_page":1,"_embedded":{"items":[]}}"#;
const SYSTEM: &str = r#"{"version":"v20230112013744","edition":"Serenity"}"#;
const NO_OPTION: &str = r#"{"code":404,"message":"Attribute \"connector_setup_probe\" does not exist."}"#;

fn forbidden(what: &str) -> Vec<u8> {
    json(
        "403 Forbidden",
        &format!(r#"{{"code":403,"message":"Access forbidden. You are not allowed to {what}."}}"#),
    )
}

/// What a PIM answers that grants everything (facts/akeneo 7.1, 7.2).
fn granting(request: &Seen) -> Vec<u8> {
    let path = request.target.split('?').next().unwrap();
    match path {
        "/api/rest/v1/system-information" => json("200 OK", SYSTEM),
        path if path.ends_with("/options") => json("404 Not Found", NO_OPTION),
        _ => json("200 OK", LIST),
    }
}

/// A PIM that grants everything but for the requests to which `odd` has an answer of its own.
async fn pim_but(odd: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> MiniServer {
    MiniServer::start(move |_, request| vec![Step::Send(odd(&request.target).unwrap_or_else(|| granting(request)))])
        .await
}

async fn run(server: &MiniServer, expected: &Scopes, granted: &Scopes) -> ProbeReport {
    let pim = PimUrl::parse(server.origin().as_str(), &server.permit()).unwrap();
    let token = AccessToken::new("token-canary");
    probe(
        &server.outbound(),
        &pim,
        &token,
        expected,
        granted,
        Deadline::after(Duration::from_secs(3)),
    )
    .await
}

async fn run_all(server: &MiniServer) -> ProbeReport {
    run(server, &Scopes::required(), &Scopes::required()).await
}

#[tokio::test]
async fn a_full_grant_is_probed_with_few_small_reads() {
    let server = pim_but(|_| None).await;
    let report = run_all(&server).await;
    assert_eq!(report.overall(), Verdict::Granted);
    assert_eq!(report.pim.as_ref().unwrap().edition.as_deref(), Some("Serenity"));
    assert_eq!(report.scopes.len(), 9);
    assert_eq!(
        report
            .scopes
            .values()
            .filter(|verdict| **verdict == Verdict::Inferred)
            .count(),
        2
    );
    assert!(report.missing().is_empty());

    let seen = server.seen();
    let targets: Vec<&str> = seen.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/api/rest/v1/system-information",
            "/api/rest/v1/channels?limit=1",
            "/api/rest/v1/locales?limit=1",
            "/api/rest/v1/attributes?limit=1",
            "/api/rest/v1/attributes/connector_setup_probe/options?limit=1",
            "/api/rest/v1/categories?limit=1",
            "/api/rest/v1/products-uuid?limit=1&pagination_type=search_after",
            "/api/rest/v1/catalogs?limit=1",
        ]
    );
    for request in &seen {
        assert_eq!(
            (request.method.as_str(), request.header("accept")),
            ("GET", Some("application/json"))
        );
        assert_eq!(request.header("authorization"), Some("Bearer token-canary"));
    }
    let stored = serde_json::to_string(&report).unwrap();
    assert!(!stored.contains("canary") && !format!("{report:?}").contains("canary"));
    assert_eq!(serde_json::from_str::<ProbeReport>(&stored).unwrap(), report);
}

#[tokio::test]
async fn each_missing_scope_is_named() {
    for (path, what, scope) in [
        ("/channels?", "list channels", Scope::READ_CHANNEL_SETTINGS),
        ("/locales?", "list locales", Scope::READ_CHANNEL_LOCALIZATION),
        ("/attributes?", "list attributes", Scope::READ_CATALOG_STRUCTURE),
        ("/options?", "list attribute options", Scope::READ_ATTRIBUTE_OPTIONS),
        ("/categories?", "list categories", Scope::READ_CATEGORIES),
        ("/products-uuid?", "list products", Scope::READ_PRODUCTS),
    ] {
        let server = pim_but(move |target| target.contains(path).then(|| forbidden(what))).await;
        let report = run_all(&server).await;
        assert_eq!(
            (report.overall(), report.missing()),
            (Verdict::Missing, [scope].into_iter().collect())
        );
        assert_eq!(report.scopes.len(), 9, "the others are probed all the same");
    }
}

#[tokio::test]
async fn catalogs_that_cannot_be_read_cannot_be_written() {
    let all_three = Scopes::parse("read_catalogs write_catalogs delete_catalogs");
    let denied = pim_but(|target| target.contains("/catalogs").then(|| forbidden("access app catalogs"))).await;
    let absent = pim_but(|target| {
        target
            .contains("/catalogs")
            .then(|| answer("404 Not Found", &[], "<html>"))
    })
    .await;
    for server in [denied, absent] {
        assert_eq!(run_all(&server).await.missing(), all_three);
    }
}

#[tokio::test]
async fn what_cannot_be_tried_is_inferred_from_the_exchange() {
    let server = pim_but(|_| None).await;
    let expected = Scopes::parse("read_catalogs write_catalogs delete_catalogs read_assets");
    let report = run(&server, &expected, &Scopes::parse("read_catalogs write_catalogs")).await;
    assert_eq!(report.missing(), Scopes::parse("delete_catalogs read_assets"));
    assert_eq!(report.scopes[&Scope::WRITE_CATALOGS], Verdict::Inferred);
    assert_eq!(server.seen().len(), 2, "only what is expected is asked for");
}

#[tokio::test]
async fn older_pims_have_products_elsewhere() {
    let not_found = || {
        answer(
            "404 Not Found",
            &[],
            r#"{"code":404,"message":"No route found for \"GET /x\""}"#,
        )
    };
    let server = pim_but(move |target| target.contains("/products-uuid").then(not_found)).await;
    let report = run(&server, &Scopes::parse("read_products"), &Scopes::default()).await;
    assert_eq!(report.overall(), Verdict::Granted);
    assert_eq!(
        server.seen()[2].target,
        "/api/rest/v1/products?limit=1&pagination_type=search_after"
    );
}

#[tokio::test]
async fn the_first_final_answer_ends_the_probing() {
    const INVALID: &str = r#"{"code":401,"message":"The access token provided is invalid."}"#;
    const DISCONNECTED: &str = r#"{"code":401,"message":"The access token provided is invalid. Your app has been disconnected from that PIM."}"#;
    let misconfigured = |how| Verdict::Misconfigured(how);
    for (bytes, expect) in [
        (json("401 Unauthorized", INVALID), Verdict::TokenInvalid),
        (json("401 Unauthorized", DISCONNECTED), Verdict::Disconnected),
        (
            json(
                "401 Unauthorized",
                r#"{"code":401,"message":"Authentication is required"}"#,
            ),
            misconfigured(Misconfiguration::TokenNotSeen),
        ),
        (
            answer("302 Found", &[("Location", "/user/login")], ""),
            misconfigured(Misconfiguration::Redirect),
        ),
        (
            answer("404 Not Found", &[], "<html>"),
            misconfigured(Misconfiguration::NotAnApi),
        ),
        (
            answer("429 Too Many", &[("Retry-After", "15")], "x"),
            Verdict::RateLimited {
                retry_after_seconds: Some(15),
            },
        ),
    ] {
        let server = pim_but(move |target| target.contains("/locales").then(|| bytes.clone())).await;
        let report = run_all(&server).await;
        assert_eq!((report.overall(), report.ended_by), (expect, Some(expect)));
        assert_eq!(
            report.scopes.keys().collect::<Vec<_>>(),
            [&Scope::READ_CHANNEL_SETTINGS]
        );
        // A refused token is asked for twice.
        let refused = matches!(expect, Verdict::TokenInvalid | Verdict::Disconnected);
        assert_eq!(server.seen().len(), 3 + usize::from(refused));
    }
}

#[tokio::test]
async fn one_stray_refusal_of_the_token_is_not_believed() {
    let asked = std::sync::atomic::AtomicU32::new(0);
    let server = pim_but(move |target| {
        let first = target.contains("/locales") && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        let refused = r#"{"code":401,"message":"The access token provided is invalid."}"#;
        first.then(|| json("401 Unauthorized", refused))
    })
    .await;
    let report = run_all(&server).await;
    assert_eq!((report.overall(), report.ended_by), (Verdict::Granted, None));
}

#[tokio::test]
async fn a_refusal_of_the_system_information_is_tolerated() {
    for bytes in [
        forbidden("x"),
        json("401 Unauthorized", r#"{"code":401,"message":"x"}"#),
        answer("404 Not Found", &[], "<html>"),
    ] {
        let server = pim_but(move |target| target.contains("/system-information").then(|| bytes.clone())).await;
        let report = run(&server, &Scopes::parse("read_categories"), &Scopes::default()).await;
        assert_eq!((report.overall(), report.pim), (Verdict::Granted, None));
    }
    let redirect = pim_but(|_| Some(answer("302 Found", &[("Location", "/user/login")], ""))).await;
    assert_eq!(
        run_all(&redirect).await.overall(),
        Verdict::Misconfigured(Misconfiguration::Redirect)
    );
    assert_eq!(redirect.seen().len(), 1);
}

#[tokio::test]
async fn a_pim_that_does_not_answer_is_unreachable() {
    let server = MiniServer::start(|_, _| vec![Step::Wait(Duration::from_secs(60))]).await;
    assert_eq!(run_all(&server).await.overall(), Verdict::Unreachable);
    let busy = pim_but(|_| Some(answer("503 Busy", &[("Retry-After", "60")], "<html>"))).await;
    assert_eq!(run_all(&busy).await.overall(), Verdict::Unreachable);
}

#[tokio::test]
async fn a_token_that_fits_no_header_is_not_sent() {
    let server = pim_but(|_| None).await;
    let pim = PimUrl::parse(server.origin().as_str(), &server.permit()).unwrap();
    let token = AccessToken::new("a\r\nX: y");
    let all = Scopes::required();
    let report = probe(
        &server.outbound(),
        &pim,
        &token,
        &all,
        &all,
        Deadline::after(Duration::from_secs(3)),
    )
    .await;
    assert_eq!(report.overall(), Verdict::TokenInvalid);
    assert!(server.seen().is_empty());
}
