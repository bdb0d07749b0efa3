//! Properties of drift and plan on a model of an org: from any state, with a crash after any change, the loop ends in the
//! target state, and callouts are never on while the endpoint is one PIM's and the stored token another's.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::salesforce::record::Kind;

const OURS: &str = "https://acme.cloud.akeneo.com";
const OTHER: &str = "https://other.cloud.akeneo.com";

/// An org: what is observable, and whose token the principal holds.
#[derive(Debug, Clone)]
struct Model {
    observed: Observed,
    memory: Memory,
    token_of: Option<&'static str>,
}

fn target() -> Target {
    Target {
        authorize_url: format!("{OURS}/connect/apps/v1/authorize"),
        token_url: format!("{OURS}/connect/apps/v1/oauth2/token"),
        endpoint: format!("{OURS}/"),
        generation: "g".to_owned(),
        client_id: "c".to_owned(),
    }
}

impl Model {
    fn safe(&self) -> bool {
        let endpoint = self.observed.endpoint.clone().unwrap_or_default();
        !self.observed.callouts || self.token_of.is_none_or(|pim| endpoint.starts_with(pim))
    }

    fn apply(&mut self, change: Change) {
        let target = target();
        match change {
            Change::Provider => {
                self.observed.authorize_url = Some(target.authorize_url);
                self.observed.token_url = Some(target.token_url);
                self.observed.pair_proves = true;
                self.observed.missing_rows.clear();
                self.observed.shows_scopes |= self.memory.asks_for_other_scopes;
            }
            Change::ProviderCredentials => {
                self.observed.credentials_contradict = false;
                self.memory.credentials_written = Some(target.generation);
                self.memory.client_written = Some(target.client_id);
            }
            Change::Access => {
                self.observed.users_with_access += self.observed.users_without_access.len();
                self.observed.users_without_access.clear();
            }
            Change::NamedCredential { callouts } => {
                self.observed.endpoint = Some(target.endpoint);
                self.observed.callouts = callouts;
            }
            Change::Legacy(LegacyChange::Withdraw) => self.memory.headless_records = false,
            Change::Legacy(_) | Change::Headless(_) => panic!("a change of another path: {change:?}"),
        }
    }
}

fn pim() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(OURS), Just(OTHER), Just("https://example.com")]
}

prop_compose! {
    /// States that an org can be in when it is first looked at: a stored token is of the PIM whose token URL the provider
    /// has, and with callouts on the endpoint is that PIM's too.
    fn model()(provider in pim(), endpoint in pim(), configured: bool, callouts: bool, pair_proves: bool,
               credentials_contradict: bool, wrote: bool, blocked: bool, shows_scopes: bool, other_scopes: bool, secrets_gone: bool,
               headless_records: bool,
               missing in prop::sample::subsequence(vec!["code_identifier", "code_challenge"], 0..=2),
               org_rows in prop::sample::subsequence(vec!["HttpHeader x", "AuthorizeRequestQueryParameter scope"], 0..=2)) -> Model {
        // A row that is not there proves nothing.
        let pair_proves = pair_proves && missing.is_empty();
        let missing_rows = missing.into_iter().map(str::to_owned).collect();
        let endpoint = if configured && callouts { provider } else { endpoint };
        let observed = Observed {
            authorize_url: Some(format!("{provider}/connect/apps/v1/authorize")),
            token_url: Some(format!("{provider}/connect/apps/v1/oauth2/token")),
            pair_proves,
            duplicate_rows: false,
            missing_rows,
            rows: org_rows.iter().map(|row| (*row).to_owned()).collect(),
            secrets_gone,
            shows_scopes,
            credentials_contradict,
            users_without_access: if blocked { vec!["ada@acme.example".to_owned()] } else { Vec::new() },
            users_in_trouble: Vec::new(),
            users_with_access: usize::from(!blocked),
            read_lost: blocked && secrets_gone,
            namesakes: Vec::new(),
            developer_controlled: false,
            package: None,
            endpoint: Some(endpoint.to_owned()),
            callouts,
            principal: if configured { PrincipalStatus::Configured } else { PrincipalStatus::NotConfigured },
        };
        let memory = Memory {
            credentials_written: wrote.then(|| "g".to_owned()),
            client_written: wrote.then(|| "c".to_owned()),
            principal_is_stale: false,
            asks_for_other_scopes: other_scopes,
            headless_records,
            ..Memory::default()
        };
        Model { observed, memory, token_of: configured.then_some(provider) }
    }
}

proptest! {
    #[test]
    fn every_state_converges_and_no_token_goes_to_another_host(mut org in model(), crashes in prop::collection::vec(0_usize..4, 0..6)) {
        let mut crashes = crashes.into_iter();
        for _round in 0..12 {
            prop_assert!(org.safe(), "unsafe: {org:?}");
            let found = drift(&target(), &org.observed, &org.memory);
            // Reconcile persists this before the first change.
            org.memory.principal_is_stale = found.principal_is_stale;
            let changes = plan(&found);
            if changes.is_empty() {
                if found.principal_is_stale {
                    // A person renews the principal through the provider as it stands now.
                    org.token_of = Some(OURS);
                    org.memory.principal_is_stale = false;
                    continue;
                }
                break;
            }
            let stop = crashes.next().unwrap_or(usize::MAX);
            for change in changes.into_iter().take(stop) {
                if change == Change::ProviderCredentials {
                    // Who authorizes next hands the secret to whatever token URL is there.
                    prop_assert_eq!(org.observed.token_url.as_ref(), Some(&target().token_url), "our secret for another host");
                }
                org.apply(change);
                prop_assert!(org.safe(), "unsafe after {change:?}: {org:?}");
            }
        }
        let end = drift(&target(), &org.observed, &org.memory);
        prop_assert_eq!(end.findings, vec![]);
        prop_assert!(org.observed.callouts && org.safe());
    }

    #[test]
    fn a_person_s_finding_stops_every_write(mut org in model()) {
        org.observed.duplicate_rows = true;
        let found = drift(&target(), &org.observed, &org.memory);
        prop_assert!(found.findings.contains(&Finding::DuplicateParameterRows));
        prop_assert_eq!(plan(&found), vec![]);
    }
}

/// An org as it should be.
fn wired() -> Observed {
    let target = target();
    Observed {
        authorize_url: Some(target.authorize_url),
        token_url: Some(target.token_url),
        pair_proves: true,
        duplicate_rows: false,
        missing_rows: Vec::new(),
        rows: BTreeSet::new(),
        secrets_gone: false,
        shows_scopes: true,
        credentials_contradict: false,
        users_without_access: Vec::new(),
        users_in_trouble: Vec::new(),
        users_with_access: 1,
        read_lost: false,
        namesakes: Vec::new(),
        developer_controlled: false,
        package: None,
        endpoint: Some(target.endpoint),
        callouts: true,
        principal: PrincipalStatus::Configured,
    }
}

fn remembered() -> Memory {
    Memory {
        credentials_written: Some("g".to_owned()),
        client_written: Some("c".to_owned()),
        ..Memory::default()
    }
}

/// States that are told and change nothing, and states that explain a change.
#[test]
fn each_state_has_its_finding_and_its_plan() {
    let check = |change: fn(&mut Observed, &mut Memory), findings: Vec<Finding>, changes: &[Change]| {
        let (mut observed, mut memory) = (wired(), remembered());
        change(&mut observed, &mut memory);
        let found = drift(&target(), &observed, &memory);
        assert_eq!(found.findings, findings);
        assert_eq!(plan(&found), changes, "{findings:?}");
    };
    let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    check(|_, _| {}, vec![], &[]);
    check(
        |observed, _| observed.namesakes = vec![Kind::NamedCredential],
        vec![Finding::Namesakes {
            kinds: vec![Kind::NamedCredential],
        }],
        &[],
    );
    check(
        |observed, _| observed.developer_controlled = true,
        vec![Finding::DeveloperControlled],
        &[],
    );
    check(
        |_, memory| memory.rows = BTreeSet::from(["HttpHeader x".to_owned()]),
        vec![Finding::RowsLost {
            rows: texts(&["HttpHeader x"]),
        }],
        &[],
    );
    check(
        |observed, memory| (memory.package, observed.package) = (Some("3.2".to_owned()), Some("3.3".to_owned())),
        vec![Finding::PackageChanged {
            from: "3.2".to_owned(),
            to: "3.3".to_owned(),
        }],
        &[],
    );
    check(|observed, _| observed.package = Some("3.3".to_owned()), vec![], &[]);
    check(
        |observed, _| (observed.missing_rows, observed.pair_proves) = (vec!["code_challenge".to_owned()], false),
        vec![
            Finding::NeedsRepair {
                rows: texts(&["code_challenge"]),
            },
            Finding::ProviderParameters,
            Finding::ProviderCredentials,
        ],
        &[Change::Provider, Change::ProviderCredentials],
    );
    check(
        |observed, _| {
            (observed.secrets_gone, observed.credentials_contradict) = (true, true);
            observed.principal = PrincipalStatus::NotConfigured;
        },
        vec![Finding::SecretsGone, Finding::ProviderCredentials],
        &[Change::ProviderCredentials],
    );
    check(
        |observed, _| (observed.read_lost, observed.users_without_access) = (true, vec!["ada".to_owned()]),
        vec![Finding::ReadLost, Finding::AccessMissing { users: texts(&["ada"]) }],
        &[Change::Access],
    );
    check(|observed, _| observed.read_lost = true, vec![], &[]);
}

#[test]
fn a_fresh_org_is_wired_in_the_safe_order() {
    let observed = Observed {
        authorize_url: Some("https://example.com/authorize".to_owned()),
        token_url: Some("https://example.com/token".to_owned()),
        pair_proves: false,
        users_without_access: vec!["ada@acme.example".to_owned()],
        users_with_access: 0,
        endpoint: Some("https://example.com".to_owned()),
        callouts: false,
        principal: PrincipalStatus::NotConfigured,
        ..wired()
    };
    let changes = plan(&drift(&target(), &observed, &Memory::default()));
    let order = [
        Change::Provider,
        Change::ProviderCredentials,
        Change::Access,
        Change::NamedCredential { callouts: true },
    ];
    assert_eq!(changes, order);
}

#[test]
fn an_org_of_another_pim_is_paused_first_and_enabled_after_the_principal() {
    let observed = Observed {
        authorize_url: Some(format!("{OTHER}/connect/apps/v1/authorize")),
        token_url: Some(format!("{OTHER}/connect/apps/v1/oauth2/token")),
        pair_proves: false,
        endpoint: Some(OTHER.to_owned()),
        ..wired()
    };
    let found = drift(&target(), &observed, &Memory::default());
    assert!(found.principal_is_stale);
    let order = [
        Change::NamedCredential { callouts: false },
        Change::Provider,
        Change::ProviderCredentials,
    ];
    assert_eq!(plan(&found), order);
}
