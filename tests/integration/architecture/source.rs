//! The repository's files, and of Rust files the part that ships: without comments and without tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are made, not written.
const MADE: [&str; 11] = [
    ".git",
    ".tools",
    ".demo",
    ".aws-sam",
    ".pytest_cache",
    "__pycache__",
    "node_modules",
    "target",
    "corpus",
    "artifacts",
    "coverage",
];

/// A file of the repository.
pub(super) struct File {
    /// Its path from the top, with slashes.
    pub(super) path: String,
    /// Its text; empty if it is not text.
    pub(super) text: String,
}

/// The top of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The text of one file.
pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files that somebody wrote.
pub(super) fn files() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    assert!(found.len() > 300, "the repository is here");
    found
}

fn walk(folder: &Path, found: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !MADE.contains(&name.as_str()) {
                walk(&path, found);
            }
        } else {
            let short = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(File {
                path: short,
                text: fs::read_to_string(&path).unwrap_or_default(),
            });
        }
    }
}

/// The Rust files below these folders.
pub(super) fn rust(below: &[&str]) -> Vec<File> {
    let mut found = files();
    found.retain(|file| file.path.ends_with(".rs") && below.iter().any(|folder| file.path.starts_with(folder)));
    assert!(!found.is_empty(), "there is code below {below:?}");
    found
}

/// What ships of the Rust files below these folders: files and items that only tests see are left out, comments too.
pub(super) fn shipped(below: &[&str]) -> Vec<File> {
    let all = rust(below);
    let tests = test_modules(&all);
    let ships =
        |file: &&File| !file.path.contains("/tests/") && !tests.iter().any(|test| is_or_is_in(&file.path, test));
    all.iter()
        .filter(ships)
        .map(|file| File {
            path: file.path.clone(),
            text: strip(&file.text),
        })
        .collect()
}

fn is_or_is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Paths, without `.rs`, of the modules that are declared under `#[cfg(test)]`.
fn test_modules(files: &[File]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let stem = file.path.trim_end_matches(".rs");
        let folder = match stem.rsplit_once('/') {
            Some((folder, "mod" | "lib" | "main")) => folder,
            _ => stem,
        };
        let lines: Vec<_> = file.text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let name = pair[1]
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub(crate) ");
            if let Some(name) = name.strip_prefix("mod ").and_then(|name| name.strip_suffix(';')) {
                found.insert(format!("{folder}/{name}"));
            }
        }
    }
    found
}

/// Without comments and without `#[cfg(test)]` items.
fn strip(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim() == "#[cfg(test)]" {
            skip_item(&mut lines, indent);
        } else if !line.trim_start().starts_with("//") {
            kept.push_str(line.split(" // ").next().unwrap_or_default());
            kept.push('\n');
        }
    }
    kept
}

/// Skips the item that follows: to its `;`, or to the brace that closes it at the same indentation.
fn skip_item<'a>(lines: &mut impl Iterator<Item = &'a str>, indent: usize) {
    for line in lines {
        let at = line.len() - line.trim_start().len();
        if at == indent
            && (line.trim_end().ends_with([';', ',']) || line.trim() == "}" || line.trim_end().ends_with("{}"))
        {
            return;
        }
    }
}

/// Where any of the words stands in what ships below these folders, as `path: line`.
pub(super) fn places(below: &[&str], words: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in shipped(below) {
        for line in file
            .text
            .lines()
            .filter(|line| words.iter().any(|word| line.contains(word)))
        {
            found.push((file.path.clone(), line.trim().to_owned()));
        }
    }
    found
}

#[test]
fn what_only_tests_see_is_left_out() {
    let text = "//! Doc.\nfn a() {} // why\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nfn b() {\n    c();\n}\nfn d() {}\n#[cfg(test)]\nmod more {\n    fn e() {}\n}\n";
    assert_eq!(strip(text), "fn a() {}\nfn d() {}\n");
    let files = [File {
        path: "x/src/mod.rs".into(),
        text: "#[cfg(test)]\nmod bench;\nmod real;".into(),
    }];
    assert_eq!(test_modules(&files), BTreeSet::from(["x/src/bench".to_owned()]));
    assert!(is_or_is_in("x/src/bench/deep.rs", "x/src/bench") && !is_or_is_in("x/src/benches.rs", "x/src/bench"));
    let paths: Vec<_> = shipped(&["shared/src"]).into_iter().map(|file| file.path).collect();
    assert!(
        paths.iter().any(|path| path == "shared/src/redirect.rs")
            && !paths.iter().any(|path| path.contains("scripted_org"))
    );
}
