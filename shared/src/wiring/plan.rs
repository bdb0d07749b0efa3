//! Plan: findings in, ordered changes out. Pure.
//!
//! The order is such that a plan that stops half-way never sends data to the wrong host: provider URLs and parameters →
//! provider credentials → grants → Named Credential with callouts last. Where the principal still holds another PIM's
//! token, the Named Credential is paused first and enabled only after the principal has been renewed.

use super::{Drift, Finding, HeadlessChange, LegacyChange, LegacyFinding};
use crate::connection::HealPolicy;

/// One full-state write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Authorize URL, Token URL, the two parameters and, where the org needs it, the scopes of the provider, in one write.
    Provider,
    /// The provider's client id and secret.
    ProviderCredentials,
    /// Access of the users that run transfers.
    Access,
    /// The Named Credential's URL and "Enabled for Callouts", in one write.
    NamedCredential {
        /// Enabled for Callouts.
        callouts: bool,
    },
    /// A write to an org with a package before 3.0.
    Legacy(LegacyChange),
    /// A write to such an org that is wired without a browser.
    Headless(HeadlessChange),
}

impl Change {
    /// Stable name for the audit trail and for findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::ProviderCredentials => "provider_credentials",
            Self::Access => "access",
            Self::NamedCredential { .. } => "named_credential",
            Self::Legacy(change) => change.name(),
            Self::Headless(change) => change.name(),
        }
    }

    /// Whether it belongs to the few that a health check may make by itself: it only restores what the customer agreed to, as far as
    /// the connection's policy lets it.
    #[must_use]
    pub fn heals(self, policy: HealPolicy) -> bool {
        let callouts = policy != HealPolicy::Off;
        match self {
            Self::Access => policy == HealPolicy::CalloutsAndGrants,
            Self::NamedCredential { .. } => callouts,
            Self::Provider | Self::ProviderCredentials => false,
            Self::Legacy(change) => callouts && change.heals(),
            Self::Headless(change) => callouts && change.heals(),
        }
    }
}

/// The changes that remove the findings, in order. None while a finding needs a person first.
#[must_use]
pub fn plan(drift: &Drift) -> Vec<Change> {
    let found = |wanted: &[Finding]| drift.findings.iter().any(|finding| wanted.contains(finding));
    let access = drift
        .findings
        .iter()
        .any(|finding| matches!(finding, Finding::AccessMissing { .. }));
    if found(&[Finding::DuplicateParameterRows]) {
        return Vec::new();
    }
    let mut changes = Vec::new();
    if drift.principal_is_stale && found(&[Finding::NamedCredentialUrl, Finding::CalloutsTooEarly]) {
        changes.push(Change::NamedCredential { callouts: false });
    }
    if found(&[
        Finding::ProviderUrls,
        Finding::ProviderParameters,
        Finding::ScopesNotAsked,
    ]) {
        changes.push(Change::Provider);
    }
    if found(&[Finding::ProviderCredentials]) {
        changes.push(Change::ProviderCredentials);
    }
    if access {
        changes.push(Change::Access);
    }
    if !drift.principal_is_stale && found(&[Finding::NamedCredentialUrl, Finding::CalloutsOff]) {
        changes.push(Change::NamedCredential { callouts: true });
    }
    let left = Finding::Legacy {
        what: LegacyFinding::TokenRecords,
    };
    if found(&[left]) {
        changes.push(Change::Legacy(LegacyChange::Withdraw));
    }
    changes
}
