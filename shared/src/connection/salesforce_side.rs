//! The org's side of a connection: which org, whether it is ready to be wired, and the latest trip.

use serde::{Deserialize, Serialize};

use super::{AttemptNote, OrgType};
use crate::clock::Timestamp;
use crate::salesforce::{OrgUrl, Package, Permission};

/// The org's side of a connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SalesforceSide {
    /// The org, once somebody connected it.
    pub org: Option<OrgIdentity>,
    /// Whether it has what wiring needs.
    pub readiness: Option<Readiness>,
    /// The latest trip to Salesforce.
    pub attempt: Option<AttemptNote>,
    /// Why the latest trip failed or the grant stopped working.
    pub fault: Option<SalesforceFault>,
}

/// A connected org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgIdentity {
    /// 18 characters.
    pub org_id: String,
    /// The org's name.
    pub name: String,
    /// The user who connected it, 18 characters.
    pub user_id: String,
    /// That user's name.
    pub username: String,
    /// Where its API is.
    pub instance: OrgUrl,
    /// The host that issued the grant; refreshes go there.
    pub login: OrgUrl,
    /// Production or sandbox.
    pub org_type: OrgType,
    /// Counts the writes of the org's secret document; a document with a lower number is stale.
    pub token_generation: u64,
    /// When it was connected.
    pub connected_at: Timestamp,
}

/// What an org has and lacks before it can be wired (facts/salesforce 9, 10.4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// The API version to use, such as `64.0`; none if the org offers only older ones.
    pub api_version: Option<String>,
    /// Permissions that the connecting user lacks.
    pub missing_permissions: Vec<Permission>,
    /// The package.
    pub package: Package,
    /// When this was read.
    pub checked_at: Timestamp,
}

/// Why the org is not connected (facts/salesforce 10.1, 10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalesforceFault {
    /// The person pressed Deny.
    Denied,
    /// The External Client App is not installed in the org or the user may not use it.
    AppNotInstalled,
    /// Another org than the one that this connection has.
    OtherOrg,
    /// A sandbox where production is expected, or the other way round.
    WrongOrgType,
    /// The answer did not come from Salesforce or was not signed by it.
    Untrusted,
    /// The code was too old or already used.
    CodeLost,
    /// The user is inactive or is not let in from our address.
    UserBlocked,
    /// Our own client settings are refused.
    ClientRefused,
    /// Salesforce cannot be reached.
    Unavailable,
    /// The grant was revoked or ran out: connect again.
    GrantLost,
}
