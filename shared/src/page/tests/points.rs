//! Every point of the journey.

use serde_json::{Value, json};

use super::facts::{Facts, NINE};
use crate::connection::Connection;

/// Every point of the journey, by name.
pub(super) fn points() -> Vec<(String, Connection)> {
    let start = Facts::invited;
    let mut points: Vec<(String, Facts)> = [
        ("invited", start()),
        ("revoked", start().with("revoked_at", json!("2026-11-23T10:00:00Z"))),
        (
            "pinned",
            start().with(
                "terms",
                json!({ "pim_host": "acme.cloud.akeneo.com", "org_type": "sandbox" }),
            ),
        ),
        ("by-salesforce", start().by_salesforce()),
        ("org-unseen", start().org()),
        (
            "org-too-old",
            start()
                .ready_org()
                .with("salesforce.readiness.api_version", Value::Null),
        ),
        (
            "permission-missing",
            start().ready_org().with(
                "salesforce.readiness.missing_permissions",
                json!(["view_setup", "modify_metadata"]),
            ),
        ),
        ("package-missing", start().org_with(json!({ "kind": "missing" }))),
        (
            "package-outdated",
            start().org_with(json!({ "kind": "legacy", "namespace": "akeneo_pim", "installed": {
            "version_id": "04tWs000000AbCdIAK",
            "version": { "major": 2, "minor": 8, "patch": 0, "build": 3, "is_beta": false } } })),
        ),
        (
            "package-incomplete",
            start()
                .org_with(json!({ "kind": "incomplete", "namespace": "akeneo_pim", "installed": null, "missing": [] })),
        ),
        (
            "package-ambiguous",
            start().org_with(json!({ "kind": "ambiguous", "namespaces": ["a", "b"] })),
        ),
        ("org-ready", start().ready_org()),
        ("akeneo-first", start().granted(NINE)),
        ("akeneo-saved", start().ready_org().credentials()),
        ("akeneo-away", start().ready_org().credentials().away("akeneo")),
        (
            "akeneo-unfinished",
            start()
                .ready_org()
                .credentials()
                .trip("akeneo", "2026-11-23T13:40:00Z", "2026-11-23T13:55:00Z"),
        ),
        ("salesforce-away", start().away("salesforce")),
        (
            "salesforce-unfinished",
            start().trip("salesforce", "2026-11-23T13:40:00Z", "2026-11-23T13:55:00Z"),
        ),
        (
            "scopes-missing",
            start()
                .ready_org()
                .granted("read_categories read_products read_channel_settings"),
        ),
        (
            "scopes-changed",
            start().both_sides().with("wiring.org_scopes", json!("read_products")),
        ),
        ("wiring", start().both_sides()),
        (
            "wiring-on",
            start()
                .both_sides()
                .looked(json!([{ "finding": "provider_credentials" }, { "finding": "named_credential_url" }])),
        ),
        (
            "wiring-blocked",
            start().both_sides().looked(
                json!([{ "finding": "duplicate_parameter_rows" }, { "finding": "write_refused", "change": "access" }]),
            ),
        ),
        ("principal", start().wired()),
        (
            "principal-stale",
            start()
                .wired()
                .with("wiring.principal_stale_since", json!("2026-11-23T14:09:00Z")),
        ),
        (
            "principal-started",
            start()
                .wired()
                .with("wiring.principal_started_at", json!("2026-11-23T14:11:00Z")),
        ),
        (
            "principal-relayed",
            start()
                .wired()
                .with("wiring.principal_started_at", json!("2026-11-23T14:11:00Z"))
                .with("wiring.relayed_at", json!("2026-11-23T14:12:00Z")),
        ),
        (
            "principal-unfinished",
            start()
                .wired()
                .with("wiring.principal_started_at", json!("2026-11-23T13:11:00Z")),
        ),
        ("verifying", start().authorized()),
        (
            "verifying-held-up",
            start().authorized().with("wiring.waiting", json!("pim_limit")),
        ),
        (
            "by-salesforce-connected",
            start().by_salesforce().ready_org().credentials().verified("healthy"),
        ),
        ("by-salesforce-lost", start().by_salesforce().verified("token_revoked")),
        (
            "looking-again",
            start()
                .org_with(json!({ "kind": "missing" }))
                .with("wiring.requested_at", json!("2026-11-23T14:19:00Z")),
        ),
        (
            "look-failed",
            start()
                .org_with(json!({ "kind": "missing" }))
                .with("wiring.waiting", json!("org")),
        ),
        (
            "connected-looking",
            start()
                .verified("healthy")
                .with("wiring.requested_at", json!("2026-11-23T14:19:00Z")),
        ),
        (
            "scope-lost",
            start().verified("scope_lost").with(
                "health.verification.pim.scopes",
                json!({ "read_products": "missing", "read_catalogs": "missing" }),
            ),
        ),
        ("drifted", start().verified("drifted").with("wiring.findings", json!([{ "finding": "named_credential_url" }, { "finding": "access_missing", "users": ["ann@acme.example"] }]))),
        (
            "rotating",
            start()
                .verified("healthy")
                .with("akeneo.credentials.generation", json!("g2"))
                .with("akeneo.fault", json!("invalid_client")),
        ),
        (
            "reconnect-refused",
            start().verified("healthy").with("salesforce.fault", json!("other_org")),
        ),
    ]
    .into_iter()
    .map(|(name, facts)| (name.to_owned(), facts))
    .collect();
    points.extend(super::by_hand::points());
    points.extend(super::own_app::points());
    points.extend(super::picklists::points());
    for fault in [
        "invalid_client",
        "code_lost",
        "refused",
        "not_a_pim",
        "unavailable",
        "superseded",
    ] {
        points.push((
            format!("akeneo-{fault}"),
            start().ready_org().credentials().with("akeneo.fault", json!(fault)),
        ));
    }
    for fault in [
        "denied",
        "app_not_installed",
        "wrong_org_type",
        "untrusted",
        "code_lost",
        "user_blocked",
        "client_refused",
        "unavailable",
    ] {
        points.push((
            format!("salesforce-{fault}"),
            start().with("salesforce.fault", json!(fault)),
        ));
    }
    points.push((
        "salesforce-grant_lost".to_owned(),
        start().wired().with("salesforce.fault", json!("grant_lost")),
    ));
    for waiting in ["org", "org_limit", "pim", "pim_limit", "store"] {
        points.push((
            format!("waiting-{waiting}"),
            start().both_sides().with("wiring.waiting", json!(waiting)),
        ));
    }
    for state in [
        "healthy",
        "callouts_off",
        "drifted",
        "access_missing",
        "principal_lost",
        "token_revoked",
        "disconnected",
        "scope_lost",
        "pim_unreachable",
        "pim_misconfigured",
        "org_unreachable",
        "org_grant_lost",
        "rate_limited",
    ] {
        points.push((format!("health-{state}"), start().verified(state)));
    }
    points.into_iter().map(|(name, facts)| (name, facts.build())).collect()
}
