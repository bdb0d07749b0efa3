//! Record ids: 15 case-sensitive characters, or 18 with a check that survives case-folding.
//!
//! One org or user appears in both spellings (facts/salesforce 10.1, 2.4), so everything is kept in the long one and
//! may be compared as text. An id holds letters and digits only, so it is safe in a path and in a query.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is no id of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// Not 15 or 18 ASCII letters and digits.
    #[error("a record id has 15 or 18 letters and digits")]
    Shape,
    /// An id of another kind of record.
    #[error("the id belongs to another kind of record")]
    Kind,
}

/// The id of any record, in its 18-character spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(String);

impl RecordId {
    /// Reads an id; a short one gets its check characters. The check of a long one is kept as it came: the first 15
    /// characters are the identity, and the org is the judge of the rest.
    ///
    /// # Errors
    /// [`IdFault::Shape`].
    pub fn parse(text: &str) -> Result<Self, IdFault> {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(IdFault::Shape);
        }
        match text.len() {
            18 => Ok(Self(text.to_owned())),
            15 => Ok(Self(format!("{text}{}", check(text.as_bytes())))),
            _ => Err(IdFault::Shape),
        }
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 15 case-sensitive characters, as some of Salesforce's URLs want them (facts/salesforce 7).
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..15).unwrap_or(&self.0)
    }
}

/// The three check characters: for each five characters, one bit per capital letter, lowest first.
fn check(short: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    short
        .chunks(5)
        .map(|chunk| {
            let bits = chunk
                .iter()
                .rev()
                .fold(0_usize, |bits, byte| bits << 1 | usize::from(byte.is_ascii_uppercase()));
            char::from(*ALPHABET.get(bits).unwrap_or(&b'A'))
        })
        .collect()
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RecordId {
    type Error = IdFault;

    fn try_from(text: String) -> Result<Self, IdFault> {
        Self::parse(&text)
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(RecordId);

        impl $name {
            /// Reads an id and checks the prefix of its kind.
            ///
            /// # Errors
            /// [`IdFault`].
            pub fn parse(text: &str) -> Result<Self, IdFault> {
                let id = RecordId::parse(text)?;
                if id.as_str().starts_with($prefix) { Ok(Self(id)) } else { Err(IdFault::Kind) }
            }

            /// The 18 characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The id without its kind.
            #[must_use]
            pub fn record(&self) -> &RecordId {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdFault;

            fn try_from(text: String) -> Result<Self, IdFault> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    )*};
}

kinds! {
    /// An org, `00D…` (facts/salesforce 10.1).
    OrgId "00D";
    /// A user, `005…` (facts/salesforce 10.1).
    UserId "005";
    /// A principal of an External Credential, `0pu…` (facts/salesforce 6).
    PrincipalId "0pu";
    /// A package version behind an install link, `04t…` (facts/salesforce 9).
    PackageVersionId "04t";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs from Salesforce's published examples.
    #[test]
    fn short_ids_get_their_check() {
        for (short, long) in [
            ("00Dxx0000001gER", "00Dxx0000001gEREAY"),
            ("0XA4H000000TNRh", "0XA4H000000TNRhWAO"),
            ("005000000000001", "005000000000001AAA"),
            ("00D000000000001", "00D000000000001EAA"),
        ] {
            assert_eq!(RecordId::parse(short).map(String::from), Ok(long.to_owned()));
            assert_eq!(RecordId::parse(long).map(String::from), Ok(long.to_owned()));
            assert_eq!(RecordId::parse(long).unwrap().short(), short);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "00D",
            "00Dxx0000001gERE",
            "00Dxx0000001gE'",
            "00Dxx0000001gER EAY",
            "00Dxx0000001gEÄ",
        ] {
            assert_eq!(RecordId::parse(text), Err(IdFault::Shape), "{text}");
        }
        assert_eq!(OrgId::parse("005000000000001AAA"), Err(IdFault::Kind));
        assert!(serde_json::from_str::<UserId>("\"00D000000000001EAA\"").is_err());
    }
}
