//! Taking a connection apart: what was asked for and what became of each thing. It stays as the certificate.

use serde::{Deserialize, Serialize};

use super::{Connection, SelfStage, Stage, self_stage, stage};
use crate::clock::Timestamp;

/// A connection that is being taken apart, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offboarding {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Whether the customer agreed that what we wrote in the org is taken away.
    pub blank_org: bool,
    /// Whether an org that does not answer is left as it is instead of being waited for.
    pub without_org: bool,
    /// The org.
    pub org_id: Option<String>,
    /// The PIM.
    pub pim: Option<String>,
    /// What became of each thing, in the order in which it was done.
    pub items: Vec<OffboardedItem>,
    /// When it was complete.
    pub ended_at: Option<Timestamp>,
}

/// What became of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffboardedItem {
    /// The thing.
    pub thing: OffboardedThing,
    /// When.
    pub at: Timestamp,
    /// Why it is still there; none if it is gone.
    pub left: Option<String>,
}

/// Something that goes with a connection, in the order in which it is safe to take it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffboardedThing {
    /// Links and sessions of the setup.
    Links,
    /// "Enabled for Callouts" of the org's Named Credential.
    Callouts,
    /// Its URL.
    NamedCredential,
    /// The provider's URLs and the two parameters.
    Provider,
    /// The provider's client id and secret.
    ProviderCredentials,
    /// Our own permission set with its assignments.
    PermissionSet,
    /// Our access to the org.
    Grant,
    /// The secret document of the org's side.
    SalesforceSecret,
    /// The secret document of the PIM's side, with our token.
    AkeneoSecret,
}

impl Offboarding {
    /// Whether something is still to be done.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether it is known what became of a thing.
    #[must_use]
    pub fn is_settled(&self, thing: OffboardedThing) -> bool {
        self.items.iter().any(|item| item.thing == thing)
    }

    /// Notes what became of a thing, once.
    pub fn settle(&mut self, thing: OffboardedThing, at: Timestamp, left: Option<String>) {
        if !self.is_settled(thing) {
            self.items.push(OffboardedItem { thing, at, left });
        }
    }
}

impl Connection {
    /// Begins to take the connection apart, or changes how that goes on. Links and sessions stop working at once.
    pub fn begin_offboarding(&mut self, blank_org: bool, without_org: bool, now: Timestamp) {
        self.invitation = None;
        self.revoked_at.get_or_insert(now);
        let pim = self
            .wanted_credentials()
            .map(|credentials| credentials.pim.as_str().to_owned());
        let org_id = self.salesforce.org.as_ref().map(|org| org.org_id.clone());
        let asked = self.offboarding.get_or_insert_with(|| Offboarding {
            asked_at: now,
            blank_org,
            without_org,
            org_id,
            pim,
            items: Vec::new(),
            ended_at: None,
        });
        if asked.is_under_way() {
            (asked.blank_org, asked.without_org) = (blank_org, without_org);
        }
        asked.settle(OffboardedThing::Links, now, None);
    }

    /// Whether it is being taken apart and that is not complete.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.offboarding.as_ref().is_some_and(Offboarding::is_under_way)
    }

    /// Everything is taken away: what is kept is who it was, the trail, and the certificate.
    pub fn end_offboarding(&mut self, now: Timestamp) {
        self.forget_org();
        self.salesforce = super::SalesforceSide::default();
        self.akeneo = super::AkeneoSide::default();
        if let Some(asked) = &mut self.offboarding {
            asked.ended_at.get_or_insert(now);
        }
    }

    /// Whether our access to the org is still to be given back as the terms say, and can be now.
    #[must_use]
    pub fn owes_grant(&self) -> bool {
        if let Some(given) = self.salesforce.given_back {
            return !given.done;
        }
        let busy = matches!(self_stage(self), SelfStage::Waiting | SelfStage::Wiring);
        let held = self.terms.drop_salesforce_token && self.salesforce.org.is_some();
        held && !busy && stage(self) == Stage::Connected
    }
}
