//! Salesforce record ids: 15 case-sensitive characters, or 18 with a checksum that makes them safe to compare without case.
//!
//! Prefixes name the type (facts/salesforce "Vocabulary and id prefixes"). This module makes ids and compares them; it does not know
//! which records exist.

use serde::{Deserialize, Serialize};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Makes the ids of one org, each one once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Mint {
    next: u64,
}

impl Mint {
    /// Starts at a random place, so that two orgs share no id.
    pub(crate) fn new() -> Self {
        Self {
            next: rand::random_range(1_000_000_000..900_000_000_000),
        }
    }

    /// A fresh 18-character id with this three-character prefix.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        let mut rest = self.next;
        let mut digits = [b'0'; 9];
        for digit in digits.iter_mut().rev() {
            *digit = BASE62[(rest % 62) as usize];
            rest /= 62;
        }
        long_form(&format!("{prefix}Hs0{}", String::from_utf8_lossy(&digits)))
    }
}

/// Adds the three checksum characters to a 15-character id.
pub(crate) fn long_form(short: &str) -> String {
    let mut long = short.to_owned();
    for chunk in short.as_bytes().chunks(5) {
        let bits = chunk
            .iter()
            .enumerate()
            .filter(|(_, letter)| letter.is_ascii_uppercase())
            .fold(0, |bits, (position, _)| bits | (1 << position));
        long.push(char::from(CHECKSUM[bits]));
    }
    long
}

/// Whether two texts name the same record, in either length.
pub(crate) fn same(left: &str, right: &str) -> bool {
    let is_id = |text: &str| matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    left == right || (is_id(left) && is_id(right) && left.as_bytes()[..15] == right.as_bytes()[..15])
}

/// Letters and digits that nobody can guess, for tokens, codes and one-time links.
pub(crate) fn random_text(length: usize) -> String {
    (0..length)
        .map(|_| char::from(BASE62[rand::random_range(0..BASE62.len())]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{long_form, same};

    #[test]
    fn checksum_is_salesforces_own() {
        assert_eq!(&long_form("00D000000000000")[15..], "EAA");
    }

    #[test]
    fn short_and_long_forms_are_one_record() {
        assert!(same("00D000000000000", "00D000000000000EAA"));
        assert!(!same("00D000000000001", "00D000000000000EAA"));
        assert!(!same("abc", "abcd"));
    }
}
