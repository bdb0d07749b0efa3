//! Every switch of the simulated org, and every value that it can have, is tried through the service: here or in the suite that a table
//! names. The switches are read from the simulator's settings, so that a new one cannot be forgotten.

use std::collections::BTreeSet;
use std::path::Path;

use salesforce_simulator::Settings;
use serde_json::Value;

use super::{OAUTH, PACKAGE, SHAPES, WRITES, patch};

/// Switches that another test tries every way; it names them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("second_credentials_post", "wiring/switches.rs"),
    ("resend_developer_only", "wiring/switches.rs"),
    ("writes.provider_credentials", "by_hand/refused.rs"),
    ("writes.deploy_plugin_settings", "by_hand/older_refused.rs"),
    ("writes.deploy_auth_provider", "by_hand/older_refused.rs"),
    ("writes.deploy_classic_credential", "by_hand/older_refused.rs"),
    ("writes.tooling_classic_credential", "by_hand/older_refused.rs"),
    ("org_scope", "wiring/order.rs"),
    ("org_scope_carrier", "wiring/order.rs"),
    ("code_lifetime_seconds", "salesforce_leg/arrival.rs"),
    ("app_installation", "salesforce_leg/arrival.rs"),
    ("install", "salesforce_leg/install.rs"),
    ("refused_assignments", "by_hand/users.rs"),
    ("plugin", "legacy/switches.rs"),
    ("plugin_record_query", "legacy/switches.rs"),
    ("auth_provider_details", "legacy/switches.rs"),
    ("legacy_oauth_token", "legacy/injection.rs"),
    ("legacy_custom_credential", "legacy/headless.rs"),
    ("single_access", "probe/relay.rs"),
    ("self_packaged", "self_callout/records.rs"),
    ("self_record_name", "self_callout/records.rs"),
    ("client_credentials_flow_min_version", "self_callout/records.rs"),
    ("client_app_keys_on_deploy", "self_callout/records.rs"),
    ("client_app_keys", "self_callout/app.rs"),
    ("client_app_propagation_seconds", "self_callout/trouble.rs"),
    ("client_app_early_error", "self_callout/trouble.rs"),
];

/// Values that no table has, the suite that tries them, and the words with which it does.
const ALSO: &[(&str, &str, &str, &str)] = &[
    (
        "writes.deploy_provider",
        "reject",
        "by_hand/refused.rs",
        r#""deploy_provider": "reject""#,
    ),
    (
        "writes.deploy_named_credential",
        "reject",
        "wiring/switches.rs",
        r#""deploy_named_credential": "reject""#,
    ),
    ("approval", "deny", "salesforce_leg/arrival.rs", "Preset::Denied"),
    (
        "app_installation",
        "not_found",
        "salesforce_leg/own_app.rs",
        "Preset::AppNotInstalled",
    ),
    (
        "org_scope_carrier",
        "none",
        "wiring/switches.rs",
        r#""org_scope_carrier": "none""#,
    ),
];

/// Knobs that stand for nothing that is contested, and points that only clients other than the service meet.
const KNOBS: &[(&str, &str)] = &[
    (
        "version_min",
        "the service works from 63 on; what is older is refused by its own check",
    ),
    (
        "pkce_mismatch_error",
        "the service's verifier always fits; both codes: units of salesforce/oauth/refusal",
    ),
    (
        "api_requests_max",
        "the daily quota: upstream/org.rs orders its answer as a fault",
    ),
    ("session_timeout_seconds", "sessions end by action or clock"),
    ("refresh_idle_seconds", "refresh tokens end by action or clock"),
    ("max_approvals", "documented, not contested"),
    ("password", "of the people who log in"),
    (
        "id_base",
        "a login host of its own, which a test on one origin cannot have",
    ),
    ("require_https_urls", "everything here runs on loopback"),
    (
        "deploy_problem",
        "documented failures of a deploy, tried in legacy/switches.rs and self_callout/app.rs",
    ),
    ("package_version_id", "documented, not contested"),
    ("texts", "wordings; the service decides by codes"),
];

#[test]
fn every_switch_is_tried() {
    let mut tried = BTreeSet::new();
    let mut note = |switch: &str| assert!(tried.insert(switch.to_owned()), "{switch} is in two tables");
    for (switch, values, _) in [WRITES, SHAPES, PACKAGE, OAUTH].concat() {
        note(switch);
        assert!(!values.is_empty(), "{switch}");
    }
    KNOBS.iter().for_each(|(switch, _)| note(switch));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("integration");
    for (switch, file) in ELSEWHERE {
        note(switch);
        let name = switch.rsplit('.').next().unwrap();
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(&format!("\"{name}\"")), "{file} does not try {name}");
    }
    let settings = serde_json::to_value(Settings::default()).unwrap();
    let switches: BTreeSet<String> = settings
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(name, value)| match value {
            Value::Object(group) if name == "writes" => group.keys().map(|one| format!("{name}.{one}")).collect(),
            _ => vec![name.clone()],
        })
        .collect();
    let untried: Vec<_> = switches.difference(&tried).collect();
    assert!(untried.is_empty(), "in no table: {untried:?}");
    let gone: Vec<_> = tried.difference(&switches).collect();
    assert!(gone.is_empty(), "no such switch: {gone:?}");
}

/// The values that a switch has, as the simulator itself tells them; none for numbers and texts.
fn values_of(switch: &str) -> Vec<String> {
    let refused = serde_json::from_value::<Settings>(patch(switch, r#""?""#));
    let told = refused.err().map(|error| error.to_string()).unwrap_or_default();
    if told.contains("expected a boolean") {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    let Some((_, known)) = told
        .split_once("expected ")
        .filter(|_| told.contains("unknown variant"))
    else {
        return Vec::new();
    };
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Both ways, or all of them: no value of a contested switch is left out.
#[test]
fn every_value_of_a_switch_is_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("integration");
    let text = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let says = |file: &str, switch: &str, value: &str| {
        let name = switch.rsplit('.').next().unwrap();
        let (text, quoted) = (text(file), format!("\"{value}\""));
        text.contains(&format!("\"{name}\""))
            && (text.contains(&quoted)
                || text.contains(&format!("\"{name}\": {value}"))
                || text.contains(&format!("json!({value})")))
    };
    let also = |switch: &str, value: &str| {
        let mut fitting = ALSO.iter().filter(|(name, one, ..)| (*name, *one) == (switch, value));
        fitting.any(|(.., file, words)| text(file).contains(words))
    };
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let default = |switch: &str| {
        switch
            .split('.')
            .fold(defaults.clone(), |found, name| found[name].clone())
    };
    let mut several = 0;
    for (switch, values, _) in [WRITES, SHAPES, PACKAGE, OAUTH].concat() {
        for value in values_of(switch) {
            several += 1;
            let here = values.iter().any(|one| one.trim_matches('"') == value);
            assert!(here || also(switch, &value), "{switch} is not tried with {value}");
        }
    }
    for (switch, file) in ELSEWHERE {
        for value in values_of(switch)
            .into_iter()
            .filter(|value| default(switch).to_string().trim_matches('"') != value)
        {
            several += 1;
            assert!(
                says(file, switch, &value) || also(switch, &value),
                "{file} does not try {switch} with {value}"
            );
        }
    }
    assert!(several > 60, "{several} values");
}
