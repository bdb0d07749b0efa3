//! The operator's API: faults all at once, in words that name the remedy, and never an answer that is no JSON.

use http::Method;
use serde_json::{Value, json};

use super::visitor::Visitor;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const INVITATIONS: &str = "/operator/invitations";

/// An RFC 9457 refusal with this status and code.
fn is_problem(found: &(crate::wire::Answer, Value), status: u16, code: &str, what: &str) {
    let (answer, body) = found;
    assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert_eq!(
        (&body["status"], &body["code"]),
        (&json!(status), &json!(code)),
        "{what}"
    );
    assert_eq!(body["type"], format!("urn:connector-setup:problem:{code}"), "{what}");
    for member in ["title", "detail", "reference"] {
        assert!(
            body[member].as_str().is_some_and(|text| !text.is_empty()),
            "{what}: {member}"
        );
    }
}

#[tokio::test]
async fn faults_are_reported_all_at_once() {
    let visitor = Visitor::open().await;
    let body = json!({
        "customer": "", "pim_host": "https://acme.cloud.akeneo.com/", "org_type": "developer", "callback": 7,
        "expires_in_days": 91, "connection": "../x", "colour": "blue", "Customer": "Acme",
    });
    let found = visitor
        .operator(Method::POST, INVITATIONS, JSON, body.to_string())
        .await;
    is_problem(&found, 422, "faults", "all");
    let faults: Vec<_> = found.1["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault.as_str().unwrap())
        .collect();
    for name in [
        "customer is",
        "pim_host is",
        "org_type is one of",
        "callback is",
        "expires_in_days is",
        "connection is",
        "\"colour\" is not a field",
        "\"Customer\" is not a field",
    ] {
        assert_eq!(
            faults.iter().filter(|fault| fault.starts_with(name)).count(),
            1,
            "{name}: {faults:?}"
        );
    }
    for (field, value) in [
        ("customer", json!(7)),
        ("customer", json!("two\nlines")),
        ("customer", json!("x".repeat(201))),
        ("pim_host", json!("acme cloud")),
        ("pim_host", json!("acme.cloud.akeneo.com:8443")),
        ("pim_host", json!("user@acme.cloud.akeneo.com")),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(1.5)),
        ("expires_in_days", json!("14")),
        ("expires_in_days", json!(-1)),
        ("connection", json!("0123456789abcdef012")),
    ] {
        let mut body = json!({ "customer": "Acme" });
        body[field] = value.clone();
        let found = visitor
            .operator(Method::POST, INVITATIONS, JSON, body.to_string())
            .await;
        is_problem(&found, 422, "faults", field);
        assert_eq!(
            found.1["faults"].as_array().unwrap().len(),
            1,
            "{field} {value}: {}",
            found.1
        );
    }
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_kind() {
    let visitor = Visitor::open().await;
    let before = crate::wire::get(visitor.at("/operator/connections")).await.body;
    let good = r#"{"customer":"Acme"}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "text/json",
    ] {
        let found = visitor
            .operator(Method::POST, INVITATIONS, &[("content-type", kind)], good)
            .await;
        is_problem(&found, 415, "not_json", kind);
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"customer\":\"A\"}x",
        "{\"customer\":\"A\",\"customer\":\"B\"}",
        "{'customer':'A'}",
    ] {
        is_problem(
            &visitor.operator(Method::POST, INVITATIONS, JSON, body).await,
            400,
            "malformed",
            body,
        );
    }
    is_problem(
        &visitor
            .operator(Method::POST, INVITATIONS, JSON, b"{\"customer\":\"\xff\"}".to_vec())
            .await,
        400,
        "malformed",
        "bytes",
    );
    let deep = format!("{{\"customer\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    is_problem(
        &visitor.operator(Method::POST, INVITATIONS, JSON, deep).await,
        400,
        "malformed",
        "deep",
    );
    let long = json!({ "customer": "x".repeat(16 * 1024) }).to_string();
    is_problem(
        &visitor.operator(Method::POST, INVITATIONS, JSON, long).await,
        413,
        "too_long",
        "long",
    );
    assert_eq!(
        crate::wire::get(visitor.at("/operator/connections")).await.body,
        before,
        "nothing was made"
    );
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_done_is_said() {
    let visitor = Visitor::open().await;
    let unknown = "0".repeat(20);
    for id in [unknown.as_str(), "x", "%00", "%2e%2e%2f", &"a".repeat(3000)] {
        let path = format!("/operator/connections/{id}");
        is_problem(
            &visitor.operator(Method::GET, &path, &[], "").await,
            404,
            "no_connection",
            id,
        );
        is_problem(
            &visitor
                .operator(Method::POST, &format!("{path}/revoke"), JSON, "")
                .await,
            404,
            "no_connection",
            id,
        );
    }
    let again = json!({ "customer": "Acme", "connection": unknown }).to_string();
    is_problem(
        &visitor.operator(Method::POST, INVITATIONS, JSON, again).await,
        404,
        "no_connection",
        "invite again",
    );
    for path in [
        "/operator",
        "/operator/",
        "/operator/nothing",
        "/operator/connections/x/y/z",
    ] {
        is_problem(
            &visitor.operator(Method::GET, path, &[], "").await,
            404,
            "not_found",
            path,
        );
    }
    let one = format!("/operator/connections/{}", visitor.id);
    let revoke = format!("{one}/revoke");
    for (path, method) in [
        (INVITATIONS, Method::GET),
        (INVITATIONS, Method::DELETE),
        ("/operator/connections", Method::POST),
        (&one, Method::PUT),
        (&one, Method::PATCH),
        (&revoke, Method::GET),
        (&revoke, Method::PUT),
    ] {
        is_problem(
            &visitor.operator(method, path, JSON, "{}").await,
            405,
            "method_not_allowed",
            path,
        );
    }
    assert_eq!(visitor.get("/setup").await.status, 200, "none of it revoked anything");
}

#[tokio::test]
async fn a_link_is_shown_once() {
    let visitor = Visitor::open().await;
    let found = visitor
        .operator(Method::POST, INVITATIONS, JSON, r#"{"customer":"Acme"}"#)
        .await;
    assert_eq!(found.0.status, 201);
    let (secret, id) = (
        found.1["invitation"].as_str().unwrap(),
        found.1["connection"].as_str().unwrap(),
    );
    assert!(secret.len() >= 22, "128 bits and more");
    assert_eq!(found.1["link"], format!("{}setup/{secret}", visitor.stack.url));
    for path in [
        "/operator/connections".to_owned(),
        format!("/operator/connections/{id}"),
    ] {
        let (answer, _) = visitor.operator(Method::GET, &path, &[], "").await;
        assert!(!answer.body.contains(secret), "{path}");
    }
}
