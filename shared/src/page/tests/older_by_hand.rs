//! The page for setting the org up by hand, for a package before 3.0.

use serde_json::json;

use super::by_hand::{alone, page_at};
use super::facts::{Facts, NINE};
use super::{main_text, select};
use crate::salesforce::legacy::SCOPES;

/// A package before 3.0 that the customer goes on with, in an org that refuses the writes.
fn older_refused() -> Facts {
    let package = json!({ "kind": "legacy", "namespace": "akeneo_pim",
        "installed": { "version_id": "04tWs000000AbCdIAK", "version": { "major": 2, "minor": 9, "patch": 0, "build": 1, "is_beta": false } } });
    let findings = json!([
        { "finding": "legacy", "what": "settings" }, { "finding": "legacy", "what": "credential" },
        { "finding": "write_refused", "change": "plugin_settings" },
    ]);
    Facts::invited()
        .both_sides()
        .with("salesforce.readiness.package", package)
        .with("salesforce.legacy_accepted_at", json!("2026-11-23T14:05:00Z"))
        .looked(findings)
}

/// The same without access to the org.
fn older_alone(done: &[&str]) -> Facts {
    alone(done).with("salesforce.manual.part", json!("auth_provider"))
}

/// Points of the journey that belong to this part.
pub(super) fn points() -> Vec<(&'static str, Facts)> {
    vec![
        ("older-by-hand-open", older_alone(&[]).granted(NINE)),
        (
            "older-by-hand-by-salesforce",
            older_alone(&["pause"]).by_salesforce().credentials(),
        ),
        ("older-refused", older_refused()),
        (
            "older-unknown",
            older_refused()
                .with("wiring.settings_hidden", json!(true))
                .with("wiring.findings", json!([{ "finding": "legacy", "what": "plugin_unknown" }])),
        ),
        (
            "older-refused-hidden",
            older_refused()
                .with("wiring.settings_hidden", json!(true))
                .with("wiring.credentials_by_hand", json!("g1"))
                .with("wiring.findings", json!([{ "finding": "callouts_off" }, { "finding": "write_refused", "change": "callouts" }])),
        ),
        (
            "older-refused-stale",
            older_refused()
                .with("wiring.principal_stale_since", json!("2026-11-23T14:09:00Z"))
                .with("wiring.findings", json!([{ "finding": "callouts_too_early" }, { "finding": "write_refused", "change": "classic_pause" }])),
        ),
    ]
}

/// The seed's "Auth. Provider approach": each field by its label, in its order.
#[test]
fn an_older_package_gets_part_d() {
    let guide = [
        "Setup > Identity > Auth. Providers > New",
        "choose the Provider Type Akeneo",
        "Setup > Security > Named Credentials > the arrow beside New > New Legacy",
        "Identity Type Named Principal, the Authentication Protocol OAuth 2.0 and the Authentication Provider Akeneo",
        "Tick Start Authentication Flow on Save and Generate Authorization Header",
        "every administrator of the org can read",
        "One authorization serves every user who runs transfers",
    ];
    let labels = [
        "Name / URL Suffix",
        "Client ID",
        "Authorize Endpoint",
        "Token Endpoint",
        "Base Endpoint",
        "Authentication Scopes",
        "Label",
        "Name",
        "URL",
        "Scope",
    ];
    let values = [
        "Akeneo",
        "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "https://acme.cloud.akeneo.com/connect/apps/v1/authorize",
        "https://acme.cloud.akeneo.com/connect/apps/v1/oauth2/token",
        "https://acme.cloud.akeneo.com",
        SCOPES,
        "Akeneo",
        "Akeneo",
        "https://acme.cloud.akeneo.com",
        SCOPES,
    ];
    for point in ["older-by-hand-open", "older-refused"] {
        let page = page_at(point);
        for wanted in guide {
            assert!(
                main_text(&page).contains(wanted),
                "{point}: {wanted}\n{}",
                main_text(&page)
            );
        }
        let shown: Vec<_> = select(&page, "input[readonly]")
            .iter()
            .map(|field| field.value().attr("value").unwrap().to_owned())
            .collect();
        assert_eq!(shown, values, "{point}");
        let named: Vec<_> = select(&page, "input[readonly]")
            .iter()
            .map(|field| select(&page, &format!("label[for='{}']", field.value().id().unwrap())))
            .map(|label| super::text(label[0]))
            .collect();
        assert_eq!(named, labels, "{point}");
    }
    let tasks = |point: &str| -> Vec<String> {
        let page = page_at(point);
        let tasks = select(&page, "ol.steps > li");
        tasks.iter().map(|task| task.value().id().unwrap().to_owned()).collect()
    };
    let made = ["auth_provider", "classic_credential", "authorize", "callouts"];
    assert_eq!(tasks("older-refused"), made);
    assert_eq!(tasks("older-unknown"), made[..1]);
    assert!(main_text(&page_at("older-unknown")).contains("does not recognise the Auth. Provider plugin"));
    assert_eq!(tasks("older-refused-stale"), [&["pause"], &made[..]].concat());
    let all = [
        "pause",
        "auth_provider",
        "callback",
        "classic_credential",
        "authorize",
        "callouts",
    ];
    assert_eq!(tasks("older-by-hand-open"), all);
    let states = |point: &str| -> Vec<String> {
        select(&page_at(point), "ol.steps > li .state")
            .into_iter()
            .map(super::text)
            .collect()
    };
    assert_eq!(
        states("older-refused-hidden"),
        ["Done, you say", "Seen", "To do", "To do"]
    );
}

#[test]
fn who_has_no_connector_setup_card_says_so() {
    let asked = |point: &str| -> Vec<String> {
        let page = page_at(point);
        let fields = select(&page, "input[name='part']");
        fields
            .iter()
            .map(|field| field.value().attr("value").unwrap().to_owned())
            .collect()
    };
    assert_eq!(asked("by-hand-open"), ["auth_provider"]);
    assert_eq!(asked("older-by-hand-open"), ["fallback"]);
    // With access the service sees which version it is.
    for point in ["writes-refused", "older-refused"] {
        assert!(asked(point).is_empty(), "{point}");
    }
    assert!(main_text(&page_at("by-hand-open")).contains("no “Connector Setup” card"));
}
