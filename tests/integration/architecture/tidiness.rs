//! What keeps the code readable: short files, a word at the top of each, warnings that stay on, nothing of one machine.

use super::source::{File, files, read, rust};

/// A file reads in one sitting.
const LONGEST: usize = 400;
/// What people write; lock files and templates have no author's length.
const WRITTEN: [&str; 7] = [".rs", ".py", ".mjs", ".js", ".css", ".html", ".sh"];

fn members() -> Vec<File> {
    let mut found = files();
    found.retain(|file| file.path.ends_with("/Cargo.toml") && !file.path.starts_with("tests/fuzz/"));
    found
}

#[test]
fn no_file_is_long() {
    let long = files()
        .into_iter()
        .filter(|file| WRITTEN.iter().any(|end| file.path.ends_with(end)));
    let long: Vec<_> = long
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "over {LONGEST} lines: {long:?}");
}

#[test]
fn the_median_file_is_short() {
    let mut lengths: Vec<_> = rust(&["shared/src", "functions/"])
        .iter()
        .map(|file| file.text.lines().count())
        .collect();
    lengths.sort_unstable();
    assert!(
        lengths[lengths.len() / 2] <= 140,
        "the median is {}",
        lengths[lengths.len() / 2]
    );
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = rust(&[""])
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "no `//!` in the first line: {silent:?}");
}

#[test]
fn rooms_are_named_for_the_field() {
    const EMPTY_WORDS: [&str; 8] = [
        "utils",
        "util",
        "common",
        "helpers",
        "helper",
        "types",
        "misc",
        "shared_types",
    ];
    for file in rust(&[""]) {
        let named = file
            .path
            .trim_end_matches(".rs")
            .split('/')
            .any(|part| EMPTY_WORDS.contains(&part));
        assert!(!named, "{}", file.path);
    }
}

#[test]
fn warnings_stay_on() {
    let manifest = read("Cargo.toml");
    for lint in [
        "unwrap_used",
        "expect_used",
        "panic",
        "todo",
        "dbg_macro",
        "print_stdout",
        "print_stderr",
        "allow_attributes",
        "await_holding_lock",
    ] {
        assert!(manifest.contains(&format!("\n{lint} = \"warn\"")), "{lint}");
    }
    assert!(manifest.contains("unsafe_code = \"forbid\"") && manifest.contains("missing_docs = \"warn\""));
    for member in members() {
        assert!(member.text.contains("[lints]\nworkspace = true"), "{}", member.path);
    }
    assert!(
        read("tests/run").contains("clippy --workspace --all-targets --locked -- -D warnings"),
        "warnings are errors"
    );
    let law = read(".clippy.toml");
    for method in [
        "SystemTime::now",
        "Instant::now",
        "jiff::Timestamp::now",
        "rand::rng",
        "std::env::var",
        "reqwest::Client::new",
    ] {
        assert!(law.contains(method), "{method} is disallowed outside its room");
    }
}

#[test]
fn warnings_are_not_switched_off() {
    let switch = ["#[", "allow("].concat();
    let inner = ["#![", "allow("].concat();
    for file in rust(&[""]) {
        let found = file
            .text
            .lines()
            .find(|line| line.trim_start().starts_with(&switch) || line.trim_start().starts_with(&inner));
        assert_eq!(found, None, "{}: #[expect] with a reason", file.path);
    }
}

/// Everybody's files: no path of the machine they were written on, no host of a package registry.
#[test]
fn nothing_belongs_to_one_machine() {
    let paths = ["work", "tmp", "root", "home", "Users"].map(|top| ["/", top, "/"].concat());
    let hosts = [
        ["crates", ".io"],
        ["npmjs", ".org"],
        ["npmjs", ".com"],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
    ]
    .map(|parts| parts.concat());
    for file in files().into_iter().filter(|file| !file.path.ends_with("Cargo.lock")) {
        for line in file.text.lines() {
            let path = paths
                .iter()
                .find(|path| line.split(path.as_str()).skip(1).any(|_| begins_a_path(line, path)));
            assert_eq!(path, None, "{}: {line}", file.path);
            let host = hosts.iter().find(|host| line.contains(host.as_str()));
            assert_eq!(host, None, "{}: {line}", file.path);
        }
    }
}

/// Whether the folder stands at the top: after the beginning, a blank, a quote, an equals sign or a bracket.
fn begins_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || "\"'`=(:".contains(before))
    })
}

#[test]
fn only_the_lock_file_names_sources() {
    for lock in ["Cargo.lock", "tests/fuzz/Cargo.lock"] {
        let text = read(lock);
        let from: Vec<_> = text.lines().filter(|line| line.starts_with("source = ")).collect();
        assert!(
            from.iter().all(|line| line.starts_with("source = \"registry+")),
            "{lock}: a dependency from a repository"
        );
        assert!(!from.is_empty());
    }
}

#[test]
fn the_demo_and_the_test_command_are_there() {
    assert!(read(".cargo/config.toml").contains("demo = \"run --package connector-local --bin demo\""));
    assert!(read(".ci/run").contains("exec tests/run"));
    assert!(read("README.md").contains("cargo demo") && read("README.md").contains("tests/run"));
}
