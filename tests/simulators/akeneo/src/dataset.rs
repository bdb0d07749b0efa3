//! The product data of the simulated PIM: small, read-only, the same for everybody.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// The seeded entities, by the name of their endpoint; options by the code of their attribute.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Dataset {
    lists: BTreeMap<String, Vec<Value>>,
    options: BTreeMap<String, Vec<Value>>,
}

static DATASET: LazyLock<Dataset> =
    LazyLock::new(|| serde_json::from_str(include_str!("../assets/dataset.json")).unwrap_or_default());

impl Dataset {
    /// The data of this build.
    pub(crate) fn get() -> &'static Self {
        &DATASET
    }

    /// All entities of an endpoint.
    pub(crate) fn list(&self, endpoint: &str) -> &[Value] {
        self.lists.get(endpoint).map_or(&[], Vec::as_slice)
    }

    /// One entity by the value of its key.
    pub(crate) fn item(&self, endpoint: &str, key: &str, value: &str) -> Option<&Value> {
        self.list(endpoint)
            .iter()
            .find(|item| item.get(key).and_then(Value::as_str) == Some(value))
    }

    /// The options of a select attribute; nothing for other attributes.
    pub(crate) fn options(&self, attribute: &str) -> Option<&[Value]> {
        self.options.get(attribute).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_something_in_it() {
        for endpoint in [
            "channels",
            "locales",
            "currencies",
            "attributes",
            "attribute-groups",
            "families",
            "categories",
            "association-types",
            "products",
            "products-uuid",
        ] {
            assert!(!Dataset::get().list(endpoint).is_empty(), "{endpoint}");
        }
        assert_eq!(Dataset::get().options("color").map(<[Value]>::len), Some(4));
    }
}
