//! The scopes of an app's access (facts/akeneo 6).
//!
//! The PIM drops scopes that it does not know in silence, so what it grants is compared with what was asked for, as a set.
//! Names are kept as they are: a PIM that is newer than this list may use others. Pure.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest name that is kept.
const LONGEST: usize = 100;
/// Most names that are kept; Akeneo has about fifty.
const MOST: usize = 200;

/// The name of one scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(Cow<'static, str>);

impl Scope {
    /// Products.
    pub const READ_PRODUCTS: Self = Self::named("read_products");
    /// Attributes, attribute groups, families and family variants.
    pub const READ_CATALOG_STRUCTURE: Self = Self::named("read_catalog_structure");
    /// Channels.
    pub const READ_CHANNEL_SETTINGS: Self = Self::named("read_channel_settings");
    /// Locales and currencies.
    pub const READ_CHANNEL_LOCALIZATION: Self = Self::named("read_channel_localization");
    /// Attribute options.
    pub const READ_ATTRIBUTE_OPTIONS: Self = Self::named("read_attribute_options");
    /// Categories.
    pub const READ_CATEGORIES: Self = Self::named("read_categories");
    /// The app's catalogs (SaaS only).
    pub const READ_CATALOGS: Self = Self::named("read_catalogs");
    /// Creating and changing the app's catalogs (SaaS only).
    pub const WRITE_CATALOGS: Self = Self::named("write_catalogs");
    /// Deleting the app's catalogs (SaaS only).
    pub const DELETE_CATALOGS: Self = Self::named("delete_catalogs");

    const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only a SaaS PIM has this scope; any other drops it in silence (facts/akeneo 6).
    #[must_use]
    pub fn needs_saas(&self) -> bool {
        matches!(self.as_str(), "read_catalogs" | "write_catalogs" | "delete_catalogs")
    }

    /// RFC 6749 section 3.3: printable ASCII without quotation mark and backslash.
    fn read(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        (name.len() <= LONGEST && name.bytes().all(allowed)).then(|| Self(Cow::Owned(name.to_owned())))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

/// What a person loses while a scope is missing.
#[must_use]
pub fn in_words(scope: &Scope) -> &'static str {
    match scope.as_str() {
        "read_products" => "without it no product can be transferred",
        "read_catalog_structure" => "without it attributes and families cannot be mapped",
        "read_channel_settings" => "without it the channels of the PIM cannot be listed",
        "read_channel_localization" => "without it locales and currencies cannot be listed",
        "read_attribute_options" => "without it the values of select attributes cannot be read",
        "read_categories" => "without it categories cannot be read",
        "read_catalogs" => "without it the catalogs of the app cannot be listed; only a SaaS PIM has catalogs",
        "write_catalogs" => "without it catalogs cannot be created or changed; only a SaaS PIM has catalogs",
        "delete_catalogs" => "without it catalogs cannot be deleted; only a SaaS PIM has catalogs",
        _ => "the package in the org asks for it",
    }
}

/// A set of scopes, written sorted and separated by blanks as the PIM does (facts/akeneo 3.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// The nine scopes of the guide.
    #[must_use]
    pub fn required() -> Self {
        Self::from_iter([
            Scope::READ_PRODUCTS,
            Scope::READ_CATALOG_STRUCTURE,
            Scope::READ_CHANNEL_SETTINGS,
            Scope::READ_CHANNEL_LOCALIZATION,
            Scope::READ_ATTRIBUTE_OPTIONS,
            Scope::READ_CATALOGS,
            Scope::WRITE_CATALOGS,
            Scope::DELETE_CATALOGS,
            Scope::READ_CATEGORIES,
        ])
    }

    /// Reads names separated by blanks. Unknown names are kept, repeated ones count once, what cannot be a name is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.split_ascii_whitespace()
            .filter_map(Scope::read)
            .take(MOST)
            .collect()
    }

    /// Those of these scopes that `granted` does not have. Names are compared, not what one scope implies: the PIM answers
    /// with the very names that it stored (facts/akeneo 3.4).
    #[must_use]
    pub fn missing_from(&self, granted: &Self) -> Self {
        Self(self.0.difference(&granted.0).cloned().collect())
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// In alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, scope) in self.0.iter().enumerate() {
            f.write_str(if number == 0 { "" } else { " " })?;
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Facts/akeneo 3.4.
    const SEED: &str = "delete_catalogs read_attribute_options read_catalog_structure read_catalogs read_categories \
                        read_channel_localization read_channel_settings read_products write_catalogs";
    /// Facts/akeneo appendix A: the order in which the guide gives them.
    const GUIDE: &str = "read_products read_catalog_structure read_channel_settings read_channel_localization \
                         read_attribute_options read_catalogs write_catalogs delete_catalogs read_categories";

    #[test]
    fn the_required_scopes_are_those_of_the_guide() {
        assert_eq!(Scopes::required().to_string(), SEED);
        assert_eq!(Scopes::required(), Scopes::parse(GUIDE));
        assert_eq!(Scopes::required().len(), 9);
    }

    #[test]
    fn sets_are_compared_by_name() {
        let check = |granted: &str, missing: &str| {
            assert_eq!(
                Scopes::required().missing_from(&Scopes::parse(granted)).to_string(),
                missing
            );
        };
        check(SEED, "");
        check(&format!("{GUIDE} openid write_products"), "");
        check(
            "delete_catalogs read_attribute_options read_catalog_structure read_categories read_channel_localization read_channel_settings read_products",
            "read_catalogs write_catalogs",
        );
        check("", SEED);
        let of_a_saas_pim: Scopes = Scopes::required()
            .iter()
            .filter(|scope| scope.needs_saas())
            .cloned()
            .collect();
        assert_eq!(
            of_a_saas_pim.to_string(),
            "delete_catalogs read_catalogs write_catalogs"
        );
    }

    #[test]
    fn odd_texts_are_read_with_care() {
        assert_eq!(Scopes::parse("  b\ta\n\na b ").to_string(), "a b");
        assert_eq!(Scopes::parse("ok é \"quoted\" back\\slash").to_string(), "ok");
        assert_eq!(Scopes::parse(&"x".repeat(LONGEST + 1)).to_string(), "");
        let many: String = (0..10_000).map(|number| format!("s{number} ")).collect();
        assert_eq!(Scopes::parse(&many).len(), MOST);
    }

    #[test]
    fn every_required_scope_has_words_of_its_own() {
        let words: BTreeSet<_> = Scopes::required().iter().map(in_words).collect();
        assert_eq!(words.len(), 9);
        assert!(!words.contains(in_words(&Scope::named("read_assets"))));
    }

    #[test]
    fn a_set_is_stored_as_the_pim_writes_it() {
        let json = serde_json::to_string(&Scopes::parse("b a")).unwrap();
        assert_eq!(json, "\"a b\"");
        assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), Scopes::parse("a b"));
    }

    proptest! {
        #[test]
        fn writing_and_reading_agree(text in "\\PC{0,200}") {
            let scopes = Scopes::parse(&text);
            prop_assert_eq!(Scopes::parse(&scopes.to_string()), scopes);
        }
    }
}
