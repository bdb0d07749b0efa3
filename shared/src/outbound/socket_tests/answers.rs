//! What a hostile or broken host can send, and what becomes of it.

use std::time::Duration;

use http::{HeaderValue, Method, header};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use super::super::mini_server::{MiniServer, Step, answer};
use super::super::{Answer, Body, Call, CallError, Outbound, Permit, Retry};
use super::{FIVE, once};
use crate::clock::Deadline;

async fn get(server: &MiniServer, left: Duration) -> Result<Answer, CallError> {
    server
        .outbound()
        .send(&once(server.origin()), Deadline::after(left))
        .await
}

#[tokio::test]
async fn what_is_sent_is_what_the_call_says() {
    let server = MiniServer::answering(answer("201 Created", &[("X-A", "b")], "{\"a\":1}")).await;
    let mut call = Call::new("test.form", Method::POST, server.origin().join("/x?y=z%20z").unwrap());
    call.headers
        .insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer t"));
    call.body = Body::Form(vec![("a", "b c&d=é".to_owned()), ("e", String::new())]);
    let outbound = server.outbound();
    let got = outbound.send(&call, Deadline::after(FIVE)).await.unwrap();
    assert_eq!(
        (got.status.as_u16(), &got.headers["x-a"], got.body.as_ref()),
        (201, &HeaderValue::from_static("b"), &b"{\"a\":1}"[..])
    );
    call.body = Body::Json(json!({"a": ["ü"]}));
    outbound.send(&call, Deadline::after(FIVE)).await.unwrap();

    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].target.as_str()),
        ("POST", "/x?y=z%20z")
    );
    assert_eq!(seen[0].body, "a=b+c%26d%3D%C3%A9&e=");
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen[0].header("authorization"), Some("Bearer t"));
    assert_eq!(
        seen[0].header("user-agent"),
        Some(concat!("akeneo-connector-setup/", env!("CARGO_PKG_VERSION")))
    );
    assert_eq!(
        (seen[0].header("accept-encoding"), seen[0].header("referer")),
        (None, None)
    );
    assert_eq!(
        (seen[1].body.as_str(), seen[1].header("content-type")),
        ("{\"a\":[\"ü\"]}", Some("application/json"))
    );
}

#[tokio::test]
async fn redirects_are_answers() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let server = MiniServer::start(move |number, _| {
            let location = if number == 0 { "/elsewhere" } else { "/never" };
            vec![Step::Send(answer(status, &[("Location", location)], ""))]
        })
        .await;
        let got = get(&server, FIVE).await.unwrap();
        assert_eq!((got.status.as_str(), server.seen().len()), (&status[..3], 1));
    }
}

#[tokio::test]
async fn a_body_is_capped_with_and_without_a_length() {
    let big = Answer::CAP + 1;
    let declared = MiniServer::answering(answer("200 OK", &[], &"x".repeat(big))).await;
    assert!(matches!(get(&declared, FIVE).await, Err(CallError::TooLarge)));
    let endless = MiniServer::start(|_, _| {
        let chunk = [
            format!("{:x}\r\n", 65536).into_bytes(),
            vec![b'x'; 65536],
            b"\r\n".to_vec(),
        ]
        .concat();
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        vec![Step::Send(head), Step::Drip(chunk, Duration::ZERO)]
    })
    .await;
    assert!(matches!(get(&endless, FIVE).await, Err(CallError::TooLarge)));
    let exact = MiniServer::answering(answer("200 OK", &[], &"x".repeat(Answer::CAP))).await;
    assert_eq!(get(&exact, FIVE).await.unwrap().body.len(), Answer::CAP);
}

#[tokio::test]
async fn a_slow_drip_ends_at_the_deadline() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
    let in_body = MiniServer::start(move |_, _| {
        vec![
            Step::Send(head.clone()),
            Step::Drip(b"x".to_vec(), Duration::from_millis(50)),
        ]
    })
    .await;
    let in_head = MiniServer::start(|_, _| vec![Step::Drip(b"H".to_vec(), Duration::from_millis(50))]).await;
    let silent = MiniServer::start(|_, _| vec![Step::Wait(Duration::from_secs(60))]).await;
    for server in [in_body, silent, in_head] {
        let deadline = Deadline::after(FIVE);
        let result = get(&server, Duration::from_millis(600)).await;
        assert!(result.is_err());
        let took = FIVE - deadline.remaining();
        assert!(took < Duration::from_millis(1500), "{took:?}");
        // "HHHH" is no status line: the library may give up before the time does.
        assert!(
            matches!(result, Err(CallError::TimedOut | CallError::Interrupted(_))),
            "{result:?}"
        );
    }
}

#[tokio::test]
async fn one_try_ends_at_its_own_timeout() {
    let server = MiniServer::start(|_, _| vec![Step::Wait(Duration::from_secs(60))]).await;
    let call = Call {
        timeout: Duration::from_millis(200),
        ..once(server.origin())
    };
    let deadline = Deadline::after(FIVE);
    assert!(matches!(
        server.outbound().send(&call, deadline).await,
        Err(CallError::TimedOut)
    ));
    assert!(deadline.remaining() > Duration::from_secs(4));
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let server = MiniServer::answering(answer("200 OK", &[], "")).await;
    assert!(matches!(get(&server, Duration::ZERO).await, Err(CallError::TimedOut)));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_broken_connection_is_told_apart_from_none() {
    let closed = MiniServer::start(|_, _| Vec::new()).await;
    let halfway =
        MiniServer::start(|_, _| vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec())]).await;
    let nonsense = MiniServer::start(|_, _| vec![Step::Send(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())]).await;
    for server in [closed, halfway, nonsense] {
        let fault = get(&server, FIVE).await.unwrap_err();
        assert!(matches!(fault, CallError::Interrupted(_)), "{fault:?}");
        assert!(fault.may_have_happened());
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let outbound = Outbound::new(Permit::parse(&origin).unwrap()).unwrap();
    let fault = outbound
        .send(&once(Url::parse(&origin).unwrap()), Deadline::after(FIVE))
        .await
        .unwrap_err();
    assert!(
        matches!(fault, CallError::Unreachable(_)) && !fault.may_have_happened(),
        "{fault:?}"
    );
}

#[tokio::test]
async fn a_reset_before_the_request_is_read_counts_as_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Closing with the request unread makes the kernel send a reset.
            stream.readable().await.unwrap();
        }
    });
    let outbound = Outbound::new(Permit::parse(&origin).unwrap()).unwrap();
    let fault = outbound
        .send(&once(Url::parse(&origin).unwrap()), Deadline::after(FIVE))
        .await
        .unwrap_err();
    assert!(
        matches!(fault, CallError::Interrupted(_)) && fault.may_have_happened(),
        "{fault:?}"
    );
}

#[tokio::test]
async fn errors_tell_neither_url_nor_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outbound = Outbound::new(Permit::parse(&format!("http://{address}")).unwrap()).unwrap();
    let url = Url::parse(&format!("http://{address}/path-canary?query-canary")).unwrap();
    let fault = outbound.send(&once(url), Deadline::after(FIVE)).await.unwrap_err();
    let source = std::error::Error::source(&fault).unwrap();
    let told = format!("{fault} {fault:?} {fault:#?} {source} {source:?}");
    for canary in ["canary", "127.0.0.1", &address.port().to_string(), "http://"] {
        assert!(!told.contains(canary), "{told}");
    }
}

#[tokio::test]
async fn a_compressed_body_stays_as_it_is() {
    let server = MiniServer::answering(answer("200 OK", &[("Content-Encoding", "gzip")], "\u{1f}not unpacked")).await;
    let got = get(&server, FIVE).await.unwrap();
    assert_eq!(
        (got.body.as_ref(), got.headers["content-encoding"].as_bytes()),
        (&b"\x1fnot unpacked"[..], &b"gzip"[..])
    );
}

#[tokio::test]
async fn an_idempotent_call_is_repeated_until_it_is_good() {
    let server = MiniServer::start(|number, _| match number {
        0 => Vec::new(),
        1 => vec![Step::Send(answer("503 Busy", &[("Retry-After", "0")], "<html>"))],
        _ => vec![Step::Send(answer("200 OK", &[], "ok"))],
    })
    .await;
    let call = Call::new("test.call", Method::GET, server.origin());
    let got = server
        .outbound()
        .send(&call, Deadline::after(Duration::from_secs(20)))
        .await
        .unwrap();
    assert_eq!((got.body.as_ref(), server.seen().len()), (&b"ok"[..], 3));
    let post = Call::new("test.call", Method::POST, server.origin());
    assert_eq!(post.retry, Retry::Never);
}
