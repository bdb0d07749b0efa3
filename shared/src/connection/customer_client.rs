//! Which External Client App lets us into the org: ours, or one that the customer made there; and an org that somebody
//! logged in to instead of the connected one.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::salesforce::OrgUrl;

/// A local External Client App that the customer made (facts/salesforce 10.3). Its secret is in the secret store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerClient {
    /// Its consumer key.
    pub client_id: String,
    /// The org's My Domain: a local app works in its own org only.
    pub login: OrgUrl,
    /// Names the entry of the secret that belongs to it.
    pub generation: String,
    /// When it was entered.
    pub entered_at: Timestamp,
}

/// An org that somebody logged in to although this connection has another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherOrg {
    /// 18 characters.
    pub org_id: String,
    /// Where its API is.
    pub instance: OrgUrl,
    /// The host where that login began; the next trip to this org goes there too.
    pub login: OrgUrl,
    /// When.
    pub seen_at: Timestamp,
}
