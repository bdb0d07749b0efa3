//! The PIM's base URL: what a person types becomes one normal form, or a fault with a remedy.
//!
//! The normal form is an origin, `scheme://host[:port]`, without a trailing slash; two PIM URLs are equal when their
//! origins are. What is unambiguous is put right in silence (blanks, quotes, a missing scheme, capitals, a trailing slash
//! or dot); what would change the meaning is told to the person with the address that was probably meant. Pure: whether a
//! PIM answers there is for [`recognise`](fn@super::recognise) to find out. A fault never repeats what was typed.

mod fault;
mod typed;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

pub use self::fault::PimUrlFault;
use crate::outbound::Permit;

/// The base URL of a PIM in its normal form (facts/akeneo 2 and 8).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PimUrl(Url);

impl PimUrl {
    /// Reads what a person typed or pasted (facts/akeneo 8).
    ///
    /// # Errors
    /// [`PimUrlFault`], with its remedy.
    pub fn parse(typed: &str, permit: &Permit) -> Result<Self, PimUrlFault> {
        typed::read(typed, permit)
    }

    /// The URL of `path` at this PIM. The path replaces nothing but the path: it cannot lead to another host.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The host, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether the host is one of Akeneo's own cloud; any other wants an explicit confirmation (facts/akeneo 8).
    #[must_use]
    pub fn is_akeneo_cloud(&self) -> bool {
        self.host().ends_with(".cloud.akeneo.com")
    }

    /// Reads a stored normal form. Whether the origin may be called is judged again at each call.
    fn stored(text: &str) -> Option<Self> {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())?;
        let base = Self(url);
        (base.as_str() == text && base.0.path() == "/" && !text.contains(['?', '#', '@'])).then_some(base)
    }
}

impl fmt::Debug for PimUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PimUrl({self})")
    }
}

impl fmt::Display for PimUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PimUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PimUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::stored(&text).ok_or_else(|| serde::de::Error::custom("not the normal form of a PIM URL"))
    }
}

#[cfg(test)]
mod tests;
