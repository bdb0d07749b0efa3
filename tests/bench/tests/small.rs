//! The benchmark itself, with few connections: the same program, processes and claims, so that it works when somebody needs it.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::process::{Command, Stdio};

use serde_json::Value;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bench-sweep"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_claim_holds_for_a_few_connections() {
    let (code, out, err) = run(&["--connections", "60", "--broken-percent", "30", "--json"]);
    let outcome: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    let claims = outcome["claims"].as_array().unwrap();
    let failed: Vec<_> = claims.iter().filter(|claim| claim["holds"] != true).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!((code, claims.len()), (Some(0), 10));
    assert_eq!(outcome["plan"]["broken"], 18, "at least one for each way");
    let calls = |side: &str| outcome[side].as_u64().unwrap();
    assert!(
        (15..40).contains(&calls("calls_to_org")) && (6..12).contains(&calls("calls_to_pim")),
        "{outcome}"
    );
    assert_eq!(outcome["plain"]["failed"], 0);
}

#[test]
fn a_claim_that_does_not_hold_is_told_and_is_the_exit_code() {
    // Too few are broken to be broken in every way.
    let (code, out, err) = run(&["--connections", "40", "--broken-percent", "2"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(out.lines().filter(|line| line.starts_with("FAILS")).count(), 1, "{out}");
    assert!(out.contains("connections per second") && err.contains("first sweep"));
}

#[test]
fn it_says_what_it_is_for() {
    let (code, out, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    for word in ["--connections", "--latency-ms", "--json", "Ends with 1"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    assert_eq!(run(&["--connections", "3"]).0, Some(2));
}
