//! The aggregate: the facts about one connection, as stored. No secret is among them.

use std::collections::BTreeSet;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AkeneoSide, AttemptNote, ConnectionId, Credentials, Health, Leg, Offboarding, RunnerRefusal, SalesforceSide,
    SelfCallout, Standing,
};
use crate::akeneo::Scopes;
use crate::clock::Timestamp;
use crate::random::TokenHash;
use crate::salesforce::{OrgUrl, Package};
use crate::trace::{self, Trace};
use crate::wiring::{Evidence, Finding, PrincipalStatus};

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
    /// Picklist synchronisation, which is optional and changes nothing above.
    #[serde(default)]
    pub self_callout: SelfCallout,
    /// Since when Customer Success has the connection paused: it is neither looked at nor healed.
    #[serde(default)]
    pub paused_at: Option<Timestamp>,
    /// Since when it stands where it stands, and what people were reminded of.
    #[serde(default)]
    pub standing: Standing,
    /// That the connection is taken apart, and what became of each thing: the certificate.
    #[serde(default)]
    pub offboarding: Option<Offboarding>,
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
    /// What a health check may put right by itself.
    #[serde(default)]
    pub heal: HealPolicy,
    /// How often the health is looked at, if not as often as configured for all.
    #[serde(default)]
    pub health_period_seconds: Option<u32>,
    /// Whether our access to the org is given back once everything is verified. Health is then what can be seen without it.
    #[serde(default)]
    pub drop_salesforce_token: bool,
}

/// What a health check may put right in an org by itself. Everything else is told and left as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealPolicy {
    /// Nothing.
    Off,
    /// "Enabled for Callouts".
    Callouts,
    /// That, and access of the users that run transfers.
    #[default]
    CalloutsAndGrants,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wiring {
    /// When a reconciliation was last asked for, until a complete one has answered.
    pub requested_at: Option<Timestamp>,
    /// The id of the request that asked for the next run, or for one that is tried again.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "trace::stored")]
    pub asked_under: Option<Trace>,
    /// The id of the latest run, whose outcome people see.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "trace::stored")]
    pub run_under: Option<Trace>,
    /// The generation of credentials that the last look compared the org with.
    pub desired_generation: Option<String>,
    /// When the org was last looked at and something was new, or somebody had asked; see [`Connection::org_looked_at`].
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
    /// Since when the org is known to ask the PIM for other scopes than ours without showing which.
    pub other_scopes_since: Option<Timestamp>,
    /// The generation of the client id and secret that we last wrote to the org, which never gives the secret back.
    pub credentials_written: Option<String>,
    /// The client id that we last wrote to the org: a token that its principal holds from before belongs to another app.
    pub client_written: Option<String>,
    /// Whether what the org showed of its provider's credentials at that look fits the desired ones, whoever entered them.
    pub credentials_match: bool,
    /// The generation of the client id and secret that a person entered in the org, because it refused ours.
    pub credentials_by_hand: Option<String>,
    /// Whether the org has shown after that write that it has credentials.
    pub credentials_seen: bool,
    /// Users that the org did not let have access.
    pub runner_refusals: Vec<RunnerRefusal>,
    /// Whether we made the Auth. Provider of a package before 3.0, or set it right.
    pub auth_provider_written: bool,
    /// How the status of the principal is known in an org with a package before 3.0.
    pub evidence: Option<Evidence>,
    /// Whether such an org may have records of ours for the headless way.
    pub headless_records: bool,
    /// When the token was issued that we last stored in them.
    pub token_written: Option<Timestamp>,
    /// Since when such an org is known not to take the headless way.
    pub headless_refused_at: Option<Timestamp>,
    /// Whether such an org did not show at the last look how its Auth. Provider was made.
    pub settings_hidden: bool,
    /// Whether such an org let us make no test callout at the last look.
    pub callout_refused: bool,
    /// Types and names of the provider's request parameters at the last look, but for the package's own two.
    pub rows: BTreeSet<String>,
    /// What was there when the org was last looked at completely because somebody asked.
    pub known: Option<Known>,
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

impl Wiring {
    /// What people quote when they ask for help with what they see: the id of the request that is still being worked on, else of
    /// the latest run.
    #[must_use]
    pub fn reference(&self) -> Option<&Trace> {
        self.asked_under.as_ref().or(self.run_under.as_ref())
    }
}

/// What of an org is remembered so that a change is noticed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The package's version, if the org told it.
    pub package: Option<String>,
    /// Types and names of the provider's request parameters.
    pub rows: BTreeSet<String>,
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
    /// How often its health is looked at: as configured for all, unless its terms say otherwise.
    #[must_use]
    pub fn health_period(&self, usual: Duration) -> Duration {
        self.terms
            .health_period_seconds
            .map_or(usual, |seconds| Duration::from_secs(u64::from(seconds.max(5))))
    }

    /// The version of the package at the last look, if the org told it.
    #[must_use]
    pub fn package_version(&self) -> Option<String> {
        match &self.salesforce.readiness.as_ref()?.package {
            Package::Current {
                installed: Some(installed),
                ..
            } => Some(installed.version.map_or_else(
                || installed.version_id.as_str().to_owned(),
                |version| version.to_string(),
            )),
            _ => None,
        }
    }

    /// What was found by a complete look that somebody asked for is what later looks compare with.
    pub fn remember(&mut self) {
        self.wiring.known = Some(Known {
            package: self.package_version(),
            rows: self.wiring.rows.clone(),
        });
    }

    /// The generation of Akeneo credentials that the org should have: proven ones, or typed ones where we hold no token of our own.
    #[must_use]
    pub fn wanted_credentials(&self) -> Option<&Credentials> {
        match self.terms.callback {
            CallbackMode::Service => self.akeneo.proven.as_ref().map(|proven| &proven.credentials),
            CallbackMode::Salesforce => self.akeneo.credentials.as_ref(),
        }
    }

    /// When the org was last looked at. A health check that finds nothing new leaves its time in its own note alone.
    #[must_use]
    pub fn org_looked_at(&self) -> Option<Timestamp> {
        let looked = self.wiring.looked_at?;
        let sees_org = self.salesforce.org.is_some() && self.salesforce.given_back.is_none();
        let verified = self.health.verification.as_ref().filter(|_| sees_org);
        Some(verified.map_or(looked, |verified| looked.max(verified.at)))
    }

    /// The generation of [`Self::wanted_credentials`].
    #[must_use]
    pub fn wanted_generation(&self) -> Option<String> {
        self.wanted_credentials()
            .map(|credentials| credentials.generation.clone())
    }

    /// Forgets everything that is known of the org, because the connection moves to another one. The PIM's side stays, and so
    /// does the customer's own app: it is the one that let us into the new org.
    pub fn forget_org(&mut self) {
        let side = &mut self.salesforce;
        (side.org, side.readiness, side.install, side.other_org) = (None, None, None, None);
        side.runners.clear();
        self.wiring = Wiring::default();
        self.health = Health::default();
        self.self_callout = SelfCallout::default();
    }

    /// The namespace of a package before 3.0 that the customer chose to go on with.
    #[must_use]
    pub fn legacy_namespace(&self) -> Option<&str> {
        self.salesforce.legacy_namespace()
    }

    /// Whether nothing shows us that the org is authorized: it lets us make no test callout, and its authorization does not pass through us.
    #[must_use]
    pub fn principal_is_unseen(&self) -> bool {
        let unseen = self.wiring.callout_refused && self.terms.callback == CallbackMode::Salesforce;
        unseen && self.legacy_namespace().is_some()
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
