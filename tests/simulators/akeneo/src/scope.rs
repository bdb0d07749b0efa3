//! Scopes: which exist, what they imply, how the consent screen words them (facts/akeneo 6).
//!
//! The hierarchy concerns the permissions of the app's role only; the scope *string* of a token is never expanded.

use serde::{Deserialize, Serialize};

use std::collections::BTreeSet;

/// The scopes of people's identity; everything else is an authorization scope (facts/akeneo 6, row "authentication").
const AUTHENTICATION: [&str; 3] = ["email", "openid", "profile"];

/// Every authorization scope, with its family and the words of the consent screen.
const AUTHORIZATION: [(&str, Family, &str); 33] = [
    ("read_products", Family::Core, "View products"),
    ("write_products", Family::Core, "View and edit products"),
    ("delete_products", Family::Core, "View, edit and delete products"),
    ("read_catalog_structure", Family::Core, "View catalog structure"),
    (
        "write_catalog_structure",
        Family::Core,
        "View and edit catalog structure",
    ),
    ("read_attribute_options", Family::Core, "View attribute options"),
    (
        "write_attribute_options",
        Family::Core,
        "View and edit attribute options",
    ),
    ("read_categories", Family::Core, "View categories"),
    ("write_categories", Family::Core, "View and edit categories"),
    ("read_association_types", Family::Core, "View association types"),
    (
        "write_association_types",
        Family::Core,
        "View and edit association types",
    ),
    ("read_channel_localization", Family::Core, "View locales and currencies"),
    ("read_channel_settings", Family::Core, "View channels"),
    ("write_channel_settings", Family::Core, "View and edit channels"),
    ("read_catalogs", Family::Catalogs, "View app catalogs"),
    ("write_catalogs", Family::Catalogs, "View and edit app catalogs"),
    (
        "delete_catalogs",
        Family::Catalogs,
        "View, edit and delete app catalogs",
    ),
    ("read_asset_families", Family::Enterprise, "View asset families"),
    (
        "write_asset_families",
        Family::Enterprise,
        "View and edit asset families",
    ),
    ("read_assets", Family::Enterprise, "View assets"),
    ("write_assets", Family::Enterprise, "View and edit assets"),
    ("delete_assets", Family::Enterprise, "View, edit and delete assets"),
    ("read_reference_entities", Family::Enterprise, "View reference entities"),
    (
        "write_reference_entities",
        Family::Enterprise,
        "View and edit reference entities",
    ),
    (
        "read_reference_entity_records",
        Family::Enterprise,
        "View reference entity records",
    ),
    (
        "write_reference_entity_records",
        Family::Enterprise,
        "View and edit reference entity records",
    ),
    ("read_workflows", Family::Enterprise, "View workflows"),
    (
        "read_workflow_step_assignees",
        Family::Enterprise,
        "View workflow step assignees",
    ),
    ("read_workflow_tasks", Family::Enterprise, "View workflow tasks"),
    (
        "write_workflow_tasks",
        Family::Enterprise,
        "View and edit workflow tasks",
    ),
    ("create_suggestions", Family::Enterprise, "Create suggestions"),
    ("read_suggestions", Family::Enterprise, "View suggestions"),
    ("manage_suggestions", Family::Enterprise, "Manage suggestions"),
];

/// What has to be switched on for a scope to exist in this PIM.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Core,
    Catalogs,
    Enterprise,
}

/// A set of scopes in its canonical, sorted order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScopeSet(BTreeSet<String>);

/// Which scope families this PIM offers (facts/akeneo 6: catalog scopes are SaaS only).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    /// The feature flag `catalogs`.
    pub(crate) catalogs: bool,
    /// Whether Enterprise features are part of the edition.
    pub(crate) enterprise: bool,
}

impl ScopeSet {
    /// The known authorization scopes among the words of a request; the others are dropped in silence (facts/akeneo 1.1).
    pub(crate) fn authorization<'a>(words: impl IntoIterator<Item = &'a str>, offer: Offer) -> Self {
        let offered = |word: &&str| {
            AUTHORIZATION.iter().any(|(name, family, _)| {
                name == word
                    && match family {
                        Family::Core => true,
                        Family::Catalogs => offer.catalogs,
                        Family::Enterprise => offer.enterprise,
                    }
            })
        };
        Self(words.into_iter().filter(offered).map(str::to_owned).collect())
    }

    /// The known authentication scopes among the words of a request.
    pub(crate) fn authentication<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(
            words
                .into_iter()
                .filter(|word| AUTHENTICATION.contains(word))
                .map(str::to_owned)
                .collect(),
        )
    }

    /// This set with everything that it implies: what the app's role may do.
    pub(crate) fn expanded(&self) -> Self {
        Self(self.0.iter().flat_map(|scope| with_implied(scope)).collect())
    }

    /// Whether this set asks for a permission that `granted` does not have, the hierarchy considered.
    pub(crate) fn exceeds(&self, granted: &Self) -> bool {
        !self.expanded().0.is_subset(&granted.expanded().0)
    }

    /// Whether every member is in `other`, literally.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Both sets together.
    pub(crate) fn merged(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Whether the scope is a member, literally.
    pub(crate) fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// The members, sorted.
    pub(crate) fn to_vec(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }

    /// The scope string: sorted, separated by one space (facts/akeneo 3.4).
    pub(crate) fn to_scope_string(&self) -> String {
        self.to_vec().join(" ")
    }

    /// What the consent screen says, one line for each scope that is not covered by a stronger one.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let covered = |scope: &str| {
            self.0
                .iter()
                .any(|other| other != scope && with_implied(other).contains(scope))
        };
        AUTHORIZATION
            .iter()
            .filter(|(name, _, _)| self.contains(name) && !covered(name))
            .map(|(_, _, words)| (*words).to_owned())
            .chain(self.0.iter().filter_map(|scope| identity_words(scope)))
            .collect()
    }
}

/// A scope and everything that it implies (facts/akeneo 6: write ⇒ read, delete ⇒ write and read).
fn with_implied(scope: &str) -> BTreeSet<String> {
    let known = |name: &String| AUTHORIZATION.iter().any(|(known, _, _)| known == name);
    let lower: &[&str] = match scope.split_once('_') {
        Some(("delete", _)) => &["write", "read"],
        Some(("write", _)) => &["read"],
        _ => &[],
    };
    let entity = scope.split_once('_').map_or("", |(_, entity)| entity);
    let mut all: BTreeSet<String> = lower
        .iter()
        .map(|verb| format!("{verb}_{entity}"))
        .filter(known)
        .collect();
    all.insert(scope.to_owned());
    all
}

fn identity_words(scope: &str) -> Option<String> {
    match scope {
        "email" => Some("See your email address".to_owned()),
        "profile" => Some("See your first name and last name".to_owned()),
        "openid" => Some("Know who you are".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAAS: Offer = Offer {
        catalogs: true,
        enterprise: true,
    };

    fn check(request: &str, offer: Offer, expect: &str) {
        assert_eq!(
            ScopeSet::authorization(request.split(' '), offer).to_scope_string(),
            expect,
            "{request}"
        );
    }

    #[test]
    fn unknown_and_unavailable_scopes_are_dropped_and_the_rest_is_sorted() {
        check(
            "read_products SOME_UNKNOWN_SCOPE delete_products read_products",
            SAAS,
            "delete_products read_products",
        );
        check("openid read_categories", SAAS, "read_categories");
        check("", SAAS, "");
        let on_premises = Offer {
            catalogs: false,
            enterprise: false,
        };
        check(
            "read_catalogs read_assets read_categories",
            on_premises,
            "read_categories",
        );
    }

    #[test]
    fn the_hierarchy_is_the_one_of_the_role() {
        let expand = |scope: &str| ScopeSet::authorization([scope], SAAS).expanded().to_scope_string();
        assert_eq!(
            expand("delete_catalogs"),
            "delete_catalogs read_catalogs write_catalogs"
        );
        assert_eq!(
            expand("delete_products"),
            "delete_products read_products write_products"
        );
        assert_eq!(
            expand("write_channel_settings"),
            "read_channel_settings write_channel_settings"
        );
        assert_eq!(expand("read_channel_localization"), "read_channel_localization");
        assert_eq!(
            expand("write_workflow_tasks"),
            "read_workflow_tasks write_workflow_tasks"
        );
        assert_eq!(expand("manage_suggestions"), "manage_suggestions");
    }

    #[test]
    fn an_implied_scope_is_no_new_scope() {
        let of = |scopes: &str| ScopeSet::authorization(scopes.split(' '), SAAS);
        assert!(!of("read_products").exceeds(&of("delete_products")));
        assert!(of("write_products").exceeds(&of("read_products")));
        assert!(!of("").exceeds(&of("")));
    }
}
