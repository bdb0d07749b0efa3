//! Which resources the API has, and what each of them needs (facts/akeneo 7.1).

use super::listing::Paging;

/// A kind of entity with a list endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entity {
    Channels,
    Locales,
    Currencies,
    Attributes,
    AttributeGroups,
    Families,
    Categories,
    AssociationTypes,
    Products,
    ProductsUuid,
}

impl Entity {
    pub(super) const ALL: [Self; 10] = [
        Self::Channels,
        Self::Locales,
        Self::Currencies,
        Self::Attributes,
        Self::AttributeGroups,
        Self::Families,
        Self::Categories,
        Self::AssociationTypes,
        Self::Products,
        Self::ProductsUuid,
    ];

    /// Path segment.
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::Locales => "locales",
            Self::Currencies => "currencies",
            Self::Attributes => "attributes",
            Self::AttributeGroups => "attribute-groups",
            Self::Families => "families",
            Self::Categories => "categories",
            Self::AssociationTypes => "association-types",
            Self::Products => "products",
            Self::ProductsUuid => "products-uuid",
        }
    }

    /// The scope whose permission is needed to read it.
    pub(super) fn scope(self) -> &'static str {
        match self {
            Self::Channels => "read_channel_settings",
            Self::Locales | Self::Currencies => "read_channel_localization",
            Self::Attributes | Self::AttributeGroups | Self::Families => "read_catalog_structure",
            Self::Categories => "read_categories",
            Self::AssociationTypes => "read_association_types",
            Self::Products | Self::ProductsUuid => "read_products",
        }
    }

    /// The words of the 403.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::AttributeGroups => "attribute groups",
            Self::AssociationTypes => "association types",
            Self::ProductsUuid => "products",
            other => other.endpoint(),
        }
    }

    /// The field that names an entity.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Products => "identifier",
            Self::ProductsUuid => "uuid",
            _ => "code",
        }
    }

    /// How its list is paged.
    pub(super) fn paging(self) -> Paging {
        match self {
            Self::Products | Self::ProductsUuid => Paging::pages(10).or_search_after(self.key()),
            _ => Paging::pages(10),
        }
    }

    /// The words of the 404.
    pub(super) fn missing(self, code: &str) -> String {
        match self {
            Self::Channels => format!("Channel \"{code}\" does not exist."),
            Self::Locales => format!("Locale \"{code}\" does not exist or is not activated."),
            Self::Currencies => format!("Currency \"{code}\" does not exist."),
            Self::Attributes => format!("Attribute \"{code}\" does not exist."),
            Self::AttributeGroups => format!("Attribute group \"{code}\" does not exist."),
            Self::Families => format!("Family \"{code}\" does not exist."),
            Self::Categories => format!("Category '{code}' does not exist."),
            Self::AssociationTypes => format!("Association type \"{code}\" does not exist."),
            Self::Products | Self::ProductsUuid => {
                format!("Product \"{code}\" does not exist or you do not have permission to access it.")
            }
        }
    }
}

/// What a catalog's product endpoint lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Uuids,
    Products,
}

/// A resource of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource<'a> {
    Root,
    SystemInformation,
    List(Entity),
    Item(Entity, &'a str),
    Options(&'a str),
    Option(&'a str, &'a str),
    Catalogs,
    Catalog(&'a str),
    CatalogProducts(&'a str, Listed),
    TestApps,
    TestApp(&'a str),
}

impl<'a> Resource<'a> {
    /// The resource of a path; `/catalogs` exists behind its feature flag only.
    pub(super) fn of(path: &'a str, catalogs: bool) -> Option<Self> {
        let rest = path.strip_prefix("/api/rest/v1")?;
        if rest.is_empty() || rest == "/" {
            return Some(Self::Root);
        }
        let segments: Vec<&str> = rest.strip_prefix('/')?.split('/').collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return None;
        }
        match segments.as_slice() {
            ["system-information"] => Some(Self::SystemInformation),
            ["test-apps"] => Some(Self::TestApps),
            ["test-apps", client_id] => Some(Self::TestApp(client_id)),
            ["catalogs"] if catalogs => Some(Self::Catalogs),
            ["catalogs", id] if catalogs => Some(Self::Catalog(id)),
            ["catalogs", id, "product-uuids"] if catalogs => Some(Self::CatalogProducts(id, Listed::Uuids)),
            ["catalogs", id, "products"] if catalogs => Some(Self::CatalogProducts(id, Listed::Products)),
            ["attributes", attribute, "options"] => Some(Self::Options(attribute)),
            ["attributes", attribute, "options", code] => Some(Self::Option(attribute, code)),
            [endpoint] => entity(endpoint).map(Self::List),
            [endpoint, code] => Some(Self::Item(entity(endpoint)?, code)),
            _ => None,
        }
    }

    /// The methods that the simulator knows for it.
    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Catalogs | Self::TestApps => &["GET", "POST"],
            Self::Catalog(_) => &["GET", "PATCH", "DELETE"],
            Self::TestApp(_) => &["DELETE"],
            _ => &["GET"],
        }
    }
}

fn entity(endpoint: &str) -> Option<Entity> {
    Entity::ALL.into_iter().find(|entity| entity.endpoint() == endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_resources() {
        let check = |path, expect| assert_eq!(Resource::of(path, true), expect, "{path}");
        check("/api/rest/v1", Some(Resource::Root));
        check("/api/rest/v1/channels", Some(Resource::List(Entity::Channels)));
        check(
            "/api/rest/v1/attributes/color/options",
            Some(Resource::Options("color")),
        );
        check(
            "/api/rest/v1/attributes/color",
            Some(Resource::Item(Entity::Attributes, "color")),
        );
        check("/api/rest/v1//channels", None);
        check("/api/rest/v1channels", None);
        check("/api/rest/v2/channels", None);
        assert_eq!(Resource::of("/api/rest/v1/catalogs", false), None);
    }
}
