//! Whom a call reaches: certificates, names and forbidden destinations.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use url::Url;

use super::super::mini_server::{MiniServer, answer};
use super::super::resolver::tests::Rebinding;
use super::super::{CallError, Outbound, Permit, client};
use super::{FIVE, once};
use crate::clock::Deadline;

/// A TLS server with a certificate of its own for `localhost`, which answers `200`. Its port and its certificate.
fn tls_server() -> (u16, rustls::pki_types::CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut session) = (
                stream.unwrap(),
                rustls::ServerConnection::new(Arc::clone(&config)).unwrap(),
            );
            let mut session = rustls::Stream::new(&mut session, &mut stream);
            let mut request = [0; 4096];
            if session.read(&mut request).is_ok_and(|length| length > 0) {
                session.write_all(&answer("200 OK", &[], "hello")).unwrap();
                session.conn.send_close_notify();
                let _ = session.flush();
            }
        }
    });
    (port, made.cert.der().clone())
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_refused_even_for_a_permitted_origin() {
    let (port, certificate) = tls_server();
    let origin = format!("https://localhost:{port}");
    let call = once(Url::parse(&origin).unwrap());
    let outbound = Outbound::new(Permit::parse(&origin).unwrap()).unwrap();
    let fault = outbound.send(&call, Deadline::after(FIVE)).await.unwrap_err();
    assert!(
        matches!(fault, CallError::Tls(_)) && !fault.may_have_happened(),
        "{fault:?}"
    );

    let trusting = client::trusting(certificate);
    let got = client::try_once(&trusting, &call, FIVE).await.unwrap();
    assert_eq!(
        got.body.as_ref(),
        b"hello",
        "with the same settings but for the roots, the same server is fine"
    );
    let other_name = once(Url::parse(&format!("https://127.0.0.1:{port}")).unwrap());
    let fault = client::try_once(&trusting, &other_name, FIVE).await.unwrap_err();
    assert!(
        matches!(fault, CallError::Tls(_)),
        "a certificate is for its names: {fault:?}"
    );
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_is_a_tls_fault() {
    let server = MiniServer::answering(answer("200 OK", &[], "")).await;
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", plain.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let outbound = Outbound::new(Permit::parse(&origin).unwrap()).unwrap();
    let fault = outbound
        .send(&once(Url::parse(&origin).unwrap()), Deadline::after(FIVE))
        .await
        .unwrap_err();
    assert!(matches!(fault, CallError::Tls(_)), "{fault:?}");
    // A permit for one origin opens no other: same host, another port.
    let fault = outbound
        .send(&once(server.origin()), Deadline::after(FIVE))
        .await
        .unwrap_err();
    assert!(matches!(fault, CallError::Forbidden) && server.seen().is_empty());
}

#[tokio::test]
async fn silence_in_the_handshake_ends_as_unreachable() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", mute.local_addr().unwrap());
    let outbound = Outbound::new(Permit::parse(&origin).unwrap()).unwrap();
    let deadline = Deadline::after(Duration::from_secs(10));
    let fault = outbound
        .send(&once(Url::parse(&origin).unwrap()), deadline)
        .await
        .unwrap_err();
    assert!(matches!(fault, CallError::Unreachable(_)), "{fault:?}");
    assert!(
        deadline.remaining() > Duration::from_secs(5),
        "the wait for a connection is shorter than the call's"
    );
}

#[tokio::test]
async fn a_name_without_addresses_is_unreachable() {
    let strict = client::strict(&client::Tls::new().unwrap(), Rebinding::new(&[&[]])).unwrap();
    let fault = client::try_once(&strict, &once(Url::parse("https://a.example.com/").unwrap()), FIVE)
        .await
        .unwrap_err();
    assert!(matches!(fault, CallError::Unreachable(_)), "{fault:?}");
}

#[tokio::test]
async fn a_name_that_turns_private_is_never_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let lookup = Rebinding::new(&[&["127.0.0.1"]]);
    let strict = client::strict(&client::Tls::new().unwrap(), lookup.clone()).unwrap();
    let url = Url::parse(&format!("https://rebind.example.com:{port}/")).unwrap();
    let fault = client::try_once(&strict, &once(url), FIVE).await.unwrap_err();
    assert!(matches!(fault, CallError::Forbidden), "{fault:?}");
    assert_eq!(lookup.asked(), 1);
    let knock = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(knock.is_err(), "nobody may have connected");
}

#[tokio::test]
async fn the_strict_client_refuses_http_on_its_own() {
    let lookup = Rebinding::new(&[&["93.184.216.34"]]);
    let strict = client::strict(&client::Tls::new().unwrap(), lookup.clone()).unwrap();
    let fault = client::try_once(&strict, &once(Url::parse("http://a.example.com/").unwrap()), FIVE)
        .await
        .unwrap_err();
    assert!(matches!(fault, CallError::Forbidden), "{fault:?}");
    assert_eq!(lookup.asked(), 0);
}

#[tokio::test]
async fn what_the_rules_forbid_is_not_tried() {
    let server = MiniServer::answering(answer("200 OK", &[], "")).await;
    let outbound = Outbound::new(Permit::none()).unwrap();
    let port = server.origin().port().unwrap();
    for text in [
        server.origin().to_string(),
        format!("https://127.0.0.1:{port}/"),
        "https://localhost/".to_owned(),
        "https://[::1]/".to_owned(),
        "https://me:pw@acme.cloud.akeneo.com/".to_owned(),
    ] {
        let fault = outbound
            .send(&once(Url::parse(&text).unwrap()), Deadline::after(FIVE))
            .await
            .unwrap_err();
        assert!(matches!(fault, CallError::Forbidden), "{text}");
    }
    assert!(server.seen().is_empty());
}
