//! Drift of the legacy path: desired and observed in, findings out. Pure.

use super::LegacyFinding;
use crate::salesforce::legacy::{ProviderState, SettingsState};
use crate::wiring::{Drift, Finding};

/// What the org should have, as far as it can be compared here; values have been compared when they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyTarget {
    /// Names the client id and secret that the plugin should have.
    pub generation: String,
    /// The client id among them.
    pub client_id: String,
}

/// The Named Credential `Akeneo` as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyCredential {
    /// There is none.
    Absent,
    /// It is of another kind.
    OtherKind,
    /// It is the one that we made for the headless way.
    Headless,
    /// It is a classic one.
    Classic {
        /// Whether its URL is the PIM's.
        url: bool,
        /// Whether everything else is as the guide prescribes.
        guide: bool,
        /// Whether its tokens come from the provider `Akeneo`.
        our_provider: bool,
        /// Enabled for Callouts.
        callouts: bool,
    },
}

/// How the org looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegacyObserved {
    /// Whether the package's plugin is known.
    pub plugin: bool,
    /// The plugin's settings.
    pub settings: SettingsState,
    /// The Auth. Provider.
    pub provider: ProviderState,
    /// The Named Credential.
    pub credential: LegacyCredential,
}

/// What we remember and the org does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LegacyMemory {
    /// The generation of the settings that we wrote last.
    pub settings_written: Option<String>,
    /// The client id that we wrote last.
    pub client_written: Option<String>,
    /// Whether we made the provider, or set it right.
    pub provider_written: bool,
    /// Whether the stored token is known to belong to another PIM or app than the target.
    pub principal_is_stale: bool,
    /// Whether there may be records of the headless way.
    pub headless_records: bool,
}

/// Compares an org with its target.
#[must_use]
pub fn legacy_drift(target: &LegacyTarget, observed: &LegacyObserved, memory: &LegacyMemory) -> Drift {
    let stop = |what| Drift {
        findings: vec![Finding::Legacy { what }],
        principal_is_stale: memory.principal_is_stale,
    };
    // A provider that a person has made needs no plugin that we know.
    if !observed.plugin && memory.settings_written.as_ref() != Some(&target.generation) {
        return stop(LegacyFinding::PluginUnknown);
    }
    if observed.provider == ProviderState::Foreign {
        return stop(LegacyFinding::ForeignProvider);
    }
    if observed.credential == LegacyCredential::OtherKind {
        return stop(LegacyFinding::NameTaken);
    }
    let mut findings = Vec::new();
    let mut found = |what| findings.push(Finding::Legacy { what });
    if memory.headless_records || observed.credential == LegacyCredential::Headless {
        found(LegacyFinding::TokenRecords);
    }
    let settings = match observed.settings {
        SettingsState::Absent => false,
        SettingsState::Hidden => memory.settings_written.as_ref() == Some(&target.generation),
        SettingsState::Present { equal, .. } => equal,
    };
    if !settings {
        found(LegacyFinding::Settings);
    }
    let provider = match observed.provider {
        ProviderState::Equal => true,
        ProviderState::Hidden => memory.provider_written,
        ProviderState::Absent | ProviderState::OtherSettings | ProviderState::Foreign => false,
    };
    if !provider {
        found(LegacyFinding::Provider);
    }
    let principal_is_stale = is_stale(target, observed, memory);
    match observed.credential {
        LegacyCredential::Classic {
            url, guide, callouts, ..
        } => {
            if !guide {
                found(LegacyFinding::Credential);
            }
            if !url {
                findings.push(Finding::NamedCredentialUrl);
            }
            match (principal_is_stale, callouts) {
                (true, true) => findings.push(Finding::CalloutsTooEarly),
                (false, false) => findings.push(Finding::CalloutsOff),
                _ => {}
            }
        }
        LegacyCredential::Absent | LegacyCredential::Headless | LegacyCredential::OtherKind => {
            found(LegacyFinding::Credential);
        }
    }
    Drift {
        findings,
        principal_is_stale,
    }
}

/// Whether a token that the Named Credential may hold could be another PIM's or app's. A new one holds none.
fn is_stale(target: &LegacyTarget, observed: &LegacyObserved, memory: &LegacyMemory) -> bool {
    let LegacyCredential::Classic { our_provider, url, .. } = observed.credential else {
        return false;
    };
    let written = memory.client_written.as_ref() == Some(&target.client_id);
    let same_app = match observed.settings {
        // Settings that a person has changed since say nothing about a token from before.
        SettingsState::Present { same_app, .. } => same_app && (url || written),
        SettingsState::Hidden | SettingsState::Absent => written,
    };
    memory.principal_is_stale || !same_app || !our_provider
}
