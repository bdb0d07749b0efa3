//! Every command that the documents tell people to type is one that the program understands.

use connector_local::stack::{Options, Stack};

use super::program::unsigned;

const DOCUMENTS: [&str; 3] = ["README.md", "infra/README.md", "infra/runbooks"];

/// The texts, a folder's one by one.
fn texts() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for path in DOCUMENTS.map(|path| root.join(path)) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                found.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
            }
        } else {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
    found
}

/// The arguments of each command, without those that say where the service is.
fn commands() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in texts().iter().flat_map(|text| text.lines()) {
        let Some((_, rest)) = line.split_once("cargo operator -- ") else {
            continue;
        };
        let command = rest.split(['`', '#', '>']).next().unwrap_or_default();
        let mut words = command.split_whitespace().map(|word| word.trim_matches('"')).peekable();
        let mut arguments = Vec::new();
        while let Some(word) = words.next() {
            match word {
                "--endpoint" => drop(words.next()),
                "--unsigned" => {}
                "ID" | "$CONNECTION" => arguments.push("0".repeat(20)),
                _ => arguments.push(word.to_owned()),
            }
        }
        found.push(arguments);
    }
    found
}

#[tokio::test]
async fn what_the_documents_say_is_understood() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let commands = commands();
    assert!(commands.len() >= 8, "they were found: {commands:?}");
    for command in commands {
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        let ended = unsigned(stack.url.as_str(), &words).await;
        // Done, or refused because there is no connection of that id; not: wrong.
        assert!([0, 3].contains(&ended.code), "{command:?}: {ended:?}");
    }
    stack.stop().await;
}
