//! Plan of the legacy path: findings in, ordered changes out. Pure.
//!
//! Records of the headless way go first. Settings → provider → Named Credential: each needs the one before. Where a stored token may be another PIM's, callouts go off
//! first and come on again only after the org has been authorized anew.

use super::LegacyFinding;
use crate::wiring::{Change, Drift, Finding};

/// One full-state write of the legacy path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyChange {
    /// The records of the headless way away.
    Withdraw,
    /// Callouts off, nothing else.
    Pause,
    /// The plugin's settings.
    Settings,
    /// The Auth. Provider.
    Provider,
    /// The Named Credential.
    Credential {
        /// Enabled for Callouts.
        callouts: bool,
    },
    /// The same, where only callouts are off.
    Callouts,
}

impl LegacyChange {
    /// Stable name for the audit trail and for findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Withdraw => "token_records",
            Self::Pause => "classic_pause",
            Self::Settings => "plugin_settings",
            Self::Provider => "auth_provider",
            Self::Credential { .. } => "classic_named_credential",
            Self::Callouts => "callouts",
        }
    }

    /// Whether a health check may make it by itself.
    #[must_use]
    pub fn heals(self) -> bool {
        self == Self::Callouts
    }
}

/// The changes that remove the findings, in order. None while a finding needs a person first.
#[must_use]
pub fn legacy_plan(drift: &Drift) -> Vec<Change> {
    if drift.findings.iter().any(Finding::needs_a_person) {
        return Vec::new();
    }
    let found = |finding: &Finding| drift.findings.contains(finding);
    let differs = |what| found(&Finding::Legacy { what });
    let mut changes = Vec::new();
    if differs(LegacyFinding::TokenRecords) {
        changes.push(LegacyChange::Withdraw);
    }
    if found(&Finding::CalloutsTooEarly) {
        changes.push(LegacyChange::Pause);
    }
    if differs(LegacyFinding::Settings) {
        changes.push(LegacyChange::Settings);
    }
    if differs(LegacyFinding::Provider) {
        changes.push(LegacyChange::Provider);
    }
    if differs(LegacyFinding::Credential) || found(&Finding::NamedCredentialUrl) {
        let callouts = !drift.principal_is_stale;
        changes.push(LegacyChange::Credential { callouts });
    } else if found(&Finding::CalloutsOff) {
        changes.push(LegacyChange::Callouts);
    }
    changes.into_iter().map(Change::Legacy).collect()
}
