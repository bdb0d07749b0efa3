//! Properties of drift and plan on a model of an org: from any state, with a crash after any change, the loop ends in the
//! target state, and callouts are never on while the endpoint is one PIM's and the stored token another's.

use proptest::prelude::*;

use super::*;

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
            }
            Change::ProviderCredentials => {
                self.observed.credentials_contradict = false;
                self.memory.credentials_written = Some(target.generation);
                self.memory.client_written = Some(target.client_id);
            }
            Change::Access => self.observed.users_without_access.clear(),
            Change::NamedCredential { callouts } => {
                self.observed.endpoint = Some(target.endpoint);
                self.observed.callouts = callouts;
            }
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
               credentials_contradict: bool, wrote: bool, blocked: bool) -> Model {
        let endpoint = if configured && callouts { provider } else { endpoint };
        let observed = Observed {
            authorize_url: Some(format!("{provider}/connect/apps/v1/authorize")),
            token_url: Some(format!("{provider}/connect/apps/v1/oauth2/token")),
            pair_proves,
            duplicate_rows: false,
            credentials_contradict,
            users_without_access: if blocked { vec!["ada@acme.example".to_owned()] } else { Vec::new() },
            endpoint: Some(endpoint.to_owned()),
            callouts,
            principal: if configured { PrincipalStatus::Configured } else { PrincipalStatus::NotConfigured },
        };
        let memory = Memory {
            credentials_written: wrote.then(|| "g".to_owned()),
            client_written: wrote.then(|| "c".to_owned()),
            principal_is_stale: false,
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

#[test]
fn a_fresh_org_is_wired_in_the_safe_order() {
    let observed = Observed {
        authorize_url: Some("https://example.com/authorize".to_owned()),
        token_url: Some("https://example.com/token".to_owned()),
        pair_proves: false,
        duplicate_rows: false,
        credentials_contradict: false,
        users_without_access: vec!["ada@acme.example".to_owned()],
        endpoint: Some("https://example.com".to_owned()),
        callouts: false,
        principal: PrincipalStatus::NotConfigured,
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
        duplicate_rows: false,
        credentials_contradict: false,
        users_without_access: Vec::new(),
        endpoint: Some(OTHER.to_owned()),
        callouts: true,
        principal: PrincipalStatus::Configured,
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
