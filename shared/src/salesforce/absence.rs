//! `null` and an absent key mean the same in Salesforce's answers: whether one or the other comes is not known
//! (facts/salesforce 2.2, 14.3). `Option` takes both by itself; this is for values that have a default.
//!
//! It is for what an answer may lack. What an answer cannot do without stays required.

use serde::{Deserialize, Deserializer};

/// The value, or its default where there is `null`; `#[serde(default)]` beside it does the same for an absent key.
///
/// # Errors
/// For a value of another type.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(input: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(input)?.unwrap_or_default())
}
