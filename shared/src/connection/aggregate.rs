//! The aggregate: the facts about one connection, as stored. No secret is among them.

use serde::{Deserialize, Serialize};

use super::{AkeneoSide, AttemptNote, ConnectionId, Credentials, Health, Leg, SalesforceSide};
use crate::akeneo::Scopes;
use crate::clock::Timestamp;
use crate::random::TokenHash;
use crate::salesforce::OrgUrl;
use crate::wiring::{Finding, PrincipalStatus};

/// One PIM joined to one org.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connection {
    /// Its identifier, for ever.
    pub id: ConnectionId,
    /// The customer's name as Customer Success typed it.
    pub customer: String,
    /// When the first invitation was made.
    pub created_at: Timestamp,
    /// What Customer Success laid down.
    pub terms: Terms,
    /// The one invitation that is valid now, by its hash; none once revoked.
    pub invitation: Option<TokenHash>,
    /// When the invitation stops working.
    pub invitation_expires_at: Option<Timestamp>,
    /// When a person first opened the link.
    #[serde(default)]
    pub opened_at: Option<Timestamp>,
    /// Since when the connection is revoked.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
    /// The PIM's side.
    #[serde(default)]
    pub akeneo: AkeneoSide,
    /// The org's side.
    #[serde(default)]
    pub salesforce: SalesforceSide,
    /// What the last look at the org found and what was done about it.
    #[serde(default)]
    pub wiring: Wiring,
    /// How the connection is.
    #[serde(default)]
    pub health: Health,
}

/// What Customer Success laid down for a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The only PIM host that is accepted, if pinned.
    #[serde(default)]
    pub pim_host: Option<String>,
    /// The only type of org that is accepted, if pinned.
    #[serde(default)]
    pub org_type: Option<OrgType>,
    /// Whose callback the Custom App has.
    #[serde(default)]
    pub callback: CallbackMode,
}

/// Production or sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrgType {
    /// A production (or developer edition) org.
    Production,
    /// A sandbox.
    Sandbox,
}

impl OrgType {
    /// The type of an org whose `Organization.IsSandbox` is `sandbox`.
    #[must_use]
    pub fn of(sandbox: bool) -> Self {
        if sandbox { Self::Sandbox } else { Self::Production }
    }

    /// In words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Production => "a production org",
            Self::Sandbox => "a sandbox",
        }
    }
}

/// Whose callback URL the Custom App registers (design section 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallbackMode {
    /// Ours: we complete an authorization of our own and relay the org's.
    #[default]
    Service,
    /// The org's: we wire the org and hold no token of our own.
    Salesforce,
}

/// What the last look at the org found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wiring {
    /// When a reconciliation was last asked for, until a complete one has answered.
    pub requested_at: Option<Timestamp>,
    /// The generation of credentials that the last look compared the org with.
    pub desired_generation: Option<String>,
    /// When the org was last looked at.
    pub looked_at: Option<Timestamp>,
    /// What stood between observed and desired after that look.
    pub findings: Vec<Finding>,
    /// The status of the principal at that look.
    pub principal: PrincipalStatus,
    /// The NC's URL at that look.
    pub named_credential_url: Option<String>,
    /// Whether callouts were on at that look.
    pub callouts_enabled: bool,
    /// Where the org's provider expects its own authorizations to come back: the target of the relay.
    pub callback_url: Option<OrgUrl>,
    /// The scopes that the org will ask the PIM for, where they can be read.
    pub org_scopes: Option<Scopes>,
    /// The generation of the client id and secret that we last wrote to the org, which never gives the secret back.
    pub credentials_written: Option<String>,
    /// The client id that we last wrote to the org: a token that its principal holds from before belongs to another app.
    pub client_written: Option<String>,
    /// Whether the org has shown after that write that it has credentials.
    pub credentials_seen: bool,
    /// Since when the principal's stored token belongs to another PIM or Custom App than the desired one.
    pub principal_stale_since: Option<Timestamp>,
    /// When a person was last sent to the org's own authorization.
    pub principal_started_at: Option<Timestamp>,
    /// When the org's own authorization last passed through our callback.
    pub relayed_at: Option<Timestamp>,
    /// What is waited for before the next try.
    pub waiting: Option<Waiting>,
    /// Failed tries in a row.
    pub failures: u32,
}

/// Trouble upstream that goes away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// The org does not answer.
    Org,
    /// The org's daily limit of API calls is used up.
    OrgLimit,
    /// The PIM does not answer.
    Pim,
    /// The PIM wants fewer calls.
    PimLimit,
    /// One of our stores does not answer.
    Store,
}

impl Connection {
    /// The generation of Akeneo credentials that the org should have: proven ones, or typed ones where we hold no token of our own.
    #[must_use]
    pub fn wanted_credentials(&self) -> Option<&Credentials> {
        match self.terms.callback {
            CallbackMode::Service => self.akeneo.proven.as_ref().map(|proven| &proven.credentials),
            CallbackMode::Salesforce => self.akeneo.credentials.as_ref(),
        }
    }

    /// The generation of [`Self::wanted_credentials`].
    #[must_use]
    pub fn wanted_generation(&self) -> Option<String> {
        self.wanted_credentials()
            .map(|credentials| credentials.generation.clone())
    }

    /// The scopes to ask the PIM for: exactly those that the org will ask for, else the nine of the guide (design section 5).
    #[must_use]
    pub fn scopes_to_request(&self) -> Scopes {
        self.wiring.org_scopes.clone().unwrap_or_else(Scopes::required)
    }

    /// The note on the latest trip of a leg.
    #[must_use]
    pub fn attempt(&self, leg: Leg) -> Option<&AttemptNote> {
        match leg {
            Leg::Akeneo => self.akeneo.attempt.as_ref(),
            Leg::Salesforce => self.salesforce.attempt.as_ref(),
        }
    }
}
