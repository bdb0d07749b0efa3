//! An External Client App of the org's own, made by us: for the picklist synchronisation, which lets the org call itself by
//! client credentials (facts/salesforce 8.1, 8.2). It works in this org only and has no scope but `api`.

mod consumer;
mod metadata;

pub use consumer::{AppKeys, FoundApp, find, read_keys};
pub use metadata::{Plan, app, policy, settings};

/// Its developer name.
pub const APP_NAME: &str = "Akeneo_Picklist_Synchronisation";
/// Its label, as people see it in Setup.
pub const APP_LABEL: &str = "Akeneo picklist synchronisation";

/// The description by which an app is known as ours: made for this connection.
#[must_use]
pub fn mark(connection: &str) -> String {
    format!(
        "Made by Akeneo Connector Setup for connection {connection}. Lets this org read and update its own picklists."
    )
}
