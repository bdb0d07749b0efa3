//! Parameter rows: the lists of (type, name, value, sequence) inside the packaged records, and how values get into them.
//!
//! One rule for all: keep every row, set the value of the rows that match on type and name, and append a row only where
//! none matches (facts/salesforce 3.1, "Rule"). Rows stay as the org sent them, unknown keys included, because a write
//! replaces the whole list. Values may be secret-equivalent, so `Debug` shows types and names only.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One row as the org sent it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Row(Map<String, Value>);

/// Which rows a value is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// `parameterType`.
    pub(super) kind: &'static str,
    /// `parameterName`.
    pub(super) name: &'static str,
    /// Whether the type alone decides, as for URLs, of which there is one.
    pub(super) by_kind: bool,
    /// Whether rows of this type are numbered.
    pub(super) numbered: bool,
}

impl Slot {
    /// A row of which there is one by its type, such as `TokenUrl`.
    pub(super) const fn single(kind: &'static str) -> Self {
        Self {
            kind,
            name: kind,
            by_kind: true,
            numbered: false,
        }
    }

    /// A parameter that Salesforce puts into the body of its token request.
    pub(super) const fn token_body(name: &'static str) -> Self {
        Self {
            kind: "TokenRequestBodyParameter",
            name,
            by_kind: false,
            numbered: true,
        }
    }

    /// A parameter that Salesforce puts into the query of its authorization request.
    pub(super) const fn authorize_query(name: &'static str) -> Self {
        Self {
            kind: "AuthorizeRequestQueryParameter",
            ..Self::token_body(name)
        }
    }

    /// Whether a row is one of those.
    pub(super) fn takes(&self, row: &Row) -> bool {
        row.kind() == self.kind && (self.by_kind || row.name() == self.name)
    }
}

impl Row {
    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// `parameterType`.
    pub(super) fn kind(&self) -> &str {
        self.text("parameterType")
    }

    /// `parameterName`.
    pub(super) fn name(&self) -> &str {
        self.text("parameterName")
    }

    /// `parameterValue`, if it is there and not null.
    pub(super) fn value(&self) -> Option<&str> {
        self.0.get("parameterValue").and_then(Value::as_str)
    }

    /// `sequenceNumber`.
    pub(super) fn sequence(&self) -> Option<i64> {
        self.0.get("sequenceNumber").and_then(Value::as_i64)
    }

    fn new(slot: &Slot, value: &str, sequence: Option<i64>) -> Self {
        let mut row = Map::new();
        row.insert("parameterName".to_owned(), json!(slot.name));
        row.insert("parameterType".to_owned(), json!(slot.kind));
        row.insert("parameterValue".to_owned(), json!(value));
        if let Some(sequence) = sequence {
            row.insert("sequenceNumber".to_owned(), json!(sequence));
        }
        Self(row)
    }

    /// The row with only the keys that Connect accepts (facts/salesforce 3.1): a strict parser refuses any other.
    pub(super) fn for_connect(&self) -> Self {
        let keys = ["parameterName", "parameterType", "parameterValue", "sequenceNumber"];
        let is_kept = |key: &str, value: &Value| keys.contains(&key) && !(key == "sequenceNumber" && value.is_null());
        Self(
            self.0
                .iter()
                .filter(|(key, value)| is_kept(key, value))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({} {})", self.kind(), self.name())
    }
}

/// Puts a value into its slot.
pub(super) fn set(rows: &mut Vec<Row>, slot: &Slot, value: &str) {
    let mut found = false;
    for row in rows.iter_mut().filter(|row| slot.takes(row)) {
        row.0.insert("parameterValue".to_owned(), json!(value));
        found = true;
    }
    if !found {
        let last = rows.iter().filter_map(Row::sequence).max().unwrap_or(0);
        rows.push(Row::new(slot, value, slot.numbered.then_some(last.saturating_add(1))));
    }
}

/// Whether the rows outside `slots` are the same in both lists, whatever their order and numbers, which are the org's to change.
pub(super) fn same_elsewhere<'a>(
    before: impl Iterator<Item = &'a Row>,
    after: impl Iterator<Item = &'a Row>,
    slots: &[Slot],
) -> bool {
    let is_outside = |row: &&Row| !slots.iter().any(|slot| slot.takes(row));
    let key = |row: &'a Row| (row.kind(), row.name(), row.value());
    let mut before: Vec<_> = before.filter(is_outside).map(key).collect();
    let mut after: Vec<_> = after.filter(is_outside).map(key).collect();
    before.sort_unstable();
    after.sort_unstable();
    before == after
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IDENTIFIER: Slot = Slot::token_body("code_identifier");
    const CHALLENGE: Slot = Slot::token_body("code_challenge");
    const TOKEN_URL: Slot = Slot::single("TokenUrl");

    fn row(kind: &str, name: Value, value: &str, sequence: Option<i64>) -> Row {
        serde_json::from_value(json!({"description": null, "parameterName": name, "parameterType": kind, "parameterValue": value, "sequenceNumber": sequence})).unwrap()
    }

    fn brief(rows: &[Row]) -> Vec<String> {
        rows.iter()
            .map(|row| {
                format!(
                    "{} {} {} {:?}",
                    row.kind(),
                    row.name(),
                    row.value().unwrap_or("-"),
                    row.sequence()
                )
            })
            .collect()
    }

    /// The fork writes `CustomParameter` rows, and its match ignores the name, so that a second body parameter
    /// overwrites the first (facts/salesforce 15.1, "Fork defects").
    #[test]
    fn two_body_parameters_stay_two() {
        let mut rows = vec![
            row("TokenUrl", Value::Null, "https://old/token", None),
            row(
                "TokenRequestBodyParameter",
                json!("code_identifier"),
                "SET_DURING_AKENEO_SETUP",
                Some(1),
            ),
            row(
                "TokenRequestBodyParameter",
                json!("code_challenge"),
                "SET_DURING_AKENEO_SETUP",
                Some(2),
            ),
            row(
                "AuthorizeRequestQueryParameter",
                json!("code_identifier"),
                "other",
                Some(7),
            ),
        ];
        set(&mut rows, &IDENTIFIER, "i");
        set(&mut rows, &CHALLENGE, "c");
        set(&mut rows, &TOKEN_URL, "https://new/token");
        assert_eq!(
            brief(&rows),
            [
                "TokenUrl  https://new/token None",
                "TokenRequestBodyParameter code_identifier i Some(1)",
                "TokenRequestBodyParameter code_challenge c Some(2)",
                "AuthorizeRequestQueryParameter code_identifier other Some(7)",
            ]
        );
    }

    #[test]
    fn a_missing_row_is_appended_once_with_the_next_number() {
        let mut rows = vec![row("TokenRequestBodyParameter", json!("code_identifier"), "x", Some(4))];
        for _ in 0..2 {
            set(&mut rows, &CHALLENGE, "c");
            set(&mut rows, &TOKEN_URL, "u");
        }
        assert_eq!(
            brief(&rows)[1..],
            [
                "TokenRequestBodyParameter code_challenge c Some(5)".to_owned(),
                "TokenUrl TokenUrl u None".to_owned()
            ]
        );
    }

    #[test]
    fn connect_gets_the_keys_that_it_knows() {
        let full = row("IdentityProviderOptions", json!("x"), "3f2a", None);
        assert_eq!(
            serde_json::to_value(full.for_connect()).unwrap(),
            json!({"parameterName": "x", "parameterType": "IdentityProviderOptions", "parameterValue": "3f2a"})
        );
        assert!(!format!("{full:?}").contains("3f2a"));
    }

    fn any_row() -> impl Strategy<Value = Row> {
        let kind = prop::sample::select(vec![
            "TokenRequestBodyParameter",
            "AuthorizeRequestQueryParameter",
            "TokenUrl",
            "HttpHeader",
            "Future",
        ]);
        let name = prop::sample::select(vec![
            json!("code_identifier"),
            json!("code_challenge"),
            json!("scope"),
            Value::Null,
        ]);
        (kind, name, "[a-z]{0,3}", prop::option::of(0_i64..9))
            .prop_map(|(kind, name, value, sequence)| row(kind, name, &value, sequence))
    }

    proptest! {
        #[test]
        fn no_row_is_lost_or_doubled(before in prop::collection::vec(any_row(), 0..8)) {
            let slots = [IDENTIFIER, CHALLENGE, TOKEN_URL];
            let mut after = before.clone();
            for slot in &slots {
                set(&mut after, slot, "NEW");
            }
            let absent = slots.iter().filter(|slot| !before.iter().any(|row| slot.takes(row))).count();
            prop_assert_eq!(after.len(), before.len() + absent);
            for (old, new) in before.iter().zip(&after) {
                let expect = if slots.iter().any(|slot| slot.takes(old)) { Some("NEW") } else { old.value() };
                prop_assert_eq!((old.kind(), old.name(), old.sequence(), expect), (new.kind(), new.name(), new.sequence(), new.value()));
            }
            for slot in &slots {
                prop_assert!(after.iter().any(|row| slot.takes(row)));
            }
            prop_assert!(same_elsewhere(before.iter(), after.iter(), &slots));
            let mut again = after.clone();
            for slot in &slots {
                set(&mut again, slot, "NEW");
            }
            prop_assert_eq!(again, after);
        }

        #[test]
        fn a_change_elsewhere_is_seen(before in prop::collection::vec(any_row(), 1..6), at in 0_usize..6) {
            let slots = [IDENTIFIER, CHALLENGE, TOKEN_URL];
            let at = at % before.len();
            let mut changed = before.clone();
            changed[at].0.insert("parameterValue".to_owned(), json!("CHANGED"));
            let inside = slots.iter().any(|slot| slot.takes(&before[at]));
            prop_assert_eq!(same_elsewhere(before.iter(), changed.iter(), &slots), inside);
            let lost: Vec<Row> = before.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, row)| row.clone()).collect();
            prop_assert_eq!(same_elsewhere(before.iter(), lost.iter(), &slots), inside);
        }
    }
}
