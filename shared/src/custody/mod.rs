//! Custody of each connection's secrets: the shape of the two documents in the secret store, and the rules about who may
//! write which version when (design section 6, "Stores" and "Concurrency").
//!
//! A document carries a generation, and the connection says which generation it wants: the secret store may answer with an
//! older one for a moment, and an older refresh token must never be used (facts/salesforce 10.3).

mod akeneo;
mod app;
mod client;
mod leave;
mod org;
mod salesforce;
mod self_callout;

pub use akeneo::{AkeneoSecrets, keep_proven, keep_typed, read_akeneo, replaces_token};
pub use app::{AppFault, salesforce_app};
pub use client::{ClientSecrets, grant_app, keep_typed_client, read_client};
pub use leave::{forget, give_back, may_pass};
pub use org::{OpenedOrg, OrgFault, open_org, open_session};
pub use salesforce::{SalesforceSecrets, keep_salesforce, put_salesforce, read_salesforce};
pub use self_callout::{SelfSecrets, keep_self, read_self};

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::secret::{SecretDocument, Sensitive};
use crate::store::StoreError;

/// How long a stale read is retried.
const LAG: Duration = Duration::from_secs(5);
/// Pause between two reads.
const PAUSE: Duration = Duration::from_millis(200);

fn parse<T: DeserializeOwned>(document: &SecretDocument) -> Result<T, StoreError> {
    // The error of serde_json can quote a value, so it does not travel on.
    serde_json::from_str(document.expose())
        .map_err(|_| StoreError::Malformed("the secret document is not as expected".into()))
}

fn write<T: serde::Serialize>(document: &T) -> Result<SecretDocument, StoreError> {
    serde_json::to_string(document)
        .map(SecretDocument::new)
        .map_err(|_| StoreError::Malformed("the secret document cannot be written".into()))
}
