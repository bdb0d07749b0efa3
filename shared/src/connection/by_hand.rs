//! Setting the org up by hand: the guide's Part B for a customer who gives no API access. What a person says is done is kept as
//! said; what this service can see for itself is told apart (the seed's "Manual fallback for Akeneo"). Pure.
//!
//! The order of the tasks is a safety property, as in `wiring::plan`: callouts go on last, when the stored token and the
//! endpoint belong to the same PIM.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CallbackMode, Connection, Credentials, HealthState, Stage};
use crate::clock::Timestamp;
use crate::salesforce::OrgUrl;

/// A customer sets the org up by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manual {
    /// When that was chosen.
    pub chosen_at: Timestamp,
    /// The provider's Callback URL as a person copied it from the org: the target of the relay, and where the org is.
    #[serde(default)]
    pub callback: Option<OrgUrl>,
    /// What is done, and for which credentials.
    #[serde(default)]
    pub done: BTreeMap<Task, Tick>,
}

/// That a task is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// The credentials that the org was to have then.
    pub credentials: Credentials,
}

/// One thing to do in the org, in the order in which it is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Switch callouts off while the org still belongs to another PIM.
    Pause,
    /// Copy the provider's Callback URL to us.
    Callback,
    /// The provider's Authorize URL and Token URL.
    ProviderUrls,
    /// The two rows of the provider.
    Parameters,
    /// A row of the provider with the scopes, where the org asks for others.
    Scopes,
    /// The provider's Client ID and Client Secret.
    Credentials,
    /// The permission set of the users that run transfers.
    Access,
    /// The authorization of the principal `Default`.
    Authorize,
    /// The Named Credential's URL, and callouts on.
    NamedCredential,
}

/// How it is known that a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// This service saw it.
    Seen,
    /// A person says so.
    Said,
}

impl Task {
    /// All tasks, in order.
    pub const ALL: [Self; 9] = [
        Self::Pause,
        Self::Callback,
        Self::ProviderUrls,
        Self::Parameters,
        Self::Scopes,
        Self::Credentials,
        Self::Access,
        Self::Authorize,
        Self::NamedCredential,
    ];

    /// As it stands in forms, anchors and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Callback => "callback",
            Self::ProviderUrls => "provider_urls",
            Self::Parameters => "parameters",
            Self::Scopes => "scopes",
            Self::Credentials => "credentials",
            Self::Access => "access",
            Self::Authorize => "authorize",
            Self::NamedCredential => "named_credential",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.as_str() == text)
    }

    /// Whether a tick for `then` is still one for `now`.
    fn still_holds(self, then: &Credentials, now: &Credentials) -> bool {
        match self {
            Self::Callback | Self::Access | Self::Scopes => true,
            Self::Pause | Self::ProviderUrls | Self::NamedCredential => then.pim == now.pim,
            // A token outlives the secret; it does not outlive the app (facts/akeneo 3.2).
            Self::Authorize => then.pim == now.pim && then.client_id == now.client_id,
            Self::Parameters | Self::Credentials => then.generation == now.generation,
        }
    }
}

impl Connection {
    /// The choice to set the org up by hand, as long as no org is connected.
    #[must_use]
    pub fn by_hand(&self) -> Option<&Manual> {
        self.salesforce
            .manual
            .as_ref()
            .filter(|_| self.salesforce.org.is_none())
    }

    /// What has to be done by hand where no org is connected. With Salesforce's own callback nothing passes through us.
    #[must_use]
    pub fn tasks_by_hand(&self) -> Vec<Task> {
        let relayed = self.terms.callback == CallbackMode::Service;
        let wanted = |task: &Task| match task {
            Task::Callback => relayed,
            // What an org asks for is not visible from outside; the package brings the right ones.
            Task::Scopes => false,
            _ => true,
        };
        Task::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether a person ticks a task, rather than something that we see.
    #[must_use]
    pub fn is_ticked_by_hand(&self, task: Task) -> bool {
        match task {
            Task::Callback => false,
            Task::Authorize => self.terms.callback == CallbackMode::Salesforce,
            _ => true,
        }
    }

    /// How it is known that a task is done for the credentials that the org should have now.
    #[must_use]
    pub fn evidence_by_hand(&self, task: Task) -> Option<Evidence> {
        let manual = self.by_hand()?;
        if task == Task::Callback {
            return manual.callback.as_ref().map(|_| Evidence::Seen);
        }
        let (tick, wanted) = (manual.done.get(&task)?, self.wanted_credentials()?);
        let evidence = if self.is_ticked_by_hand(task) {
            Evidence::Said
        } else {
            Evidence::Seen
        };
        task.still_holds(&tick.credentials, wanted).then_some(evidence)
    }

    /// Ticks a task for the credentials that the org should have now. Nothing happens where there are none yet.
    pub fn tick_by_hand(&mut self, task: Task, now: Timestamp) {
        let Some(credentials) = self.wanted_credentials().cloned() else {
            return;
        };
        if let Some(manual) = &mut self.salesforce.manual {
            let tick = Tick { at: now, credentials };
            manual.done.insert(task, tick);
        }
    }
}

/// The stage of an org that is set up by hand, once the PIM's side is complete.
pub(super) fn stage_by_hand(connection: &Connection) -> Stage {
    let open = |task: &Task| connection.evidence_by_hand(*task).is_none();
    if connection.tasks_by_hand().iter().any(open) {
        return Stage::SetUpByHand;
    }
    match (connection.health.state, &connection.health.verification) {
        (HealthState::Healthy, Some(_)) => Stage::Connected,
        (HealthState::Unknown, _) | (_, None) => Stage::Verifying,
        _ => Stage::Degraded,
    }
}

/// What is known of a connection whose org was set up by hand, in words.
pub(super) fn seen_by_hand(connection: &Connection) -> &'static str {
    match connection.terms.callback {
        CallbackMode::Service => {
            "Nothing to do: what can be seen from here works. The org was set up by hand and cannot be looked at."
        }
        CallbackMode::Salesforce => {
            "Nothing to do, as far as people say: the org was set up by hand, and nothing of this connection can be seen from here."
        }
    }
}

/// What is left to do, in words.
pub(super) fn words_by_hand(connection: &Connection) -> String {
    let tasks = connection.tasks_by_hand();
    let open = tasks
        .iter()
        .filter(|task| connection.evidence_by_hand(**task).is_none())
        .count();
    format!(
        "Set up the org by hand: {open} of {} things are left to do. The page “Set up Salesforce by hand” has each value to copy.",
        tasks.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(pim: &str, client_id: &str, generation: &str) -> Credentials {
        serde_json::from_value(serde_json::json!({
            "pim": pim, "client_id": client_id, "generation": generation, "entered_at": "2026-11-24T10:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_change_opens_exactly_the_tasks_that_it_touches() {
        let then = credentials("https://acme.cloud.akeneo.com", "app-1", "g1");
        let open = |now: &Credentials| -> Vec<&str> {
            let tasks = Task::ALL.into_iter();
            tasks
                .filter(|task| !task.still_holds(&then, now))
                .map(Task::as_str)
                .collect()
        };
        assert!(open(&then).is_empty());
        let secret = credentials("https://acme.cloud.akeneo.com", "app-1", "g2");
        assert_eq!(open(&secret), ["parameters", "credentials"]);
        let app = credentials("https://acme.cloud.akeneo.com", "app-2", "g2");
        assert_eq!(open(&app), ["parameters", "credentials", "authorize"]);
        let pim = credentials("https://other.cloud.akeneo.com", "app-2", "g2");
        let all = [
            "pause",
            "provider_urls",
            "parameters",
            "credentials",
            "authorize",
            "named_credential",
        ];
        assert_eq!(open(&pim), all);
    }

    #[test]
    fn tasks_have_names_that_read_back() {
        for task in Task::ALL {
            assert_eq!(Task::parse(task.as_str()), Some(task));
            assert_eq!(serde_json::to_value(task).unwrap(), task.as_str());
        }
        assert_eq!(Task::parse("none"), None);
    }
}
