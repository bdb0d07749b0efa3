//! The org's side of a connection: which org, whether it is ready to be wired, and the latest trip.

use serde::{Deserialize, Serialize};

use super::{AttemptNote, CustomerClient, Install, InstallState, Manual, OrgType, OtherOrg, Runner};
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
    /// The users that run transfers; the one who connected the org while this is empty.
    pub runners: Vec<Runner>,
    /// When the customer chose to go on with a package before 3.0 instead of upgrading it.
    pub legacy_accepted_at: Option<Timestamp>,
    /// The customer's choice to set the org up by hand; counts as long as no org is connected.
    pub manual: Option<Manual>,
    /// The customer's own External Client App, where ours is not used.
    pub client: Option<CustomerClient>,
    /// The package's installation, if somebody asked for it.
    pub install: Option<Install>,
    /// When the grant was last used to renew the session.
    pub renewed_at: Option<Timestamp>,
    /// The other org that the latest trip ended in.
    pub other_org: Option<OtherOrg>,
    /// That our access was given back because the terms say so, until somebody connects the org again.
    pub given_back: Option<GivenBack>,
}

/// Our access to the org, given back after everything was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenBack {
    /// Since when it is not used any more.
    pub at: Timestamp,
    /// Whether it is revoked and its secret deleted.
    pub done: bool,
}

impl SalesforceSide {
    /// When the org's grant was last used: when the session was renewed, or when the org was connected. `None` without a grant.
    #[must_use]
    pub fn grant_used_at(&self) -> Option<Timestamp> {
        let ours = self.fault != Some(SalesforceFault::GrantLost) && self.given_back.is_none();
        let org = self.org.as_ref().filter(|_| ours)?;
        Some(self.renewed_at.map_or(org.connected_at, |at| at.max(org.connected_at)))
    }

    /// The package's installation in the connected org, if somebody asked for it there.
    #[must_use]
    pub fn install_here(&self) -> Option<&Install> {
        let here = self.org.as_ref()?.org_id.as_str();
        self.install.as_ref().filter(|asked| asked.org_id == here)
    }

    /// Whether an installation of ours will show within moments.
    #[must_use]
    pub fn expects_install(&self, now: Timestamp) -> bool {
        let shows =
            |asked: &Install| asked.is_under_way() || asked.state == InstallState::Done && !asked.is_overdue(now);
        self.install_here().is_some_and(shows)
    }
}

impl SalesforceSide {
    /// The namespace of a package before 3.0 that the customer chose to go on with.
    #[must_use]
    pub fn legacy_namespace(&self) -> Option<&str> {
        match &self.readiness.as_ref()?.package {
            Package::Legacy { namespace, .. } if self.legacy_accepted_at.is_some() => Some(namespace),
            _ => None,
        }
    }

    /// Adds to what is missing what only a package before 3.0 needs, if that is what the org is wired for.
    pub fn ask_for_legacy(&mut self, missing: &[Permission]) {
        if self.legacy_namespace().is_some()
            && let Some(readiness) = &mut self.readiness
        {
            readiness.missing_permissions.extend(missing);
        }
    }
}

impl super::Connection {
    /// Whether the org has a package that the connection can be wired for: one of 3.0 or later, or an older one that the customer chose.
    #[must_use]
    pub fn has_its_package(&self) -> bool {
        let readiness = self.salesforce.readiness.as_ref();
        let package = readiness.map(|readiness| &readiness.package);
        match package {
            None | Some(Package::Current { .. }) => true,
            Some(Package::Legacy { .. }) => self.salesforce.legacy_namespace().is_some(),
            Some(_) => false,
        }
    }
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
    /// The settings of the customer's own app are refused.
    OwnAppRefused,
    /// Salesforce cannot be reached.
    Unavailable,
    /// The grant was revoked or ran out: connect again.
    GrantLost,
}
