//! The two request parameters as secrets, for comparing in memory.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::super::parameter::{Row, Slot};
use super::{CODE_CHALLENGE, CODE_IDENTIFIER, is_blank};
use crate::secret::{ClientSecret, CodeChallenge, CodeIdentifier, Sensitive};

/// The pair that the rows should hold. `Debug` shows neither.
#[derive(Debug, Clone)]
pub struct RequestPair {
    /// Value of the row `code_identifier`.
    pub code_identifier: CodeIdentifier,
    /// Value of the row `code_challenge`.
    pub code_challenge: CodeChallenge,
}

/// The pair that the org sends, as far as its rows hold one. Never stored; `Debug` shows neither value.
#[derive(Debug, Clone)]
pub struct PairInOrg {
    identifier: Option<CodeIdentifier>,
    challenge: Option<CodeChallenge>,
}

impl PairInOrg {
    pub(super) fn read(rows: &[Row]) -> Self {
        Self {
            identifier: only_value(rows, &CODE_IDENTIFIER).map(CodeIdentifier::new),
            challenge: only_value(rows, &CODE_CHALLENGE).map(CodeChallenge::new),
        }
    }

    /// Whether the challenge was made from the identifier and this secret: hex(SHA-256(identifier + secret)), which is
    /// what Akeneo will check (facts/salesforce 0, decision 3).
    #[must_use]
    pub fn proves(&self, secret: &ClientSecret) -> bool {
        let (Some(identifier), Some(challenge)) = (&self.identifier, &self.challenge) else {
            return false;
        };
        let mut hash = Sha256::new();
        hash.update(identifier.expose().as_bytes());
        hash.update(secret.expose().as_bytes());
        same(&hex::encode(hash.finalize()), challenge.expose())
    }

    /// Whether it is exactly this pair.
    #[must_use]
    pub fn is(&self, pair: &RequestPair) -> bool {
        self.has_identifier(&pair.code_identifier) && self.has_challenge(&pair.code_challenge)
    }

    pub(super) fn has_identifier(&self, expect: &CodeIdentifier) -> bool {
        self.identifier
            .as_ref()
            .is_some_and(|value| same(value.expose(), expect.expose()))
    }

    pub(super) fn has_challenge(&self, expect: &CodeChallenge) -> bool {
        self.challenge
            .as_ref()
            .is_some_and(|value| same(value.expose(), expect.expose()))
    }
}

/// The value of a slot whose rows all say the same. Rows that contradict each other say nothing.
fn only_value(rows: &[Row], slot: &Slot) -> Option<String> {
    let mut found = rows.iter().filter(|row| slot.takes(row));
    let first = found.next().filter(|row| !is_blank(row))?.value()?;
    found.all(|row| row.value() == Some(first)).then(|| first.to_owned())
}

fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pair(rows: &[(&str, &str)]) -> PairInOrg {
        let rows: Vec<Row> = rows
            .iter()
            .map(|(name, value)| {
                let row = json!({"parameterName": name, "parameterType": "TokenRequestBodyParameter", "parameterValue": value});
                serde_json::from_value(row).unwrap()
            })
            .collect();
        PairInOrg::read(&rows)
    }

    /// printf '%s' '3f2a90c4d5e6b7a8091a2b3c4d5e6f70nDYbJo8X48fL' | sha256sum
    const CHALLENGE: &str = "0a79bd0946b8458854202d7b0ccd2fc1f15dd388c437020b846c7eeef57fc9c1";
    const IDENTIFIER: &str = "3f2a90c4d5e6b7a8091a2b3c4d5e6f70";

    #[test]
    fn a_pair_proves_its_secret() {
        let pair = pair(&[("code_identifier", IDENTIFIER), ("code_challenge", CHALLENGE)]);
        assert!(pair.proves(&ClientSecret::new("nDYbJo8X48fL")));
        assert!(!pair.proves(&ClientSecret::new("nDYbJo8X48fM")));
        let expect = |identifier: &str, challenge: &str| {
            pair.is(&RequestPair {
                code_identifier: CodeIdentifier::new(identifier),
                code_challenge: CodeChallenge::new(challenge),
            })
        };
        assert!(expect(IDENTIFIER, CHALLENGE) && !expect(CHALLENGE, IDENTIFIER) && !expect(IDENTIFIER, ""));
        assert!(!format!("{pair:?}").contains("3f2a"));
    }

    #[test]
    fn a_pair_with_holes_or_contradictions_proves_nothing() {
        let secret = ClientSecret::new("nDYbJo8X48fL");
        for rows in [
            &[][..],
            &[("code_identifier", IDENTIFIER)],
            &[
                ("code_identifier", "SET_DURING_AKENEO_SETUP"),
                ("code_challenge", CHALLENGE),
            ],
            &[
                ("code_identifier", IDENTIFIER),
                ("code_identifier", "other"),
                ("code_challenge", CHALLENGE),
            ],
        ] {
            assert!(!pair(rows).proves(&secret), "{rows:?}");
        }
        assert!(
            pair(&[
                ("code_challenge", CHALLENGE),
                ("code_identifier", IDENTIFIER),
                ("code_identifier", IDENTIFIER)
            ])
            .proves(&secret)
        );
    }
}
