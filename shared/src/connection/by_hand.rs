//! Setting the org up by hand: the guide's Part B, or Part D for a package before 3.0, for a customer who gives no API access. What
//! a person says is done is kept as said; what this service can see for itself is told apart. Pure.

mod task;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use task::{Evidence, GuidePart, Task};

use super::{CallbackMode, Connection, Credentials, HealthState, Stage};
use crate::clock::Timestamp;
use crate::salesforce::OrgUrl;

/// A customer sets the org up by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manual {
    /// When that was chosen.
    pub chosen_at: Timestamp,
    /// The part of the guide that fits the installed package, as a person says: nobody else sees it.
    #[serde(default)]
    pub part: GuidePart,
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
        self.guide_part().tasks().iter().copied().filter(wanted).collect()
    }

    /// The part of the guide that a person follows where something has to be done by hand.
    #[must_use]
    pub fn guide_part(&self) -> GuidePart {
        let older = self.legacy_namespace().is_some();
        let seen = if older {
            GuidePart::AuthProvider
        } else {
            GuidePart::Fallback
        };
        self.by_hand().map_or(seen, |manual| manual.part)
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
