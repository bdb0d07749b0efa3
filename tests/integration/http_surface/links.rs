//! Links and sessions: nothing is learnt from a link that does not work, and nothing happens when one is looked at.

use std::sync::Arc;
use std::time::Duration;

use connector::clock::{SteppedClock, Timestamp};
use connector_local::stack::{Options, Stack};
use http::Method;
use serde_json::json;

use super::visitor::{Visitor, enter};
use crate::wire::{FORM, get, send};

#[tokio::test]
async fn links_that_do_not_work_look_the_same_whatever_the_reason() {
    let clock = SteppedClock::at("2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap());
    let options = Options {
        clock: Some(Arc::new(clock.clone())),
        ..Options::default()
    };
    let visitor = Visitor::of(Stack::start(options).await.unwrap(), "Acme").await;
    let expired = visitor
        .walk
        .invite(&json!({ "customer": "Acme", "expires_in_days": 1 }))
        .await
        .unwrap();
    let superseded = visitor.walk.invite(&json!({ "customer": "Acme" })).await.unwrap();
    let again = json!({ "customer": "Acme", "connection": superseded["connection"] });
    let newest = visitor.walk.invite(&again).await.unwrap();
    clock.advance(Duration::from_secs(24 * 3600));
    let revoke = format!("/operator/connections/{}/revoke", visitor.id);
    assert_eq!(visitor.operator(Method::POST, &revoke, &[], "").await.0.status, 200);
    let link = |made: &serde_json::Value| made["link"].as_str().unwrap().to_owned();
    assert_eq!(
        get(link(&newest).parse().unwrap()).await.status,
        200,
        "the newest one works"
    );

    let unknown = visitor.at(&format!("/setup/{}", "A".repeat(43))).to_string();
    let malformed = [
        "x".to_owned(),
        "%00".to_owned(),
        "%2e%2e%2fsetup".to_owned(),
        "A".repeat(3000),
        "a%20b".to_owned(),
        "%ff".to_owned(),
    ];
    let malformed = malformed.map(|text| visitor.at("/setup/").to_string() + &text);
    let others = [link(&expired), link(&superseded), visitor.link.to_string()];
    for method in [Method::GET, Method::HEAD, Method::POST] {
        let reference = send(method.clone(), unknown.parse().unwrap(), FORM, "").await;
        assert_eq!(reference.status, 404);
        assert!(
            method == Method::HEAD || reference.body.contains("ask your Akeneo contact"),
            "it says whom to ask"
        );
        for other in others.iter().chain(&malformed) {
            let answer = send(method.clone(), other.parse().unwrap(), FORM, "").await;
            assert_eq!(answer.status, reference.status, "{method} {other}");
            assert_eq!(
                answer.without_reference(),
                reference.without_reference(),
                "{method} {other}"
            );
            let names =
                |answer: &crate::wire::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(&answer), names(&reference), "{method} {other}");
            assert_eq!(
                answer.header("content-length"),
                reference.header("content-length"),
                "{method} {other}"
            );
        }
    }
}

#[tokio::test]
async fn looking_changes_nothing() {
    let visitor = Visitor::open().await;
    let fresh = visitor.walk.invite(&json!({ "customer": "Fresh" })).await.unwrap();
    let (link, id) = (fresh["link"].as_str().unwrap(), fresh["connection"].as_str().unwrap());
    let (before, first) = (visitor.walk.show(id).await.unwrap(), visitor.shown().await);
    let list = get(visitor.at("/operator/connections")).await.body;
    let paths = [
        "/setup",
        "/setup/progress",
        "/setup/salesforce",
        "/setup/akeneo",
        "/setup/akeneo/authorize",
        "/setup/handoff",
        "/setup/check",
        "/setup/leave",
        "/setup/principal",
        "/salesforce/callback?code=a&state=b",
        "/setup/assets/page.js",
        &format!("/akeneo/{id}/callback?code=a&state=b"),
        &format!("/akeneo/{id}/activate?pim_url=https://acme.example.com"),
        &format!("/operator/connections/{id}/revoke"),
        "/operator/invitations",
    ]
    .map(|path| visitor.at(path));
    for method in [Method::GET, Method::HEAD] {
        for url in paths.iter().cloned().chain([link.parse().unwrap()]) {
            for cookie in ["", visitor.cookie.as_str()] {
                let answer = send(method.clone(), url.clone(), &[("cookie", cookie)], "").await;
                assert!(answer.status.as_u16() < 500, "{method} {url}: {}", answer.status);
                assert!(answer.headers.get("set-cookie").is_none(), "{method} {url}");
                assert!(method == Method::GET || answer.body.is_empty(), "{url}");
            }
        }
    }
    assert_eq!(visitor.walk.show(id).await.unwrap(), before);
    assert_eq!(visitor.shown().await, first);
    assert_eq!(get(visitor.at("/operator/connections")).await.body, list);
    assert_eq!(
        get(link.parse().unwrap()).await.status,
        200,
        "a link that was looked at still works"
    );
}

#[tokio::test]
async fn a_link_opens_a_session_with_all_the_guards_and_leaves_the_address_bar() {
    let visitor = Visitor::open().await;
    let answer = send(Method::POST, visitor.link.clone(), FORM, "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/setup"));
    let cookie = answer.header("set-cookie");
    let (pair, rest) = cookie.split_once("; ").unwrap();
    assert_eq!(rest, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=43200");
    let secret = pair.strip_prefix("__Host-setup=").unwrap();
    assert!(
        secret.len() >= 22 && !visitor.link.as_str().contains(secret),
        "random, and not the link's own"
    );
    let page = visitor.get("/setup").await;
    assert!(
        !page
            .body
            .contains(visitor.link.path_segments().unwrap().next_back().unwrap()),
        "the page does not repeat the link"
    );
    assert!(!page.body.contains(secret), "nor a session's secret");
    let path = visitor.link.path();
    assert_eq!(
        get(visitor.link.clone()).await.body.matches(path).count(),
        1,
        "the landing page has it in its form only"
    );
}

#[tokio::test]
async fn revocation_and_a_new_link_end_sessions_at_once() {
    let visitor = Visitor::open().await;
    let made = visitor
        .walk
        .invite(&json!({ "customer": "Acme", "connection": visitor.id }))
        .await
        .unwrap();
    let newest = made["link"].as_str().unwrap().parse().unwrap();
    assert_eq!(visitor.get("/setup").await.status, 401, "superseded");
    assert_eq!(
        visitor.post("/setup/akeneo", FORM, visitor.credentials()).await.status,
        401
    );
    let cookie = enter(&newest).await;
    let url = visitor.at("/setup");
    assert_eq!(
        send(Method::GET, url.clone(), &[("cookie", &cookie)], "").await.status,
        200
    );

    let revoke = format!("/operator/connections/{}/revoke", visitor.id);
    let (answer, shown) = visitor.operator(Method::POST, &revoke, &[], "").await;
    assert_eq!((answer.status.as_u16(), &shown["stage"]), (200, &json!("revoked")));
    assert_eq!(get(newest.clone()).await.status, 404);
    for path in ["/setup", "/setup/progress"] {
        let answer = send(Method::GET, visitor.at(path), &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(!answer.body.contains("Acme"), "{path}");
    }
    let again = visitor.operator(Method::POST, &revoke, &[], "").await;
    assert_eq!(again.0.status, 200, "twice is harmless");
}

#[tokio::test]
async fn a_session_that_is_unknown_planted_or_over_opens_nothing() {
    let clock = SteppedClock::at("2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap());
    let options = Options {
        clock: Some(Arc::new(clock.clone())),
        ..Options::default()
    };
    let visitor = Visitor::of(Stack::start(options).await.unwrap(), "Acme").await;
    let reference = send(Method::GET, visitor.at("/setup"), &[], "").await;
    assert_eq!(reference.status, 401);
    let planted = format!("{}; __Host-setup=planted", visitor.cookie);
    let (long, lower) = (
        format!("__Host-setup={}", "A".repeat(200)),
        visitor.cookie.to_lowercase(),
    );
    let link = format!(
        "__Host-setup={}",
        visitor.link.path_segments().unwrap().next_back().unwrap()
    );
    for cookie in [
        "__Host-setup=",
        "__Host-setup=x",
        &long,
        &lower,
        &planted,
        &link,
        "=;;=",
        "\u{7f}",
    ] {
        let Ok(value) = http::HeaderValue::from_str(cookie) else {
            continue;
        };
        let answer = send(
            Method::GET,
            visitor.at("/setup"),
            &[("cookie", value.to_str().unwrap())],
            "",
        )
        .await;
        assert_eq!(answer.status, 401, "{cookie:?}");
        assert_eq!(answer.without_reference(), reference.without_reference(), "{cookie:?}");
    }
    clock.advance(Duration::from_secs(12 * 3600 - 1));
    assert_eq!(visitor.get("/setup").await.status, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(visitor.get("/setup").await.status, 401, "half a day");
    assert_eq!(get(visitor.link.clone()).await.status, 200, "the link opens it again");
}

#[tokio::test]
async fn leaving_ends_the_session_in_this_browser() {
    let visitor = Visitor::open().await;
    let answer = visitor
        .post("/setup/leave", FORM, format!("csrf={}", visitor.csrf))
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.header("set-cookie"),
        "__Host-setup=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
    );
}
