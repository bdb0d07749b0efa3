//! Faults, real ones at the socket, and the journal (facts/salesforce 14.2 rule j, 14.4).

use std::time::Duration;

use reqwest::{Method, StatusCode};
use salesforce_simulator::{Canned, Fault, FaultKind, Preset};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::stage::{Stage, answer, refused};

#[tokio::test]
async fn ordered_answers_come_as_often_as_ordered() {
    let stage = Stage::new(Preset::Ready).await;
    let fault = json!({ "method": "GET", "path_prefix": "/services/data", "kind": "status", "status": 429, "body": "{\"slow\":1}",
        "headers": { "retry-after": "7" }, "count": 2 });
    let ordered = stage
        .http
        .post(stage.url("_simulator/faults"))
        .json(&fault)
        .send()
        .await
        .unwrap();
    assert_eq!(ordered.status(), StatusCode::OK);
    for _ in 0..2 {
        let response = stage.get("services/data/").await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"7".parse().unwrap())
        );
        assert_eq!(answer(response).await.1, json!({ "slow": 1 }));
    }
    assert_eq!(stage.get("services/data/").await.status(), StatusCode::OK);
    stage.control().add_fault(Fault::new(FaultKind::Status, "/login"));
    assert_eq!(stage.control().faults().len(), 1);
    stage.http.delete(stage.url("_simulator/faults")).send().await.unwrap();
    assert!(stage.control().faults().is_empty());
}

#[tokio::test]
async fn canned_answers_have_the_texts_of_the_catalogue() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    for (canned, status, code) in [
        (Canned::SessionExpired, 401, "INVALID_SESSION_ID"),
        (Canned::SessionNotForRest, 401, "INVALID_SESSION_ID"),
        (Canned::RequestLimitExceeded, 403, "REQUEST_LIMIT_EXCEEDED"),
        (Canned::ConcurrentLimit, 403, "REQUEST_LIMIT_EXCEEDED"),
        (Canned::UnableToLockRow, 400, "UNABLE_TO_LOCK_ROW"),
        (Canned::UnknownException, 500, "UNKNOWN_EXCEPTION"),
        (Canned::ServerUnavailable, 503, "SERVER_UNAVAILABLE"),
    ] {
        stage.control().add_fault(Fault {
            canned: Some(canned),
            ..Fault::new(FaultKind::Status, "/services/data/v66.0/limits")
        });
        refused(&stage.call(&tokens, Method::GET, "limits", None).await, status, code);
    }
    stage.control().add_fault(Fault {
        canned: Some(Canned::Html503),
        ..Fault::new(FaultKind::Status, "/services/data")
    });
    let response = stage.api(&tokens, Method::GET, "limits").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["content-type"], "text/html;charset=UTF-8");
}

const SECRETS: &str = "named-credentials/external-auth-identity-provider-credentials/akeneo_pim__Akeneo";

#[tokio::test]
async fn resets_are_real_and_differ_in_what_was_done() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let body = json!({ "credentials": [
        { "credentialName": "clientId", "credentialValue": "i" }, { "credentialName": "clientSecret", "credentialValue": "s" }] });
    let set = |stage: &Stage| !stage.control().state()["external_auth_identity_providers"][0]["credentials"].is_null();
    for (kind, done) in [(FaultKind::ResetBefore, false), (FaultKind::ResetAfter, true)] {
        stage
            .control()
            .add_fault(Fault::new(kind, "/services/data/v66.0/named-credentials"));
        let error = stage
            .api(&tokens, Method::POST, SECRETS)
            .json(&body)
            .send()
            .await
            .unwrap_err();
        assert!(error.is_request(), "{error:?}");
        assert_eq!(set(&stage), done);
        assert_eq!(stage.control().requests().last().unwrap().status, None);
    }
}

#[tokio::test]
async fn a_reset_reaches_a_raw_socket() {
    let stage = Stage::new(Preset::Ready).await;
    stage
        .control()
        .add_fault(Fault::new(FaultKind::ResetBefore, "/services/data"));
    let mut socket = TcpStream::connect(("127.0.0.1", stage.running.url().port().unwrap()))
        .await
        .unwrap();
    socket
        .write_all(b"GET /services/data/ HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut received = Vec::new();
    let error = socket.read_to_end(&mut received).await.unwrap_err();
    assert_eq!((error.kind(), received.len()), (std::io::ErrorKind::ConnectionReset, 0));
}

#[tokio::test]
async fn slow_and_large_answers() {
    let stage = Stage::new(Preset::Ready).await;
    let quick = stage
        .http
        .get(stage.url("services/data/"))
        .timeout(Duration::from_millis(150));
    stage.control().add_fault(Fault {
        delay_ms: Some(400),
        ..Fault::new(FaultKind::Delay, "/services/data")
    });
    assert!(quick.try_clone().unwrap().send().await.unwrap_err().is_timeout());
    stage.control().add_fault(Fault {
        size: Some(20),
        delay_ms: Some(20),
        ..Fault::new(FaultKind::Drip, "/services/data")
    });
    assert!(
        async { quick.send().await?.bytes().await }
            .await
            .unwrap_err()
            .is_timeout()
    );
    stage.control().add_fault(Fault {
        size: Some(50),
        delay_ms: Some(1),
        ..Fault::new(FaultKind::Drip, "/services/data")
    });
    let dripped: Value = stage.get("services/data/").await.json().await.unwrap();
    assert!(dripped.is_array(), "a drip arrives whole in the end");
    stage.control().add_fault(Fault {
        size: Some(3_000_000),
        ..Fault::new(FaultKind::Oversized, "/services/data")
    });
    assert_eq!(
        stage.get("services/data/").await.bytes().await.unwrap().len(),
        3_000_000
    );
}

#[tokio::test]
async fn the_journal_shows_everything_but_control() {
    let stage = Stage::new(Preset::Ready).await;
    stage.get("_simulator/state").await;
    stage
        .token(&[("grant_type", "nonsense"), ("client_secret", "as sent")])
        .await;
    stage.get("services/data/?x=1").await;
    let journal: Value = stage.get("_simulator/requests").await.json().await.unwrap();
    assert_eq!(journal.as_array().unwrap().len(), 2);
    assert_eq!(
        (&journal[0]["method"], &journal[0]["path"], &journal[0]["status"]),
        (&json!("POST"), &json!("/services/oauth2/token"), &json!(400))
    );
    assert_eq!(journal[0]["body"], "grant_type=nonsense&client_secret=as+sent");
    assert_eq!(
        (&journal[1]["query"], &journal[1]["status"]),
        (&json!("x=1"), &json!(200))
    );
    stage
        .http
        .delete(stage.url("_simulator/requests"))
        .send()
        .await
        .unwrap();
    assert!(stage.control().requests().is_empty());
}

#[tokio::test]
async fn stopping_ends_the_service() {
    let stage = Stage::new(Preset::Ready).await;
    let url = stage.url("services/data/");
    stage.running.stop().await;
    assert!(stage.http.get(url).send().await.unwrap_err().is_connect());
}
