//! The exchange against the bodies of facts/akeneo 3.1, and against everything that is not a PIM.

use super::*;
use crate::outbound::Permit;
use crate::outbound::mini_server::{MiniServer, Step, answer, json};
use crate::secret::{ClientSecret, CodeIdentifier};

const SUCCESS: &str = r#"{"access_token":"Y2YyYjM1","token_type":"bearer","scope":"delete_products read_association_types write_catalog_structure"}"#;
const NOT_VALID: &str = r#"{"error":"invalid_grant","error_description":"Code is not valid"}"#;

fn pair() -> ChallengePair {
    ChallengePair::with_identifier(CodeIdentifier::new("2DkpkyHfgm"), &ClientSecret::new("nDYbJo8X48fL"))
}

async fn run_within(server: &MiniServer, left: Duration) -> Result<Grant, ExchangeError> {
    let pim = PimUrl::parse(server.origin().as_str(), &server.permit()).unwrap();
    let request = CodeExchange {
        pim: &pim,
        client_id: "a b&c",
        code: AuthorizationCode::new("the+code/canary"),
        pair: &pair(),
    };
    exchange(&server.outbound(), request, Deadline::after(left)).await
}

async fn run(server: &MiniServer) -> Result<Grant, ExchangeError> {
    run_within(server, Duration::from_secs(20)).await
}

async fn outcome(bytes: Vec<u8>) -> Result<Grant, ExchangeError> {
    let server = MiniServer::answering(bytes).await;
    let outcome = run(&server).await;
    if let Err(fault) = &outcome {
        assert!(!format!("{fault} {fault:?}").contains("canary"), "{fault:?}");
    }
    outcome
}

/// Plays these answers one after the other; nothing at all closes the connection without an answer.
async fn playing(answers: Vec<Vec<u8>>) -> MiniServer {
    MiniServer::start(move |number, _| match answers.get(number) {
        Some(bytes) if !bytes.is_empty() => vec![Step::Send(bytes.clone())],
        _ => Vec::new(),
    })
    .await
}

#[tokio::test]
async fn the_request_is_the_documented_form() {
    let server = MiniServer::answering(json("200 OK", SUCCESS)).await;
    let grant = run(&server).await.unwrap();
    assert_eq!(grant.token.expose(), "Y2YyYjM1");
    assert_eq!(
        grant.scopes.to_string(),
        "delete_products read_association_types write_catalog_structure"
    );
    assert!(!format!("{grant:?}").contains("Y2Yy"));
    let seen = server.seen();
    assert_eq!(
        (seen.len(), seen[0].method.as_str(), seen[0].target.as_str()),
        (1, "POST", "/connect/apps/v1/oauth2/token")
    );
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(
        seen[0].body,
        "client_id=a+b%26c&code=the%2Bcode%2Fcanary&grant_type=authorization_code&code_identifier=2DkpkyHfgm\
         &code_challenge=6ffbb306c0ce4a545d2540c9303c10258c4e4c321c3899c5177fd94106e1b73d"
    );
}

#[tokio::test]
async fn every_documented_refusal_has_its_error() {
    macro_rules! check {
        ($body:expr, $expect:pat) => {
            let found = outcome(json("400 Bad Request", $body)).await;
            assert!(matches!(found, Err($expect)), "{} {found:?}", $body);
        };
    }
    check!(r#"{"error":"invalid_client"}"#, ExchangeError::InvalidClient);
    check!(r#"{"error":"invalid_request"}"#, ExchangeError::InvalidRequest);
    check!(
        r#"{"error":"unsupported_grant_type"}"#,
        ExchangeError::UnsupportedGrantType
    );
    check!(NOT_VALID, ExchangeError::CodeNotValid);
    check!(
        r#"{"error":"invalid_grant","error_description":"Code has expired"}"#,
        ExchangeError::CodeExpired
    );
    check!(r#"{"error":"invalid_grant"}"#, ExchangeError::CodeNotValid);
    check!(
        r#"{"error":"canary","error_description":"canary"}"#,
        ExchangeError::Refused { status: 400 }
    );
    check!("<html>canary</html>", ExchangeError::NotAPim);
    check!("{}", ExchangeError::NotAPim);
}

#[tokio::test]
async fn what_is_not_a_pims_answer_is_told() {
    macro_rules! check {
        ($bytes:expr, $expect:pat) => {
            let found = outcome($bytes).await;
            assert!(matches!(found, Err($expect)), "{found:?}");
        };
    }
    check!(
        answer("200 OK", &[("Content-Type", "text/html")], "<html>canary"),
        ExchangeError::NotAPim
    );
    check!(answer("404 Not Found", &[], "<html>canary"), ExchangeError::NotAPim);
    check!(
        answer("302 Found", &[("Location", "https://canary.example/")], ""),
        ExchangeError::NotAPim
    );
    check!(json("200 OK", r#"{"access_token":"canary"}"#), ExchangeError::NotAPim);
    check!(
        json("200 OK", r#"{"access_token":"canary","token_type":"mac","scope":"a"}"#),
        ExchangeError::NotAPim
    );
    check!(
        json("200 OK", r#"{"access_token":"","token_type":"bearer","scope":"a"}"#),
        ExchangeError::NotAPim
    );
    check!(
        json(
            "200 OK",
            r#"{"access_token":"can\r\nary","token_type":"bearer","scope":"a"}"#
        ),
        ExchangeError::NotAPim
    );
    check!(json("201 Created", SUCCESS), ExchangeError::NotAPim);
    check!(
        answer("403 Forbidden", &[], "<html>canary"),
        ExchangeError::Refused { status: 403 }
    );
    check!(
        answer("401 Unauthorized", &[("WWW-Authenticate", "Basic")], ""),
        ExchangeError::Refused { status: 401 }
    );
    let limited = outcome(answer("429 Too Many Requests", &[("Retry-After", "15")], "slow down")).await;
    assert!(matches!(limited, Err(ExchangeError::RateLimited { retry_after: Some(wait) }) if wait.as_secs() == 15));
    check!(
        answer("429 Too Many Requests", &[], ""),
        ExchangeError::RateLimited { retry_after: None }
    );
    check!(answer("503 Busy", &[], "<html>canary"), ExchangeError::Unavailable);
    check!(vec![b'x'; Answer::CAP], ExchangeError::NoAnswer(_));
    check!(
        answer("200 OK", &[], &"x".repeat(Answer::CAP + 1)),
        ExchangeError::NotAPim
    );
}

#[tokio::test]
async fn odd_successes_are_read_with_care() {
    let grant = outcome(json(
        "200 OK",
        r#"{"access_token":"t","token_type":"Bearer","scope":"b a a","id_token":"x"}"#,
    ))
    .await
    .unwrap();
    assert_eq!(grant.scopes.to_string(), "a b");
    let silent = outcome(json("200 OK", r#"{"access_token":"t","token_type":"bearer"}"#))
        .await
        .unwrap();
    assert!(silent.scopes.is_empty());
}

#[tokio::test]
async fn a_setback_is_tried_once_more() {
    for setback in [
        Vec::new(),
        answer("502 Bad Gateway", &[], ""),
        answer("429 Slow", &[("Retry-After", "1")], "<html>"),
        answer("429 Slow", &[], "{}"),
    ] {
        let server = playing(vec![setback, json("200 OK", SUCCESS)]).await;
        run(&server).await.unwrap();
        let seen = server.seen();
        assert_eq!((seen.len(), &seen[0].body), (2, &seen[1].body), "the same request");
    }
    for (bytes, tries) in [
        (json("400 Bad Request", NOT_VALID), 1),
        (answer("429 Slow", &[("Retry-After", "6")], ""), 1),
        (answer("500 Oops", &[], ""), 2),
    ] {
        let server = playing(vec![bytes.clone(), bytes]).await;
        assert!(run(&server).await.is_err());
        assert_eq!(server.seen().len(), tries);
    }
}

#[tokio::test]
async fn a_lost_answer_is_known_by_the_second() {
    let lost = playing(vec![Vec::new(), json("400 Bad Request", NOT_VALID)]).await;
    assert!(matches!(run(&lost).await, Err(ExchangeError::AnswerLost)));
    let hidden = playing(vec![
        answer("504 Gateway Timeout", &[], ""),
        json("400 Bad Request", NOT_VALID),
    ])
    .await;
    let fault = run(&hidden).await.unwrap_err();
    assert!(matches!(fault, ExchangeError::AnswerLost) && fault.restart_helps());
    let wrong = playing(vec![
        Vec::new(),
        json("400 Bad Request", r#"{"error":"invalid_client"}"#),
    ])
    .await;
    let fault = run(&wrong).await.unwrap_err();
    assert!(matches!(fault, ExchangeError::InvalidClient) && !fault.restart_helps());
    let gone = playing(Vec::new()).await;
    assert!(matches!(run(&gone).await, Err(ExchangeError::NoAnswer(_))));
}

#[tokio::test]
async fn a_silent_pim_leaves_time_for_the_second_try() {
    let server = MiniServer::start(|number, _| match number {
        0 => vec![Step::Wait(Duration::from_secs(60))],
        _ => vec![Step::Send(json("200 OK", SUCCESS))],
    })
    .await;
    run_within(&server, Duration::from_secs(2)).await.unwrap();
    let silent = MiniServer::start(|_, _| vec![Step::Wait(Duration::from_secs(60))]).await;
    let deadline = Deadline::after(Duration::from_secs(5));
    assert!(matches!(
        run_within(&silent, Duration::from_secs(1)).await,
        Err(ExchangeError::NoAnswer(_))
    ));
    assert!(deadline.remaining() > Duration::from_millis(3500));
}

#[tokio::test]
async fn a_pim_that_is_not_there_or_may_not_be_called_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let permit = Permit::parse(&origin).unwrap();
    let pim = PimUrl::parse(&origin, &permit).unwrap();
    for permit in [permit, Permit::none()] {
        let outbound = Outbound::new(permit).unwrap();
        let request = CodeExchange {
            pim: &pim,
            client_id: "a",
            code: AuthorizationCode::new("c"),
            pair: &pair(),
        };
        let fault = exchange(&outbound, request, Deadline::after(Duration::from_secs(5)))
            .await
            .unwrap_err();
        assert!(matches!(fault, ExchangeError::Unreachable(_)), "{fault:?}");
    }
}
