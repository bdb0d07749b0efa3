//! What goes wrong, in words and by exit code.

use connector_local::stack::{Options, Stack};

use super::program::{unsigned, with};

const NOBODY: &str = "00000000000000000000";

#[tokio::test]
async fn refusals_are_told_and_have_their_exit_codes() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let endpoint = stack.url.to_string();
    let check = async |arguments: &[&str], code: i32, words: &str| {
        let ended = unsigned(&endpoint, arguments).await;
        assert_eq!(
            (ended.code, ended.said.as_str()),
            (code, ""),
            "{arguments:?}: {ended:?}"
        );
        assert!(ended.complaint.contains(words), "{arguments:?}: {}", ended.complaint);
    };
    check(
        &["show", NOBODY],
        3,
        "there is no connection with this id [404, no_connection, reference ",
    )
    .await;
    check(&["check", NOBODY], 3, "[404, no_connection").await;
    check(
        &["list", "--stage", "nowhere"],
        3,
        "stage: \"nowhere\" is none of its values",
    )
    .await;
    check(&["audit", "--since", "yesterday"], 3, "since is an instant").await;
    check(&["show", "../connections"], 2, "20 hex digits").await;
    check(&["terms", NOBODY], 2, "required").await;
    check(&["invite", "Acme", "--expires-in-days", "91"], 2, "1..=90").await;
    stack.stop().await;
    check(&["list"], 1, "did not answer").await;
}

#[tokio::test]
async fn nothing_is_signed_for_the_wrong_place() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-the-test"),
        ("AWS_REGION", "eu-central-1"),
    ];
    let check = async |variables: &[(&str, &str)], endpoint: &[&str], code: i32, words: &str| {
        let ended = with(variables, &[endpoint, &["list"]].concat()).await;
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.complaint.contains(words), "{}", ended.complaint);
        assert!(!ended.complaint.contains("secret-of-the-test"));
    };
    let here = ["--endpoint", "http://127.0.0.1:9"];
    check(&keys, &["--endpoint", "http://connect.example.com"], 2, "is not https").await;
    check(
        &keys,
        &["--endpoint", "https://connect.example.com/operator"],
        2,
        "without a path",
    )
    .await;
    check(&keys, &[], 2, "no endpoint").await;
    check(&keys[..2], &here, 2, "no AWS region").await;
    check(&keys[2..], &here, 4, "no AWS credentials").await;
    check(&keys, &here, 1, "did not answer").await;
}

#[tokio::test]
async fn help_and_completions_need_no_endpoint() {
    let help = with(&[], &["--help"]).await;
    assert_eq!(help.code, 0);
    for word in ["invite", "revoke-all", "Exit codes", "--unsigned"] {
        assert!(help.said.contains(word), "{word}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = with(&[], &["completions", shell]).await;
        assert!(
            script.code == 0 && script.said.contains("revoke-all"),
            "{shell}: {script:?}"
        );
    }
}
