//! The users that run transfers: whose callouts need access to the credentials (facts/salesforce 6, "Who runs transfers").

use serde::{Deserialize, Serialize};

use super::Connection;
use crate::salesforce::UserId;

/// The most users that are kept; a permission set in the org is the better way for more.
pub const MOST_RUNNERS: usize = 50;

/// A user that runs transfers, as chosen by the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runner {
    /// Id.
    pub user_id: UserId,
    /// Login name when the user was chosen.
    pub username: String,
}

/// Why a user that runs transfers has no access and cannot be given it by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunnerTrouble {
    /// The user is inactive.
    Inactive,
    /// The org has no such user, or hides it.
    Gone,
    /// The user's licence or profile does not take the permission set.
    Licence,
    /// One of Salesforce's own users, such as `cloud@…`, that the org does not let be changed.
    Machine,
}

/// A user that the org did not let have access, remembered until somebody asks for another look: a refusal that nobody has
/// answered is not provoked at each look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerRefusal {
    /// The user.
    pub user_id: UserId,
    /// Why.
    pub why: RunnerTrouble,
}

impl RunnerTrouble {
    /// What it is and what helps, in whole sentences.
    #[must_use]
    pub fn in_words(self, user: &str) -> String {
        match self {
            Self::Inactive => format!(
                "{user} is inactive in Salesforce, so transfers cannot run as this user. Activate the user in Setup > Users, \
                 or choose another one."
            ),
            Self::Gone => format!(
                "{user} is not found in the org any more, or is hidden from the user who connected it. Choose another user."
            ),
            Self::Licence => format!(
                "Salesforce does not let {user} have the permission set: the user’s licence or profile does not allow it. Give \
                 the user another licence, or choose another user, then check again."
            ),
            Self::Machine => format!(
                "{user} is one of Salesforce’s own users, and this org does not let it have the permission set. Run transfers \
                 as a user of your own, or give it access in Setup > Permission Sets > Manage Assignments."
            ),
        }
    }
}

impl Connection {
    /// The users that run transfers: those that the customer chose, else the one who connected the org.
    #[must_use]
    pub fn runners(&self) -> Vec<Runner> {
        let side = &self.salesforce;
        if !side.runners.is_empty() {
            return side.runners.clone();
        }
        let connecting = side.org.as_ref().and_then(|org| {
            Some(Runner {
                user_id: UserId::parse(&org.user_id).ok()?,
                username: org.username.clone(),
            })
        });
        connecting.into_iter().collect()
    }
}
