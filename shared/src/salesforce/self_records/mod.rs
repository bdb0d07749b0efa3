//! The records behind picklist synchronisation ("Salesforce Self", facts/salesforce 8.3): the package's, whose names are not
//! public and so are discovered, or our own where the package has none.

mod discover;
mod own;

pub use discover::{SelfDiscovery, SelfRecords, discover};
pub use own::{
    OWN_LABEL, OWN_NAME, OwnRecords, find_own, write_credential, write_external_credential, write_named_credential,
};
