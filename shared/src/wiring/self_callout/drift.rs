//! Drift and plan of the picklist synchronisation's records. Pure.
//!
//! As in the main wiring, the Named Credential comes last: it never points at the org with callouts on before the
//! credentials behind it are the app's.

use url::Url;

use super::SelfFinding;
use crate::wiring::PrincipalStatus;

/// What the records should look like, as far as they can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SelfTarget {
    /// The token URL on the org's own My Domain.
    pub(super) token_url: String,
    /// The root of the org's own My Domain.
    pub(super) endpoint: String,
    /// The app's consumer key.
    pub(super) client_id: String,
    /// Names the key and the secret.
    pub(super) generation: String,
}

/// How the records look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SelfObserved {
    /// Whether all of them are there.
    pub(super) present: bool,
    /// Where tokens are asked for.
    pub(super) token_url: Option<String>,
    /// Whether the org shows that key and secret are not what we wrote.
    pub(super) credentials_contradict: bool,
    /// Users that run transfers and may not use the credentials.
    pub(super) users_without_access: Vec<String>,
    /// The Named Credential's URL.
    pub(super) endpoint: Option<String>,
    /// Enabled for Callouts.
    pub(super) callouts: bool,
    /// The `Default` principal.
    pub(super) principal: PrincipalStatus,
    /// The External Credential's full name.
    pub(super) external_credential: String,
}

/// What we remember and the org does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SelfMemory {
    /// The generation that we wrote last.
    pub(super) credentials_written: Option<String>,
}

/// One full-state write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SelfChange {
    /// Our own External Credential: its existence and its token URL.
    Records,
    /// The packaged provider's token URL.
    Provider,
    /// The app's key and secret.
    Credentials,
    /// Access of the users that run transfers.
    Access,
    /// The Named Credential: its existence if it is ours, its URL, and "Enabled for Callouts".
    NamedCredential,
}

impl SelfChange {
    /// Stable name for the audit trail and for findings.
    #[must_use]
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Records => "self_records",
            Self::Provider => "self_provider",
            Self::Credentials => "self_credentials",
            Self::Access => "self_access",
            Self::NamedCredential => "self_named_credential",
        }
    }
}

/// Whether two URLs mean the same; a trailing slash makes no difference, a path does (facts/akeneo, appendix A).
fn same(found: Option<&str>, wanted: &str) -> bool {
    let normal = |text: &str| Url::parse(text).map(|url| url.as_str().trim_end_matches('/').to_owned());
    matches!((found.map(normal), normal(wanted)), (Some(Ok(found)), Ok(wanted)) if found == wanted)
}

/// The differences.
#[must_use]
pub(super) fn self_drift(target: &SelfTarget, observed: &SelfObserved, memory: &SelfMemory) -> Vec<SelfFinding> {
    let mut findings = Vec::new();
    if !observed.present {
        findings.push(SelfFinding::RecordsMissing);
    }
    if !same(observed.token_url.as_deref(), &target.token_url) {
        findings.push(SelfFinding::TokenUrl);
    }
    if observed.credentials_contradict || memory.credentials_written.as_ref() != Some(&target.generation) {
        findings.push(SelfFinding::Credentials);
    }
    if !observed.users_without_access.is_empty() {
        findings.push(SelfFinding::AccessMissing {
            users: observed.users_without_access.clone(),
        });
    }
    if !same(observed.endpoint.as_deref(), &target.endpoint) {
        findings.push(SelfFinding::EndpointUrl);
    }
    if !observed.callouts {
        findings.push(SelfFinding::CalloutsOff);
    }
    if findings.is_empty() && observed.principal == PrincipalStatus::NotConfigured {
        findings.push(SelfFinding::NotConfigured {
            external_credential: observed.external_credential.clone(),
        });
    }
    findings
}

/// The changes that remove the findings, in order. `packaged`: the records came with the package, so their existence and
/// their links are not ours to change.
#[must_use]
pub(super) fn self_plan(findings: &[SelfFinding], packaged: bool) -> Vec<SelfChange> {
    let found = |wanted: &[SelfFinding]| findings.iter().any(|finding| wanted.contains(finding));
    let access = findings
        .iter()
        .any(|finding| matches!(finding, SelfFinding::AccessMissing { .. }));
    let mut changes = Vec::new();
    if found(&[SelfFinding::TokenUrl]) {
        changes.push(if packaged {
            SelfChange::Provider
        } else {
            SelfChange::Records
        });
    }
    if found(&[SelfFinding::Credentials]) {
        changes.push(SelfChange::Credentials);
    }
    if access {
        changes.push(SelfChange::Access);
    }
    if found(&[SelfFinding::EndpointUrl, SelfFinding::CalloutsOff]) {
        changes.push(SelfChange::NamedCredential);
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target() -> SelfTarget {
        SelfTarget {
            token_url: "https://acme.my.salesforce.com/services/oauth2/token".into(),
            endpoint: "https://acme.my.salesforce.com".into(),
            client_id: "3MVG9".into(),
            generation: "g1".into(),
        }
    }

    fn wired() -> (SelfObserved, SelfMemory) {
        let observed = SelfObserved {
            present: true,
            token_url: Some(target().token_url),
            credentials_contradict: false,
            users_without_access: Vec::new(),
            endpoint: Some("https://acme.my.salesforce.com/".into()),
            callouts: true,
            principal: PrincipalStatus::Configured,
            external_credential: "ns__Salesforce_Self".into(),
        };
        let memory = SelfMemory {
            credentials_written: Some("g1".into()),
        };
        (observed, memory)
    }

    #[test]
    fn what_is_wired_has_no_drift_and_a_path_in_the_url_is_one() {
        let (mut observed, memory) = wired();
        assert_eq!(self_drift(&target(), &observed, &memory), []);
        observed.endpoint = Some("https://acme.my.salesforce.com/services/data".into());
        assert_eq!(self_drift(&target(), &observed, &memory), [SelfFinding::EndpointUrl]);
    }

    #[test]
    fn an_unconfigured_principal_is_a_finding_only_when_everything_else_is_in_place() {
        let (mut observed, memory) = wired();
        observed.principal = PrincipalStatus::NotConfigured;
        let found = self_drift(&target(), &observed, &memory);
        assert!(
            matches!(found.as_slice(), [SelfFinding::NotConfigured { .. }]),
            "{found:?}"
        );
        assert!(self_plan(&found, true).is_empty());
        let found = self_drift(&target(), &observed, &SelfMemory::default());
        assert_eq!(found, [SelfFinding::Credentials]);
    }

    /// What a change does to an org.
    fn made(change: SelfChange, observed: &mut SelfObserved, memory: &mut SelfMemory) {
        match change {
            SelfChange::Records | SelfChange::Provider => observed.token_url = Some(target().token_url),
            SelfChange::Credentials => {
                observed.credentials_contradict = false;
                memory.credentials_written = Some("g1".into());
                observed.principal = PrincipalStatus::Configured;
            }
            SelfChange::Access => observed.users_without_access.clear(),
            SelfChange::NamedCredential => {
                observed.endpoint = Some(target().endpoint);
                observed.callouts = true;
            }
        }
    }

    proptest! {
        #[test]
        fn from_any_state_and_stopped_anywhere_it_converges_with_the_named_credential_last(
            packaged: bool, token in proptest::option::of("https://(acme|other)\\.my\\.salesforce\\.com/services/oauth2/token"),
            contradict: bool, lacking: bool, endpoint in proptest::option::of("https://(acme|other)\\.my\\.salesforce\\.com(/services/data)?"),
            callouts: bool, written in proptest::option::of("g[12]"), stops in proptest::collection::vec(0usize..5, 0..4),
        ) {
            let mut observed = SelfObserved {
                present: packaged || (token.is_some() && endpoint.is_some()),
                token_url: token.clone(),
                credentials_contradict: contradict,
                users_without_access: if lacking { vec!["a@b.example".into()] } else { Vec::new() },
                callouts: callouts && endpoint.is_some(),
                endpoint,
                principal: PrincipalStatus::NotConfigured,
                external_credential: "x".into(),
            };
            let mut memory = SelfMemory { credentials_written: written };
            let mut rounds = stops.into_iter().chain([usize::MAX, usize::MAX, usize::MAX]);
            loop {
                let found = self_drift(&target(), &observed, &memory);
                let changes = self_plan(&found, packaged);
                if changes.is_empty() {
                    // Whether the org then calls the principal configured is the org's to say.
                    prop_assert!(found.iter().all(|finding| matches!(finding, SelfFinding::NotConfigured { .. })), "{:?}", found);
                    break;
                }
                let Some(stop) = rounds.next() else { return Err(TestCaseError::fail("does not converge")) };
                for change in changes.into_iter().take(stop) {
                    if matches!(change, SelfChange::Credentials | SelfChange::NamedCredential) {
                        // Neither is the secret kept for another token URL, nor are callouts on before it is the app's.
                        let wanted = target().token_url;
                        prop_assert_eq!(observed.token_url.as_deref(), Some(wanted.as_str()));
                    }
                    if change == SelfChange::NamedCredential {
                        prop_assert_eq!(memory.credentials_written.as_deref(), Some("g1"));
                        prop_assert!(!observed.credentials_contradict);
                    }
                    made(change, &mut observed, &mut memory);
                    observed.present = observed.token_url.is_some() && observed.endpoint.is_some();
                }
            }
        }
    }
}
