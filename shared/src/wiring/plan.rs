//! Plan: findings in, ordered changes out. Pure.
//!
//! The order is such that a plan that stops half-way never sends data to the wrong host: provider URLs and parameters →
//! provider credentials → grants → Named Credential with callouts last. Where the principal still holds another PIM's
//! token, the Named Credential is paused first and enabled only after the principal has been renewed.

use super::{Drift, Finding};

/// One full-state write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Authorize URL, Token URL and the two parameters of the provider, in one write.
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
        }
    }

    /// Whether it belongs to the few that a health check may make by itself: it only restores what the customer agreed to.
    #[must_use]
    pub fn heals(self) -> bool {
        matches!(self, Self::Access | Self::NamedCredential { .. })
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
    if found(&[Finding::ProviderUrls, Finding::ProviderParameters]) {
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
    changes
}
