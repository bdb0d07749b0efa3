//! Hosts that are a PIM, hosts that are not, and hosts that do not answer.

use super::*;
use crate::outbound::mini_server::{MiniServer, Step, answer, json};

const SYSTEM: &str = r#"{"version":"v20230112013744","edition":"Serenity"}"#;
const LISTING: &str = r#"{"host":"http://pim","authentication":{"fos_oauth_server_token":{}},"routes":{"x":{}}}"#;

async fn ask_at(origin: &Url, permit: Permit) -> Result<PimIdentity, NotRecognised> {
    let pim = PimUrl::parse(
        origin.as_str(),
        &Permit::parse(origin.as_str().trim_end_matches('/')).unwrap(),
    )
    .unwrap();
    recognise(
        &Outbound::new(permit).unwrap(),
        &pim,
        Deadline::after(Duration::from_secs(5)),
    )
    .await
}

/// A host that gives one answer for the system information and another for everything else.
async fn host(system: Vec<u8>, root: Vec<u8>) -> MiniServer {
    let of = move |target: &str| {
        if target == SYSTEM_INFORMATION {
            system.clone()
        } else {
            root.clone()
        }
    };
    MiniServer::start(move |_, request| vec![Step::Send(of(&request.target))]).await
}

async fn found(system: Vec<u8>, root: Vec<u8>) -> Result<PimIdentity, NotRecognised> {
    let server = host(system, root).await;
    let found = ask_at(&server.origin(), server.permit()).await;
    for request in server.seen() {
        assert_eq!(
            (request.header("authorization"), request.header("accept")),
            (None, Some("application/json"))
        );
    }
    found
}

fn html(status: &str) -> Vec<u8> {
    answer(status, &[("Content-Type", "text/html")], "<html>canary</html>")
}

#[tokio::test]
async fn a_pim_is_recognised_by_either_address() {
    let serenity = PimIdentity {
        version: Some("v20230112013744".to_owned()),
        edition: Some("Serenity".to_owned()),
    };
    assert_eq!(found(json("200 OK", SYSTEM), html("404 Not Found")).await, Ok(serenity));
    let denied = r#"{"code":401,"message":"Authentication is required"}"#;
    let fos = r#"{"error":"access_denied","error_description":"OAuth2 authentication required"}"#;
    for (system, root) in [
        (html("404 Not Found"), json("200 OK", LISTING)),
        (json("200 OK", "{}"), json("200 OK", LISTING)),
        (json("401 Unauthorized", denied), html("404 Not Found")),
        (json("401 Unauthorized", fos), html("404 Not Found")),
    ] {
        assert_eq!(found(system, root).await, Ok(PimIdentity::default()));
    }
}

#[tokio::test]
async fn odd_identities_are_not_believed() {
    for body in [
        r#"{"version":"<script>"}"#,
        r#"{"version":""}"#,
        r#"{"version":7}"#,
        "[]",
    ] {
        assert_eq!(
            found(json("200 OK", body), html("404 Not Found")).await,
            Err(NotRecognised::NotAPim),
            "{body}"
        );
    }
    let long = format!(r#"{{"version":"7.0","edition":"{}"}}"#, "E".repeat(65));
    let identity = found(json("200 OK", &long), html("404 Not Found")).await.unwrap();
    assert_eq!((identity.version.as_deref(), identity.edition), (Some("7.0"), None));
}

#[tokio::test]
async fn what_is_not_a_pim_has_its_fault() {
    let check = async |system: Vec<u8>, root: Vec<u8>, expect: NotRecognised| {
        let fault = found(system, root).await.unwrap_err();
        assert_eq!(fault, expect);
        assert!(
            fault.remedy().ends_with(['.', 'm']) && !fault.remedy().contains("canary"),
            "{}",
            fault.remedy()
        );
    };
    check(html("200 OK"), html("200 OK"), NotRecognised::NotAPim).await;
    check(html("404 Not Found"), html("404 Not Found"), NotRecognised::NotAPim).await;
    check(
        json("200 OK", "{}"),
        json("200 OK", r#"{"routes":[]}"#),
        NotRecognised::NotAPim,
    )
    .await;
    check(html("403 Forbidden"), html("403 Forbidden"), NotRecognised::Guarded).await;
    check(html("401 Unauthorized"), html("404 Not Found"), NotRecognised::Guarded).await;
    check(html("503 Busy"), html("503 Busy"), NotRecognised::Unavailable).await;
    check(html("429 Slow"), html("429 Slow"), NotRecognised::Unavailable).await;
    check(
        answer("200 OK", &[], &"x".repeat(Answer::CAP + 1)),
        Vec::new(),
        NotRecognised::NotAPim,
    )
    .await;
}

#[tokio::test]
async fn a_redirect_names_the_host_that_was_meant() {
    let check = async |location: &str, expect: Option<&str>| {
        let bytes = answer("302 Found", &[("Location", location)], "");
        let fault = found(bytes.clone(), bytes).await.unwrap_err();
        let expect = expect.map(|text| PimUrl::parse(text, &Permit::none()).unwrap());
        assert_eq!(fault, NotRecognised::Redirects(expect), "{location}");
    };
    check(
        "https://acme.cloud.akeneo.com/user/login?canary",
        Some("https://acme.cloud.akeneo.com"),
    )
    .await;
    check("http://acme.cloud.akeneo.com", Some("https://acme.cloud.akeneo.com")).await;
    check("/user/login", None).await;
    check("https://169.254.169.254/", None).await;
    check("javascript:alert(1)", None).await;
    check("http://[", None).await;
}

#[tokio::test]
async fn unreachable_and_forbidden_read_the_same() {
    let server = host(json("200 OK", SYSTEM), Vec::new()).await;
    assert_eq!(
        ask_at(&server.origin(), Permit::none()).await,
        Err(NotRecognised::Unreachable)
    );
    assert!(server.seen().is_empty());
    let closed = MiniServer::start(|_, _| Vec::new()).await;
    assert_eq!(
        ask_at(&closed.origin(), closed.permit()).await,
        Err(NotRecognised::Unreachable)
    );
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_has_a_bad_certificate() {
    let server = host(json("200 OK", SYSTEM), Vec::new()).await;
    let mut origin = server.origin();
    origin.set_scheme("https").unwrap();
    let permit = Permit::parse(origin.as_str().trim_end_matches('/')).unwrap();
    let found = tokio::time::timeout(Duration::from_secs(6), ask_at(&origin, permit))
        .await
        .unwrap();
    assert!(
        matches!(found, Err(NotRecognised::BadCertificate | NotRecognised::Unreachable)),
        "{found:?}"
    );
}
