//! A package before 3.0 (facts/salesforce 7; the guide's Part D): its Auth. Provider plugin, the plugin's settings, and the classic
//! Named Credential `Akeneo`.
//!
//! Everything is written by Metadata deploy and read by queries, but for the headless alternative ([`token_credential`]). What the package
//! calls its plugin and the fields of its settings is not public; it is discovered by the labels that the guide shows.

pub mod auth_provider;
pub mod classic;
pub mod plugin;
pub mod settings;
pub mod token_credential;

pub use auth_provider::{Provider, ProviderState};
pub use classic::Classic;
pub use plugin::Plugin;
pub use settings::SettingsState;
pub use token_credential::TokenRecords;

/// Name of the provider, of the Named Credential and of the record with the plugin's settings; the guide prescribes the first two.
pub const NAME: &str = "Akeneo";

/// The scopes of the guide, in its order; the plugin and the Named Credential both get the full value.
pub const SCOPES: &str = "read_products read_catalog_structure read_channel_settings read_channel_localization \
                          read_attribute_options read_catalogs write_catalogs delete_catalogs read_categories";

#[cfg(test)]
mod tests {
    use super::SCOPES;
    use crate::akeneo::Scopes;

    #[test]
    fn the_guides_scopes_are_the_required_ones() {
        assert_eq!(Scopes::parse(SCOPES), Scopes::required());
        assert_eq!(SCOPES.split(' ').count(), 9);
    }
}
