//! Posts that our own pages did not send, and posts in a shape in which they do not send them.

use http::Method;
use serde_json::json;

use super::visitor::{Visitor, enter};
use crate::wire::{FORM, send};

const TYPE: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// Every post that a session can make.
const POSTS: [&str; 15] = [
    "/setup/access",
    "/setup/salesforce",
    "/setup/akeneo",
    "/setup/akeneo/authorize",
    "/setup/handoff",
    "/setup/check",
    "/setup/leave",
    "/setup/principal",
    "/setup/by-hand",
    "/setup/install",
    "/setup/legacy",
    "/setup/org/manual",
    "/setup/org/users",
    "/setup/org/client",
    "/setup/org/self",
];

#[tokio::test]
async fn a_post_needs_the_sessions_own_token() {
    let visitor = Visitor::open().await;
    let made = visitor.walk.invite(&json!({ "customer": "Another" })).await.unwrap();
    let other = enter(&made["link"].as_str().unwrap().parse().unwrap()).await;
    let page = send(Method::GET, visitor.at("/setup"), &[("cookie", &other)], "").await;
    let of_another = super::visitor::field(&page.body, "csrf");
    assert_ne!(of_another, visitor.csrf);
    let before = visitor.shown().await;
    for path in POSTS {
        for token in ["", "x", &of_another, &visitor.csrf.to_uppercase(), &visitor.csrf[1..]] {
            let body = format!("leg=akeneo&csrf={token}");
            let answer = visitor.post(path, FORM, body).await;
            assert_eq!(answer.status, 403, "{path} {token}");
            assert!(
                answer.headers.get("location").is_none() && answer.headers.get("set-cookie").is_none(),
                "{path}"
            );
            assert!(
                answer.body.contains("This page is out of date"),
                "{path}: {}",
                answer.body
            );
        }
        assert_eq!(visitor.post(path, FORM, "").await.status, 403, "{path}: no body");
        let without_session = send(Method::POST, visitor.at(path), FORM, format!("csrf={}", visitor.csrf)).await;
        assert_eq!(without_session.status, 401, "{path}");
    }
    assert_eq!(visitor.shown().await, before);
}

#[tokio::test]
async fn a_post_from_another_site_is_refused_even_with_the_token() {
    let visitor = Visitor::open().await;
    let own = visitor.stack.url.origin().ascii_serialization();
    let before = visitor.shown().await;
    let body = format!("leg=akeneo&csrf={}", visitor.csrf);
    let hostile: [&[(&str, &str)]; 7] = [
        &[TYPE, ("sec-fetch-site", "cross-site")],
        &[TYPE, ("sec-fetch-site", "same-site"), ("origin", &own)],
        &[TYPE, ("sec-fetch-site", "cross-site"), ("origin", "null")],
        &[TYPE, ("sec-fetch-site", "anything")],
        &[TYPE, ("origin", "https://evil.example")],
        &[TYPE, ("origin", &format!("{own}.evil.example"))],
        &[TYPE, ("origin", &own), ("origin", "https://evil.example")],
    ];
    for path in POSTS.into_iter().chain([visitor.link.path()]) {
        for headers in hostile {
            let answer = visitor.post(path, headers, body.clone()).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
            assert!(
                answer.body.contains("This request was not sent from the setup page"),
                "{path}"
            );
            assert!(answer.headers.get("set-cookie").is_none(), "{path} {headers:?}");
        }
    }
    assert_eq!(visitor.shown().await, before);
    // What browsers send from our own pages under no-referrer, and browsers without fetch metadata.
    for headers in [
        &[TYPE, ("origin", "null"), ("sec-fetch-site", "same-origin")][..],
        &[TYPE, ("origin", &own)],
        &[TYPE],
    ] {
        assert_eq!(
            visitor
                .post("/setup/check", headers, format!("csrf={}", visitor.csrf))
                .await
                .status,
            303,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn odd_bodies_are_refused_in_words_and_nothing_is_lost() {
    let visitor = Visitor::open().await;
    let good = visitor.credentials();
    let before = visitor.shown().await;
    let multipart = "multipart/form-data; boundary=x";
    for (kind, body, expect) in [
        ("application/json", b"{}".to_vec(), 415),
        ("text/plain", good.clone().into_bytes(), 415),
        (multipart, good.clone().into_bytes(), 415),
        ("", good.clone().into_bytes(), 415),
        (TYPE.1, format!("{good}&client_secret=another").into_bytes(), 400),
        (TYPE.1, format!("{good}&csrf={}", visitor.csrf).into_bytes(), 400),
        (TYPE.1, format!("{good}&x=%zz").into_bytes(), 400),
        (TYPE.1, format!("{good}&x=%").into_bytes(), 400),
        (TYPE.1, format!("{good}&x=%ff").into_bytes(), 400),
        (TYPE.1, [good.as_bytes(), b"&x=\xc3\x28"].concat(), 400),
        (TYPE.1, [good.as_bytes(), b"&x=", &vec![b'x'; 64 * 1024]].concat(), 413),
        (TYPE.1, vec![b'&'; 1024 * 1024], 413),
    ] {
        for path in ["/setup/akeneo", "/setup/principal", visitor.link.path()] {
            let headers = [("sec-fetch-site", "same-origin"), ("content-type", kind)];
            let answer = visitor.post(path, &headers, body.clone()).await;
            assert_eq!(answer.status, expect, "{path} {kind} {}", body.len());
            assert!(answer.body.contains("The form could not be read"), "{path} {kind}");
            assert!(!answer.body.contains("a-secret"), "{path} {kind}");
            assert!(answer.headers.get("set-cookie").is_none(), "{path} {kind}");
        }
    }
    assert_eq!(visitor.shown().await, before);
    let unknown_fields = visitor
        .post("/setup/akeneo", FORM, format!("{good}&surprise=1&csrf2=x"))
        .await;
    assert_eq!(unknown_fields.status, 303, "a field that we do not know harms nobody");
}

#[tokio::test]
async fn methods_that_a_page_does_not_take_are_refused_and_the_right_ones_named() {
    let visitor = Visitor::open().await;
    let id = &visitor.id;
    let before = visitor.shown().await;
    let callback = format!("/akeneo/{id}/callback");
    let activate = format!("/akeneo/{id}/activate");
    for (path, allow) in [
        ("/setup", "GET, HEAD"),
        ("/setup/progress", "GET, HEAD"),
        ("/setup/assets/page.css", "GET, HEAD"),
        (visitor.link.path(), "GET, HEAD, POST"),
        ("/salesforce/callback", "GET, HEAD"),
        (&callback, "GET, HEAD"),
        (&activate, "GET, HEAD"),
    ] {
        for method in [
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
            Method::TRACE,
        ] {
            let answer = send(method.clone(), visitor.at(path), &[("cookie", &visitor.cookie)], "").await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("allow")),
                (405, allow),
                "{method} {path}"
            );
        }
    }
    for path in POSTS {
        // The pages about the org are read at the address that they post to.
        let is_page = path.starts_with("/setup/org/");
        let reading = if is_page {
            [Method::PATCH, Method::OPTIONS]
        } else {
            [Method::GET, Method::HEAD]
        };
        let allow = if is_page { "GET, HEAD, POST" } else { "POST" };
        for method in reading.into_iter().chain([Method::PUT, Method::DELETE]) {
            let answer = send(method.clone(), visitor.at(path), &[("cookie", &visitor.cookie)], "").await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("allow")),
                (405, allow),
                "{method} {path}"
            );
        }
    }
    assert_eq!(visitor.shown().await, before);
}
