//! What has to be kept in step in two places: entrances, fuzz targets and properties; decisions and dates. (Routes are in
//! `tests/template`.)

use std::collections::BTreeSet;

use connector_tests::entrances;

use super::source::{files, read, root};

#[test]
fn every_entrance_is_fuzzed_and_tested() {
    let names: BTreeSet<_> = entrances::NAMES.into_iter().map(str::to_owned).collect();
    let targets: BTreeSet<_> = files()
        .into_iter()
        .filter_map(|file| {
            Some(
                file.path
                    .strip_prefix("tests/fuzz/fuzz_targets/")?
                    .trim_end_matches(".rs")
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(names, targets);
    let manifest = read("tests/fuzz/Cargo.toml");
    let readme = read("tests/fuzz/README.md");
    for name in &names {
        assert!(
            manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
    assert!(readme.contains("RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz"));
    let properties: String = super::source::rust(&["tests/integration/robustness/"])
        .into_iter()
        .map(|file| file.text)
        .collect();
    for name in &names {
        let called = if name == "upstream" {
            "answer_with("
        } else {
            &format!("{name}(")
        };
        assert!(properties.contains(called), "no property of {name}");
    }
}

#[test]
fn decisions_are_dated() {
    let folder = root().join("infra/decisions");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let dated = name.len() > 14
            && name.as_bytes()[..10]
                .iter()
                .all(|byte| byte.is_ascii_digit() || *byte == b'-');
        assert!(dated || name == "README.md", "{name}");
    }
}
