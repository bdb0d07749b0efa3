//! The probe of a real org, asked of the simulated one with its switches both ways: it reports what the org does, leaves it as it
//! was, and what it reports configures the service.

mod interrupted;
mod legacy;
mod relay;

use std::collections::BTreeSet;

use connector::config::Config;
use connector::connection::{ConnectionId, load_connection};
use connector::custody::read_salesforce;
use connector::outbound::Permit;
use connector::salesforce::capability::Capabilities;
use connector::secret::Sensitive;
use connector::service::Services;
use salesforce_simulator::Preset;
use sandbox_probe::credentials::Credentials;
use sandbox_probe::org::Org;
use sandbox_probe::run::Options;
use sandbox_probe::writes::WRITES;
use sandbox_probe::{Asked, ProbeFault, Report, Undo, Write, probe};
use serde_json::{Value, json};

use crate::attended::{Attended, minute};

impl Attended {
    /// The org as the probe opens it, with the session that the connection has.
    async fn probed(&self) -> Org {
        let services = &self.stack.services;
        let id = ConnectionId::parse(&self.id).unwrap();
        let connection = load_connection(services, &id).await.unwrap().unwrap();
        let generation = connection.salesforce.org.unwrap().token_generation;
        let stored = read_salesforce(services, &id, generation, minute())
            .await
            .unwrap()
            .unwrap();
        let url = self.stack.org.url();
        let permit = Permit::parse(&url.origin().ascii_serialization()).unwrap();
        Org::open(Credentials::new(url.as_str(), stored.access_token.expose(), &permit).unwrap())
            .await
            .unwrap()
    }

    async fn probe(&self, yes: bool) -> (Report, Vec<Write>) {
        self.probe_with(&Options::default(), yes).await
    }

    async fn probe_with(&self, options: &Options, yes: bool) -> (Report, Vec<Write>) {
        let (org, mut report) = (self.probed().await, Report::default());
        let mut shown = Vec::new();
        let mut consent = |write: &Write| {
            shown.push(write.clone());
            answer(yes)
        };
        probe(&org, options, &mut consent, &Undo::default(), &mut report)
            .await
            .unwrap();
        (report, shown)
    }

    /// What a probe may not leave changed.
    fn condition(&self) -> Value {
        let state = self.org().state();
        json!([
            state["named_credentials"],
            state["external_credentials"],
            state["external_auth_identity_providers"],
            state["auth_providers"],
            state["legacy_tokens"],
            state["principals"],
            state["permission_sets"]
        ])
    }
}

/// Somebody who always says the same.
fn answer(yes: bool) -> Asked {
    Box::pin(std::future::ready(yes))
}

async fn wired_sandbox() -> Attended {
    let mut attended = Attended::both(Preset::Sandbox).await;
    attended.finish().await;
    attended
}

#[tokio::test]
async fn it_reports_what_the_org_does_and_leaves_it_as_it_was() {
    let attended = wired_sandbox().await;
    for (settings, expect) in [
        (
            json!({}),
            "tooling_callout_status=accepted,connect_put_managed_eaip=accepted,tooling_patch_managed_eaip=accepted,execute_anonymous=accepted,legacy_token_injection=refused",
        ),
        (
            json!({ "tooling_callout_status": "reject", "execute_anonymous_managed": "reject", "null_keys": "omit" }),
            "tooling_callout_status=refused,connect_put_managed_eaip=accepted,tooling_patch_managed_eaip=accepted,execute_anonymous=refused,legacy_token_injection=refused",
        ),
        (
            json!({ "connect_put_managed_eaip": "reject", "eaip_credentials_shape": "null", "second_credentials_post": "ok",
                "tooling_patch_success": "empty_object" }),
            "tooling_callout_status=accepted,connect_put_managed_eaip=refused,tooling_patch_managed_eaip=accepted,execute_anonymous=accepted,legacy_token_injection=refused",
        ),
        (
            json!({ "extra_eaip_credentials_key": "accept", "eaip_credentials_shape": "client_id_clear", "disable_on_write": "any",
                "legacy_oauth_token": "authenticates", "writes": { "tooling_provider": "reject" } }),
            "tooling_callout_status=accepted,connect_put_managed_eaip=accepted,tooling_patch_managed_eaip=refused,execute_anonymous=accepted,legacy_token_injection=accepted",
        ),
    ] {
        attended.set(&settings);
        let before = attended.condition();
        let (report, shown) = attended.probe(true).await;
        assert_eq!(report.capabilities.to_string(), expect, "{settings}: {report}");
        assert_eq!(attended.condition(), before, "{settings}");
        assert_eq!(report.left_behind, Vec::<String>::new());
        assert_eq!(shown.len(), WRITES.len(), "each write is shown and asked for");
        for (name, value) in settings.as_object().unwrap() {
            let (answer, words) = match (name.as_str(), value.as_str().unwrap_or_default()) {
                ("tooling_callout_status", _) => ("callout_status_by_tooling", "refused (403"),
                ("execute_anonymous_managed", _) => ("anonymous_apex", "refused"),
                ("null_keys", _) => ("null_keys", "none seen"),
                ("connect_put_managed_eaip", _) => ("provider_by_connect", "refused (400"),
                ("eaip_credentials_shape", "null") => ("credentials_shape", "null"),
                ("eaip_credentials_shape", _) => ("credentials_shape", "clientId: in clear"),
                ("second_credentials_post", _) => ("credentials_posted_twice", "accepted"),
                ("tooling_patch_success", _) => ("tooling_patch_success", "200"),
                ("extra_eaip_credentials_key", _) => ("credentials_with_name", "accepted"),
                ("disable_on_write", _) => ("callouts_flipped_by_write", "yes: they were Disabled"),
                ("legacy_oauth_token", _) => ("legacy_oauth_token", "accepted"),
                ("writes", _) => ("provider_by_tooling", "refused"),
                other => panic!("{other:?}"),
            };
            let found = report.answer(answer).unwrap();
            assert!(found.contains(words), "{name}: {answer} is {found}");
        }
        let defaults: Value = settings
            .as_object()
            .unwrap()
            .keys()
            .map(|key| (key.clone(), Value::Null))
            .collect();
        attended.set(&defaults);
    }
    let (report, _) = attended.probe(true).await;
    for (answer, words) in [
        ("namespace", "akeneo_pim"),
        ("callback_url", "/services/authcallback/akeneo_pim__Akeneo"),
        ("credentials_posted_twice", "refused (409"),
        ("null_keys", "emitted"),
        ("tooling_patch_success", "204"),
        ("principal_after_endpoint", "yes"),
        ("principal_after_token_url", "yes"),
        ("principal_after_secret", "open: the secret cannot be read"),
        ("callouts_flipped_by_write", "no"),
        ("legacy_oauth_token", "refused (Salesforce says: "),
        ("legacy_custom_credential", "open: only the package's own code shows it"),
    ] {
        let found = report.answer(answer).unwrap();
        assert!(found.contains(words), "{answer} is {found}");
    }
}

#[tokio::test]
async fn without_a_yes_it_only_reads() {
    let attended = wired_sandbox().await;
    let writes = attended.writes().len();
    let (report, shown) = attended.probe(false).await;
    assert_eq!(attended.writes().len(), writes);
    assert_eq!(report.capabilities, Capabilities::default());
    assert_eq!(shown.len(), WRITES.len());
    assert_eq!(report.answer("callout_status_by_tooling"), Some("open: not agreed to"));
    // What is shown and reported holds nothing that opens anything.
    let text = format!("{shown:?}{report}{}", report.json());
    let (client_id, client_secret) = attended.app.clone().unwrap();
    let provider = attended.provider();
    let rows = provider["parameters"].as_array().unwrap();
    let pair = rows
        .iter()
        .filter(|row| row["name"].as_str().unwrap().starts_with("code_"));
    let secrets = pair.map(|row| row["value"].as_str().unwrap().to_owned());
    let secrets: Vec<String> = secrets.chain([client_secret]).collect();
    assert_eq!(secrets.len(), 3, "{client_id}");
    for secret in secrets {
        assert!(!text.contains(&secret));
    }
}

#[tokio::test]
async fn a_production_org_is_refused_unless_it_is_meant() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    let org = attended.probed().await;
    let mut no = |_: &Write| answer(false);
    let (undo, mut report) = (Undo::default(), Report::default());
    let refused = probe(&org, &Options::default(), &mut no, &undo, &mut report).await;
    assert!(matches!(refused, Err(ProbeFault::Production(_))));
    assert!(report.answers.is_empty());
    let meant = Options {
        production: true,
        ..Options::default()
    };
    probe(&org, &meant, &mut no, &undo, &mut report).await.unwrap();
    assert_eq!(report.is_sandbox, Some(false));
    attended.act(&salesforce_simulator::Action::ExpireSessions {});
    let over = probe(&org, &meant, &mut no, &undo, &mut report).await;
    assert!(matches!(over, Err(ProbeFault::Session)));
}

/// All ten points of facts/salesforce 16, whatever the org has and whatever the operator says: an answer, or why there is none.
#[tokio::test]
async fn every_point_is_answered_or_said_to_be_open() {
    let points: BTreeSet<String> = (1..=10).map(|point| format!("16 ({point})")).collect();
    for preset in [
        Preset::Sandbox,
        Preset::PackageMissing,
        Preset::Legacy,
        Preset::SelfPackaged,
    ] {
        let mut attended = Attended::begin(preset).await;
        attended.walk.connect_salesforce("production", "Allow").await.unwrap();
        for yes in [false, true] {
            let before = attended.condition();
            let options = Options {
                production: true,
                ..Options::default()
            };
            let (report, _) = attended.probe_with(&options, yes).await;
            let told: BTreeSet<String> = report.answers.iter().map(|answer| answer.point.to_owned()).collect();
            let missing: Vec<_> = points.difference(&told).collect();
            assert!(missing.is_empty(), "{preset:?} {yes}: {missing:?}");
            for found in &report.answers {
                let why = found.answer.strip_prefix("open");
                assert!(
                    !found.answer.is_empty() && why.is_none_or(|why| why.len() > 10),
                    "{found:?}"
                );
            }
            assert_eq!(attended.condition(), before, "{preset:?} {yes}");
            assert_eq!(report.left_behind, [""; 0]);
            if preset == Preset::SelfPackaged {
                let others = report.answer("other_packaged_records").unwrap();
                assert!(
                    others.contains("ExternalAuthIdentityProvider akeneo_pim__Salesforce_Self (ClientCredentials)"),
                    "{others}"
                );
            }
        }
    }
}

/// A token that the org drops cannot be put back: a person is told, and what to do.
#[tokio::test]
async fn a_token_that_is_lost_is_told() {
    let attended = wired_sandbox().await;
    attended.set(&json!({ "token_after_change": "invalidate" }));
    let (report, _) = attended.probe(true).await;
    let lost = report.answer("principal_after_endpoint").unwrap();
    assert_eq!(lost, "no: the principal is NotConfigured afterwards");
    assert!(
        report
            .left_behind
            .iter()
            .any(|left| left.contains("walk step 4 of the setup link")),
        "{:?}",
        report.left_behind
    );
}

/// The service with what a probe reported.
pub(crate) fn configured(services: &Services, line: &str) -> Services {
    let (name, value) = line.split_once('=').unwrap();
    let pairs = [
        ("CONNECTOR_PUBLIC_URL", "http://127.0.0.1"),
        ("CONNECTOR_STORE", "embedded:none"),
        (name, value),
    ];
    let read = Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
    let mut services = services.clone();
    let config = Config {
        capabilities: read.capabilities,
        ..(*services.config).clone()
    };
    services.config = config.into();
    services
}

#[tokio::test]
async fn what_it_reports_saves_the_service_the_ways_that_are_refused() {
    let refusing = json!({ "connect_put_managed_eaip": "reject", "tooling_callout_status": "reject" });
    let attended = wired_sandbox().await;
    attended.set(&refusing);
    let (report, _) = attended.probe(true).await;
    let line = report.configuration();

    for told in [false, true] {
        let mut attended = Attended::begin(Preset::Sandbox).await;
        attended.set(&refusing);
        if told {
            attended.stack.services = configured(&attended.stack.services, &line);
        }
        attended.connect_both().await;
        attended.wire().await;
        let refused = attended
            .writes()
            .iter()
            .filter(|entry| entry.status.is_some_and(|status| status >= 400))
            .count();
        assert_eq!(refused == 0, told, "{:?}", attended.written());
        attended.must_be("authorize_principal").await;
        attended.must_be_wired();
    }
}
