//! What takes several requests: pages, and the command that ends everything.

use super::program::{Ended, unsigned};
use super::server::{Answer, serve};

/// How the program ended, and what it asked for.
async fn run(answers: &'static [Answer], arguments: &[&str]) -> (Ended, Vec<String>) {
    let (endpoint, served) = serve(answers);
    let ended = unsigned(&endpoint, arguments).await;
    let arrived = served.join().unwrap();
    let asked = arrived
        .iter()
        .map(|arrived| format!("{} {}", arrived.method, arrived.target));
    (ended, asked.collect())
}

#[tokio::test]
async fn lists_are_followed_to_the_end() {
    const PAGES: &[Answer] = &[
        (
            "200 OK",
            r#"{"connections": [{"customer": "A"}], "found": 2, "next_cursor": "aa"}"#,
        ),
        (
            "200 OK",
            r#"{"connections": [{"customer": "B"}], "found": 2, "next_cursor": null}"#,
        ),
    ];
    let (ended, asked) = run(PAGES, &["--json", "list", "--limit", "9"]).await;
    let whole = ended.json();
    assert_eq!(
        (&whole["connections"][1]["customer"], &whole["found"]),
        (&"B".into(), &2.into())
    );
    let paths = [
        "GET /operator/connections?limit=9",
        "GET /operator/connections?limit=8&cursor=aa",
    ];
    assert_eq!(asked, paths);
}

#[tokio::test]
async fn an_export_has_one_heading() {
    const PAGES: &[Answer] = &[
        ("200 OK\r\nNext-Cursor: aa", "at,event\r\n1,a\r\n"),
        ("200 OK", "at,event\r\n2,\"b\r\nb\"\r\n"),
    ];
    let (ended, asked) = run(PAGES, &["audit"]).await;
    assert_eq!(
        (ended.code, ended.said.as_str()),
        (0, "at,event\r\n1,a\r\n2,\"b\r\nb\"\r\n")
    );
    assert_eq!(asked[1], "GET /operator/audit?format=csv&limit=5000&cursor=aa");
}

#[tokio::test]
async fn everything_is_revoked_call_by_call_and_a_failure_says_how_far_it_came() {
    const DONE: &[Answer] = &[
        (
            "200 OK",
            r#"{"revoked": 700, "looked_at": 700, "remaining": 50, "next_cursor": "aa"}"#,
        ),
        // All of these were revoked before: it goes on nevertheless.
        (
            "200 OK",
            r#"{"revoked": 0, "looked_at": 500, "remaining": 1, "next_cursor": "bb"}"#,
        ),
        (
            "200 OK",
            r#"{"revoked": 50, "looked_at": 60, "remaining": 0, "next_cursor": null}"#,
        ),
    ];
    let words = ["revoke-all", "--yes", "REVOKE-ALL"];
    let (endpoint, served) = serve(DONE);
    let ended = unsigned(&endpoint, &words).await;
    let bodies = served.join().unwrap();
    let bodies: Vec<serde_json::Value> = bodies
        .iter()
        .map(|arrived| serde_json::from_slice(&arrived.body).unwrap())
        .collect();
    let cursors: Vec<_> = bodies.iter().map(|body| body["cursor"].as_str()).collect();
    assert_eq!(cursors, [None, Some("aa"), Some("bb")]);
    assert_eq!(
        (ended.code, ended.said.as_str()),
        (0, "750 connections revoked, none remain\n")
    );
    assert_eq!(
        ended.complaint.lines().next(),
        Some("700 connections revoked, going on")
    );

    const FAILS: &[Answer] = &[
        ("200 OK", r#"{"revoked": 700, "remaining": 50, "next_cursor": "aa"}"#),
        (
            "503 Service Unavailable",
            r#"{"detail": "a store did not answer; try again", "code": "unavailable"}"#,
        ),
    ];
    let (ended, _) = run(FAILS, &words).await;
    assert_eq!((ended.code, ended.said.as_str()), (1, ""));
    assert!(
        ended
            .complaint
            .contains("700 connections were revoked, then: a store did not answer"),
        "{ended:?}"
    );

    const STUCK: &[Answer] = &[("200 OK", r#"{"revoked": 0, "remaining": 50}"#)];
    let (ended, _) = run(STUCK, &words).await;
    assert_eq!(ended.code, 1);
    assert!(
        ended.complaint.contains("50 connections could not be revoked"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn what_people_wrote_does_not_drive_the_terminal() {
    const ROWS: &[Answer] = &[(
        "200 OK",
        r#"{"connections": [{"customer": "A\u001b[2J\u009b"}], "found": 1, "next_cursor": null}"#,
    )];
    let (ended, _) = run(ROWS, &["list"]).await;
    assert!(ended.said.contains("A\u{fffd}[2J\u{fffd}"), "{ended:?}");
    assert!(!ended.said.contains(['\u{1b}', '\u{9b}']));
}
