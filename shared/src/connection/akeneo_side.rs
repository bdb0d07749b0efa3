//! The PIM's side of a connection: what was typed, what an exchange has proven, and the latest trip.

use serde::{Deserialize, Serialize};

use crate::akeneo::{PimUrl, Scopes};
use crate::clock::Timestamp;
use crate::trace::{self, Trace};

/// The PIM's side of a connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AkeneoSide {
    /// What was typed last. The secret stands in the secret store under the same generation.
    pub credentials: Option<Credentials>,
    /// What an exchange has proven.
    pub proven: Option<Proven>,
    /// The latest trip to the PIM.
    pub attempt: Option<AttemptNote>,
    /// Why the latest trip failed, until the next one succeeds.
    pub fault: Option<AkeneoFault>,
    /// Since when Customer Success asks for a new client secret, until one is proven.
    pub rotation_asked_at: Option<Timestamp>,
}

impl AkeneoSide {
    /// Whether our token has exactly these scopes: then it is the one that an org gets which asks for them (facts/akeneo 1.2).
    #[must_use]
    pub fn holds_exactly(&self, scopes: &Scopes) -> bool {
        let exact = |proven: &Proven| proven.requested == *scopes && proven.granted == *scopes;
        self.proven.as_ref().is_some_and(exact)
    }
}

/// A Custom App's credentials, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The PIM.
    pub pim: PimUrl,
    /// The Custom App's client id.
    pub client_id: String,
    /// Names the version of the secret document that belongs to this entry.
    pub generation: String,
    /// When it was typed.
    pub entered_at: Timestamp,
}

/// Credentials that an exchange with the PIM has proven, and what the PIM granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The credentials.
    pub credentials: Credentials,
    /// The scopes that were asked for.
    pub requested: Scopes,
    /// The scopes that the PIM granted.
    pub granted: Scopes,
    /// When.
    pub at: Timestamp,
}

/// A trip to an authorize endpoint, as far as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptNote {
    /// When the person was sent off.
    pub started_at: Timestamp,
    /// When it stops being waited for.
    pub expires_at: Timestamp,
    /// Whether the person came back.
    #[serde(default)]
    pub returned: bool,
    /// The id of the request in which the person came back.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "trace::stored")]
    pub returned_under: Option<Trace>,
    /// When the latest trips began, for the cap on how many work side by side.
    #[serde(default)]
    pub recent: Vec<Timestamp>,
}

impl AttemptNote {
    /// The trip that began at `started_at` came back, in the request with this id: it no longer counts as one of those that are under way.
    pub fn came_back(&mut self, started_at: Timestamp, trace: Option<&Trace>) {
        (self.returned, self.returned_under) = (true, trace.cloned());
        self.recent.retain(|started| *started != started_at);
    }
}

/// Why an authorization in the PIM did not end in a token (facts/akeneo 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AkeneoFault {
    /// `invalid_client`: the client id or the secret is wrong.
    InvalidClient,
    /// The code was too old or already used: authorize again.
    CodeLost,
    /// The PIM said no.
    Refused,
    /// The PIM did not answer as a PIM does.
    NotAPim,
    /// The PIM cannot be reached or is too busy.
    Unavailable,
    /// What was typed has been replaced by a later entry while the person was away.
    Superseded,
}

impl AkeneoFault {
    /// Whether only other credentials can help.
    #[must_use]
    pub fn needs_other_credentials(self) -> bool {
        matches!(self, Self::InvalidClient | Self::NotAPim | Self::Superseded)
    }
}
