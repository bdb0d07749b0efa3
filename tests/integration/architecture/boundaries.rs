//! Who may depend on whom: functions on `connector`, tests on both, nothing sideways; and what ends up in a Lambda binary.

use std::collections::BTreeSet;
use std::process::Command;

use super::source::{files, read, root};

const FUNCTIONS: [&str; 5] = [
    "setup-start",
    "oauth-callback",
    "salesforce-patch",
    "health-check",
    "operator",
];

/// The names in a manifest's tables whose heading passes.
fn dependencies(manifest: &str, heading: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in read(manifest).lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            inside = heading(name.trim_end_matches(']'));
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            found.insert(line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned());
        }
    }
    found
}

fn normal(manifest: &str) -> BTreeSet<String> {
    dependencies(manifest, |heading| heading == "dependencies")
}

fn any(manifest: &str) -> BTreeSet<String> {
    dependencies(manifest, |heading| heading.ends_with("dependencies"))
}

/// The packages of this workspace.
fn ours() -> BTreeSet<String> {
    let names = files()
        .into_iter()
        .filter(|file| file.path.ends_with("/Cargo.toml") && !file.path.starts_with("tests/fuzz"));
    let name = |text: String| {
        text.lines()
            .find_map(|line| Some(line.strip_prefix("name = \"")?.trim_end_matches('"').to_owned()))
    };
    let found: BTreeSet<_> = names.filter_map(|file| name(file.text)).collect();
    assert_eq!(found.len(), 14, "{found:?}");
    found
}

fn of_ours(all: &BTreeSet<String>) -> Vec<String> {
    all.intersection(&ours()).cloned().collect()
}

#[test]
fn functions_depend_on_the_connector_and_on_nothing_sideways() {
    for function in FUNCTIONS {
        let manifest = format!("functions/{function}/Cargo.toml");
        assert_eq!(of_ours(&any(&manifest)), ["connector"], "{function}");
    }
    assert_eq!(
        of_ours(&any("shared/Cargo.toml")),
        [""; 0],
        "the connector knows nobody"
    );
}

/// A simulator that shared code with the product would share its mistakes.
#[test]
fn simulators_know_nothing_of_the_service() {
    for side in ["akeneo", "identity", "salesforce"] {
        let all = any(&format!("tests/simulators/{side}/Cargo.toml"));
        let found = of_ours(&all);
        assert!(
            found.iter().all(|name| name.ends_with("-simulator")),
            "{side}: {found:?}"
        );
    }
}

#[test]
fn sqlite_is_off_unless_it_is_asked_for() {
    let manifest = read("shared/Cargo.toml");
    assert!(manifest.contains("default = []") && manifest.contains("embedded = [\"dep:rusqlite\"]"));
    for function in FUNCTIONS {
        assert!(
            !read(&format!("functions/{function}/Cargo.toml")).contains("embedded"),
            "{function}"
        );
    }
}

/// As cargo resolves them: neither the embedded store, nor a simulator, nor the SDK's legacy HTTP and TLS stack.
#[test]
fn lambda_binaries_hold_nothing_that_is_not_theirs() {
    for function in FUNCTIONS {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root()).args([
            "tree",
            "--offline",
            "--package",
            function,
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]);
        let output = cargo.output().unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(
            tree.contains("connector v") && tree.contains("aws-sdk-dynamodb v"),
            "a whole tree: {function}"
        );
        for banned in [
            "rusqlite v",
            "libsqlite3-sys v",
            "-simulator v",
            "axum v",
            "hyper v0.14",
            "rustls v0.21",
            "openssl-sys v",
            "proptest v",
        ] {
            assert!(!tree.contains(banned), "{function} holds {banned}");
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let table = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .unwrap();
    let rows: Vec<_> = table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.contains("path = "))
        .collect();
    assert!(rows.len() > 40, "the table was found");
    for row in rows {
        let reason = row
            .rsplit_once('#')
            .map(|(_, reason)| reason.trim())
            .unwrap_or_default();
        assert!(reason.len() > 3, "no reason: {row}");
        assert!(!row.contains("git ="), "from a repository: {row}");
    }
    for line in read("tests/fuzz/Cargo.toml")
        .split("[dependencies]")
        .nth(1)
        .unwrap()
        .lines()
        .filter(|line| line.contains("version") || line.contains("\"0"))
    {
        assert!(line.contains('#') || line.starts_with('['), "no reason: {line}");
    }
}

/// What is in the table and used nowhere is a dependency without a reason.
#[test]
fn every_dependency_is_used_by_somebody() {
    let table = dependencies("Cargo.toml", |heading| heading == "workspace.dependencies");
    let manifests = files().into_iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    let used: BTreeSet<_> = manifests.flat_map(|file| any(&file.path)).collect();
    let idle: Vec<_> = table.difference(&used).collect();
    assert!(idle.is_empty(), "in the table and used nowhere: {idle:?}");
}

#[test]
fn crates_use_only_what_their_code_names() {
    for function in FUNCTIONS {
        let mut code = String::new();
        for file in super::source::rust(&[&format!("functions/{function}/src")]) {
            code.push_str(&file.text);
        }
        for name in normal(&format!("functions/{function}/Cargo.toml")) {
            let word = name.replace('-', "_");
            assert!(
                code.contains(&word),
                "{function} depends on {name} and does not name it"
            );
        }
    }
}
