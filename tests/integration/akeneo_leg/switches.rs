//! Each contested point of the PIM, every way (facts/akeneo 10.3, 12): the journey ends connected, and what the PIM says when it refuses
//! is understood in each of its wordings. Every switch of the simulated PIM is in one of the tables.

use std::collections::BTreeSet;
use std::path::Path;

use akeneo_simulator::Settings;
use salesforce_simulator::Preset;
use serde_json::{Value, json};

use crate::attended::Attended;

const YES_OR_NO: &[&str] = &["true", "false"];

/// Switches with their values, all of which end connected and healthy.
const TRIED: &[(&str, &[&str])] = &[
    ("return_to_target", YES_OR_NO),
    ("empty_scope_overwrites", YES_OR_NO),
    ("token_reads_json", YES_OR_NO),
    ("token_no_store", YES_OR_NO),
    ("token_format", &[r#""base64""#, r#""hex""#]),
    ("missing_token_style", &[r#""akeneo""#, r#""fos""#]),
    ("system_information_needs_token", YES_OR_NO),
    ("options_acl_before_lookup", YES_OR_NO),
    ("pim_url_trailing_slash", YES_OR_NO),
    ("enterprise_scopes", YES_OR_NO),
    ("permission_step", YES_OR_NO),
    ("edition", &[r#""Serenity""#, r#""Community Edition""#]),
    ("delete_requires_disconnect", YES_OR_NO),
];

/// Switches whose point is a refusal, and the test below or the suite that tries them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("invalid_token_style", "akeneo_leg/switches.rs"),
    ("catalog_wording", "akeneo_leg/switches.rs"),
    ("removed_role_acls", "akeneo_leg/switches.rs"),
    ("web_api_access", "akeneo_leg/switches.rs"),
    ("strip_authorization", "akeneo_leg/switches.rs"),
    ("catalogs_disabled", "akeneo_leg/switches.rs"),
    ("marketplace_activate", "akeneo_leg/switches.rs"),
    ("catalogs", "akeneo_leg/broken.rs"),
    ("api_redirects_to_login", "akeneo_leg/address.rs"),
    ("code_lifetime_seconds", "callbacks/exchange.rs"),
];

/// Knobs that stand for nothing that is contested.
const KNOBS: &[(&str, &str)] = &[
    ("version", "shown to operators, decides nothing"),
    ("clock_frozen", "the clock of the simulator's own tests"),
    (
        "custom_app_limit",
        "met by the person in the PIM, before the service hears of an app",
    ),
    ("connection_limit", "met by the person in the PIM"),
    ("other_connections", "counts towards that limit"),
    ("users", "the people who log in"),
    ("user_decision", "needs a browser with scripts"),
    ("catalogs_per_app", "how many catalogs there are to probe"),
    ("requests_per_second", "limits of a real PIM, for benchmarks"),
    (
        "concurrent_calls_per_connection",
        "limits of a real PIM, for benchmarks",
    ),
    ("concurrent_calls", "limits of a real PIM, for benchmarks"),
    (
        "retry_after",
        "a 429 in every form: upstream/pim.rs and the units of outbound",
    ),
    ("retry_after_seconds", "how long that is"),
];

fn set(attended: &Attended, switch: &str, value: &Value) {
    attended.pim().patch_settings(json!({ switch: value })).unwrap();
}

/// The PIM admin enters the app and consents, over the dashboard if the login ends there.
async fn connect_pim(attended: &mut Attended) {
    let (client_id, client_secret) = attended.walk.create_app(&attended.id).await.unwrap();
    let pim = attended.stack.pim.url().to_string();
    let page = attended
        .walk
        .enter_akeneo(&pim, &client_id, &client_secret)
        .await
        .unwrap();
    attended.app = Some((client_id, client_secret));
    let consented = attended.walk.consent(page).await.is_ok();
    if !consented || attended.show().await["stage"] == "authorize_akeneo" {
        let page = attended.walk.authorize_again().await.unwrap();
        attended.walk.consent(page).await.unwrap();
    }
}

#[tokio::test]
async fn whatever_the_pim_does_where_the_sources_are_silent() {
    for (switch, values) in TRIED {
        for value in *values {
            let mut attended = Attended::begin(Preset::Ready).await;
            set(&attended, switch, &serde_json::from_str(value).unwrap());
            attended.walk.connect_salesforce("production", "Allow").await.unwrap();
            connect_pim(&mut attended).await;
            attended.wire().await;
            let shown = attended.show().await;
            assert_eq!(shown["stage"], "authorize_principal", "{switch} = {value}: {shown}");
            attended.finish_from_principal().await;
            attended.sweep_later().await;
            let shown = attended.must_be("connected").await;
            assert_eq!(
                shown["health"], "healthy",
                "{switch} = {value}: {}",
                shown["verification"]
            );
            attended.must_be_wired();
        }
    }
}

/// A failure counts when it was seen twice.
async fn found(attended: &Attended) -> Value {
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.show().await["health"].clone()
}

#[tokio::test]
async fn a_revoked_token_is_known_in_each_wording() {
    for style in ["akeneo", "fos"] {
        let attended = Attended::connected().await;
        set(&attended, "invalid_token_style", &json!(style));
        let (client_id, _) = attended.app.clone().unwrap();
        attended.pim().disconnect(&client_id).unwrap();
        let health = found(&attended).await;
        let known = ["token_revoked", "disconnected"].iter().any(|state| health == *state);
        assert!(known, "{style}: {health}");
    }
}

#[tokio::test]
async fn a_lost_permission_is_known_in_each_wording() {
    for (settings, expect) in [
        (
            json!({ "catalog_wording": "code", "removed_role_acls": ["read_catalogs"] }),
            "scope_lost",
        ),
        (
            json!({ "catalog_wording": "documentation", "removed_role_acls": ["read_catalogs"] }),
            "scope_lost",
        ),
        (json!({ "removed_role_acls": ["read_categories"] }), "scope_lost"),
        (json!({ "web_api_access": false }), "scope_lost"),
    ] {
        let attended = Attended::connected().await;
        attended.pim().patch_settings(settings.clone()).unwrap();
        assert_eq!(found(&attended).await, expect, "{settings}");
        let all = json!({ "removed_role_acls": [], "web_api_access": true, "catalog_wording": "code" });
        attended.pim().patch_settings(all).unwrap();
        attended.sweep_later().await;
        assert_eq!(attended.show().await["health"], "healthy", "{settings}");
    }
}

/// A web server that takes the token away is no revoked token: nobody is sent to authorize anew for it in vain.
#[tokio::test]
async fn hosting_that_takes_the_token_away_and_apps_that_are_switched_off() {
    let attended = Attended::connected().await;
    set(&attended, "strip_authorization", &json!(true));
    assert_ne!(found(&attended).await, "healthy");
    set(&attended, "strip_authorization", &json!(false));
    attended.sweep_later().await;
    assert_eq!(attended.show().await["health"], "healthy");
    for harmless in [
        json!({ "catalogs_disabled": true }),
        json!({ "marketplace_activate": false }),
    ] {
        attended.pim().patch_settings(harmless.clone()).unwrap();
        assert_eq!(found(&attended).await, "healthy", "{harmless}: the token still works");
    }
}

#[test]
fn every_switch_is_tried() {
    let mut tried = BTreeSet::new();
    let mut note = |switch: &str| assert!(tried.insert(switch.to_owned()), "{switch} is in two tables");
    TRIED.iter().for_each(|(switch, _)| note(switch));
    KNOBS.iter().for_each(|(switch, _)| note(switch));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("integration");
    for (switch, file) in ELSEWHERE {
        note(switch);
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let tries = text.contains(&format!("\"{switch}\": ")) || text.contains(&format!("\"{switch}\", &json!"));
        let changes = text.contains(&format!("settings.{switch} = "));
        assert!(tries || changes, "{file} does not try {switch}");
    }
    let settings = serde_json::to_value(Settings::default()).unwrap();
    let switches: BTreeSet<String> = settings.as_object().unwrap().keys().cloned().collect();
    assert_eq!(switches, tried, "in no table, or no such switch");
}
