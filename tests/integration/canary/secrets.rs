//! All secrets of a run, collected where they are allowed to be: the two simulators' journals, the secret store, the browser's
//! cookies, the links.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use connector_local::browser::Browser;
use connector_local::stack::Stack;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::parse;

use super::searcher::Searcher;

/// Names that are secrets wherever they stand in a query, a form or a document. A PKCE challenge is public; Akeneo's is not.
const NAMES: [&str; 11] = [
    "access_token",
    "client_secret",
    "code",
    "code_identifier",
    "code_verifier",
    "invitation",
    "refresh_token",
    "session",
    "browser",
    "state",
    "token",
];

/// Secrets by what they are.
#[derive(Default)]
pub(super) struct Sack(BTreeMap<String, BTreeSet<String>>);

impl Sack {
    /// Adds one.
    pub(super) fn add(&mut self, what: &str, secret: &str) {
        if secret.len() >= 8 {
            self.0.entry(what.to_owned()).or_default().insert(secret.to_owned());
        }
    }

    fn add_pairs(&mut self, text: &str) {
        for (name, value) in parse(text.as_bytes()).filter(|(name, _)| NAMES.contains(&name.as_ref())) {
            self.add(&name, &value);
        }
    }

    /// What the two sides saw and issued.
    pub(super) fn add_sides(&mut self, stack: &Stack) {
        for request in stack.pim.control().requests() {
            for (name, value) in request.query.iter().chain(&request.form) {
                if NAMES.contains(&name.as_str()) || name == "code_challenge" {
                    self.add(name, value);
                }
            }
        }
        for token in stack.pim.control().state().live_tokens {
            self.add("token", &token.value);
        }
        for request in stack.org.control().requests() {
            self.add_pairs(&request.query);
            self.add_pairs(&request.body);
        }
    }

    /// What the secret store holds: every text in every document.
    pub(super) fn add_store(&mut self, folder: &Path) {
        let store = open(folder);
        let mut statement = store.prepare("SELECT document FROM secrets").unwrap();
        let documents: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for document in documents {
            let document: Value = serde_json::from_str(&document).unwrap();
            assert!(document.is_object(), "a document is an object");
            self.add_document(&document);
        }
    }

    /// Every text of a document, and of documents inside of it.
    fn add_document(&mut self, document: &Value) {
        for (name, value) in document.as_object().into_iter().flatten() {
            match value {
                // Which entry it is, for the connection's eyes, and a key that people see in Setup; no secrets.
                Value::String(_) if name == "generation" || name == "client_id" => {}
                Value::String(text) => self.add(name, text),
                inner => self.add_document(inner),
            }
        }
    }

    /// What a browser holds.
    pub(super) fn add_browser(&mut self, browser: &Browser, service: &Url) {
        for (cookie, what) in [("__Host-setup", "session"), ("__Host-browser", "browser")] {
            if let Some(value) = browser.cookie(service, cookie) {
                self.add(what, value);
            }
        }
    }

    /// The kinds that are here.
    pub(super) fn kinds(&self) -> BTreeSet<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Looks for all of them, but for the kinds that the place must carry.
    pub(super) fn searcher(&self, but: &[&str]) -> Searcher {
        let kinds = self.0.iter().filter(|(what, _)| !but.contains(&what.as_str()));
        Searcher::new(kinds.flat_map(|(what, all)| all.iter().map(move |secret| (what.as_str(), secret.as_str()))))
    }
}

fn open(folder: &Path) -> Connection {
    Connection::open_with_flags(folder.join("connector.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Every item of the table and everything that its stream carried, and the names of the secrets; not the secrets.
pub(super) fn items(folder: &Path) -> String {
    let store = open(folder);
    let mut text = String::new();
    for query in [
        "SELECT pk || ' ' || sk || ' ' || body FROM records",
        "SELECT pk || ' ' || sk || ' ' || body FROM changes",
        "SELECT name || ' ' || stage FROM secrets",
    ] {
        let mut statement = store.prepare(query).unwrap();
        let rows: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(!rows.is_empty(), "{query}");
        text.extend(rows.into_iter().map(|row| row + "\n"));
    }
    text
}
