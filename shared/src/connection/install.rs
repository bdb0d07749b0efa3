//! The package's installation through the API, by the admin's explicit choice (facts/salesforce 9).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, plus};

/// For how long an installation is waited for (facts/salesforce 9: 10 to 30 minutes).
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How often Salesforce is asked again when it said that it may work later.
const MOST_TRIES: u32 = 5;

/// An installation that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Install {
    /// When.
    pub requested_at: Timestamp,
    /// The org it was asked for.
    pub org_id: String,
    /// The version, `04t…`.
    pub version_id: String,
    /// How far it is.
    pub state: InstallState,
    /// Salesforce's number for it, `0Hf…`, once there is one.
    #[serde(default)]
    pub request_id: Option<String>,
    /// How often Salesforce was asked to install.
    #[serde(default)]
    pub tries: u32,
}

/// How far an installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum InstallState {
    /// Salesforce has not been asked yet.
    Requested,
    /// Salesforce is at it.
    InProgress,
    /// Salesforce said that it may work later.
    Retrying,
    /// It is over without success.
    Failed {
        /// Why.
        why: InstallFault,
    },
    /// Salesforce said that it is done.
    Done,
}

/// Why an installation failed (facts/salesforce 9). Salesforce's own words are matched, never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallFault {
    /// The user lacks "Download AppExchange Packages".
    NotPermitted,
    /// The version does not exist for this org, or not any more.
    Unavailable,
    /// Something in the org has the package's namespace already.
    Namespace,
    /// The org or its edition lacks something that the package needs.
    Unsuitable,
    /// Salesforce stopped it with an error.
    Stopped,
    /// It kept saying that it may work later.
    TooOften,
    /// It did not end in time.
    TooLong,
    /// The org refuses installations through its API.
    Refused,
}

impl Install {
    /// Asked for now.
    #[must_use]
    pub fn asked(now: Timestamp, org_id: &str, version_id: &str) -> Self {
        Self {
            requested_at: now,
            org_id: org_id.to_owned(),
            version_id: version_id.to_owned(),
            state: InstallState::Requested,
            request_id: None,
            tries: 0,
        }
    }

    /// Whether it goes on by itself.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        !matches!(self.state, InstallState::Failed { .. } | InstallState::Done)
    }

    /// Whether it takes longer than one waits for.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        now >= plus(self.requested_at, PATIENCE)
    }

    /// Whether Salesforce was asked often enough.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.tries >= MOST_TRIES
    }

    /// In a sentence: how far it is, or what happened.
    #[must_use]
    pub fn in_words(&self) -> &'static str {
        match self.state {
            InstallState::Requested => "Salesforce is being asked to install the package.",
            InstallState::InProgress => {
                "Salesforce is installing the package. This takes some minutes; you can close this page."
            }
            InstallState::Retrying => {
                "Salesforce cannot install the package at this moment. It is asked again by itself; nothing is lost."
            }
            InstallState::Done => "Salesforce has installed the package. It is being looked at.",
            InstallState::Failed { why } => why.in_words(),
        }
    }
}

impl InstallFault {
    /// In a sentence; the way out is the installation link.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NotPermitted => {
                "The user who connected the org may not install packages: the permission “Download AppExchange Packages” is \
                 missing."
            }
            Self::Unavailable => "Salesforce does not offer this version of the package to this org.",
            Self::Namespace => {
                "Something in the org already uses the package’s namespace, so Salesforce cannot install it."
            }
            Self::Unsuitable => "Salesforce says that the org lacks something that the package needs.",
            Self::Stopped => "Salesforce began to install the package and stopped with an error. The org is unchanged.",
            Self::TooOften => "Salesforce said several times that it cannot install the package at this moment.",
            Self::TooLong => "Salesforce did not finish the installation within half an hour.",
            Self::Refused => "Salesforce does not let this service install packages in this org.",
        }
    }
}
