//! Switches of the package's installation through the API (facts/salesforce 9).

use serde::{Deserialize, Serialize};

use super::Verdict;

/// How an installation through the API goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstallSettings {
    /// How long one takes, by the org's clock.
    pub seconds: i64,
    /// The message with which each of the next installations ends, one after the other; those after them succeed.
    pub errors: Vec<String>,
    /// `InstallValidationStatus` of a version that is not installed.
    pub validation_status: String,
    /// Whether a query shows the requests.
    pub listed: Verdict,
}

impl Default for InstallSettings {
    fn default() -> Self {
        Self {
            seconds: 3,
            errors: Vec::new(),
            validation_status: "NO_ERRORS_DETECTED".to_owned(),
            listed: Verdict::Accept,
        }
    }
}
