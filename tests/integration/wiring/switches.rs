//! Each contested point of Salesforce, every way (facts/salesforce 14.3): the journey ends connected, or says what a person has to
//! do; and what is in place is not written again.

mod complete;

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::Attended;

/// A switch, its values as JSON, and the settings beside it that make it matter.
type Tried = (&'static str, &'static [&'static str], &'static str);

const ACCEPT_OR_REJECT: &[&str] = &[r#""accept""#, r#""reject""#];
const YES_OR_NO: &[&str] = &["true", "false"];

/// What Salesforce writes, refuses and answers.
const WRITES: &[Tried] = &[
    ("connect_put_managed_eaip", ACCEPT_OR_REJECT, "{}"),
    (
        "writes.tooling_provider",
        ACCEPT_OR_REJECT,
        r#"{"connect_put_managed_eaip": "reject"}"#,
    ),
    (
        "writes.deploy_provider",
        &[r#""accept""#],
        r#"{"connect_put_managed_eaip": "reject", "writes": {"tooling_provider": "reject"}}"#,
    ),
    ("writes.tooling_named_credential", ACCEPT_OR_REJECT, "{}"),
    (
        "writes.connect_named_credential",
        ACCEPT_OR_REJECT,
        r#"{"writes": {"tooling_named_credential": "reject"}}"#,
    ),
    (
        "writes.deploy_named_credential",
        &[r#""accept""#],
        r#"{"tooling_callout_status": "reject", "writes": {"connect_named_credential": "reject"}}"#,
    ),
    ("tooling_callout_status", ACCEPT_OR_REJECT, "{}"),
    (
        "writes.permission_set_rows",
        ACCEPT_OR_REJECT,
        r#"{"uec_read_lost_at_install": true}"#,
    ),
    (
        "writes.deploy_permission_set",
        ACCEPT_OR_REJECT,
        r#"{"uec_read_lost_at_install": true}"#,
    ),
    (
        "writes.deploy_part",
        &[r#""any""#, r#""entity_content""#, r#""json""#],
        r#"{"writes": {"tooling_named_credential": "reject"}}"#,
    ),
    (
        "deploy_polls",
        &["0", "1", "3"],
        r#"{"writes": {"tooling_named_credential": "reject"}}"#,
    ),
];

/// What Salesforce shows and does by itself.
const SHAPES: &[Tried] = &[
    (
        "manageability_status",
        &[r#""bad_request""#, r#""forbidden""#],
        r#"{"connect_put_managed_eaip": "reject", "tooling_callout_status": "reject"}"#,
    ),
    (
        "tooling_patch_success",
        &[r#""no_content""#, r#""empty_object""#],
        r#"{"connect_put_managed_eaip": "reject"}"#,
    ),
    (
        "null_keys",
        &[r#""emit""#, r#""omit""#],
        r#"{"connect_put_managed_eaip": "reject"}"#,
    ),
    (
        "eaip_credentials_shape",
        &[r#""null""#, r#""name_only""#, r#""masked""#, r#""client_id_clear""#],
        "{}",
    ),
    ("extra_eaip_credentials_key", ACCEPT_OR_REJECT, "{}"),
    ("duplicate_parameter_rows", ACCEPT_OR_REJECT, "{}"),
    (
        "disable_on_write",
        &[r#""none""#, r#""package_code""#, r#""any""#],
        "{}",
    ),
    ("token_after_change", &[r#""keep""#, r#""invalidate""#], "{}"),
    ("execute_anonymous_managed", ACCEPT_OR_REJECT, "{}"),
    ("direct_token_keys", ACCEPT_OR_REJECT, "{}"),
    (
        "callback_url",
        &[
            r#""{base}services/authcallback/{full_name}{generation}""#,
            r#""{base}services/authcallback/another/{full_name}""#,
        ],
        "{}",
    ),
    ("relay_unknown_state", ACCEPT_OR_REJECT, "{}"),
    ("relay_foreign_browser", ACCEPT_OR_REJECT, "{}"),
    ("foreign_return_url", ACCEPT_OR_REJECT, "{}"),
    ("authentication_url_lifetime_seconds", &["60", "600"], "{}"),
];

/// What a package brings; it is installed with these settings.
const PACKAGE: &[Tried] = &[
    ("namespace", &[r#""akeneo_pim""#, r#""other_ns""#], "{}"),
    (
        "eaip_id_prefix",
        &[r#""0so""#, r#""0xx""#],
        r#"{"connect_put_managed_eaip": "reject"}"#,
    ),
    ("uec_read_lost_at_install", YES_OR_NO, "{}"),
    (
        "named_credential_managed_by",
        &[r#""unsaid""#, r#""subscriber""#, r#""developer""#],
        "{}",
    ),
    ("package_version", &[r#""3.0.0""#, r#""4.1.2""#], "{}"),
];

/// How we get in.
const OAUTH: &[Tried] = &[
    ("refresh_rotation", YES_OR_NO, "{}"),
    ("require_pkce", YES_OR_NO, "{}"),
    ("revoke_unknown_token", &[r#""ok""#, r#""invalid_token""#], "{}"),
    ("failed_exchange_consumes_code", YES_OR_NO, "{}"),
    ("concurrent_limit_shares_code", YES_OR_NO, "{}"),
    ("approval", &[r#""ask""#, r#""allow""#], "{}"),
    ("login", &[r#""form""#, r#""automatic""#], "{}"),
    ("version_max", &["63", "64", "67"], "{}"),
];

/// A patch of one switch, which may be inside of a group.
fn patch(switch: &str, value: &str) -> Value {
    let value: Value = serde_json::from_str(value).unwrap();
    match switch.split_once('.') {
        Some((group, name)) => json!({ group: { name: value } }),
        None => json!({ switch: value }),
    }
}

async fn ends_connected((switch, values, beside): &Tried) {
    for value in *values {
        let told = format!("{switch} = {value}");
        let mut attended = Attended::begin(Preset::Ready).await;
        // Installed once more, for what is read when a package is installed.
        attended.act(&Action::UninstallPackage {});
        attended.set(&serde_json::from_str(beside).unwrap());
        attended.set(&patch(switch, value));
        attended.act(&Action::InstallPackage { version: None });
        attended.connect_both().await;
        attended.wire().await;
        let shown = attended.show().await;
        assert_eq!(shown["stage"], "authorize_principal", "{told}: {}", shown["wiring"]);
        attended.finish_from_principal().await;
        attended.must_be_wired();
        let writes = attended.writes().len();
        attended.reconcile().await.unwrap();
        assert_eq!(attended.writes().len(), writes, "{told}: {:?}", attended.written());
    }
}

#[tokio::test]
async fn whatever_the_org_refuses_to_write() {
    for tried in WRITES {
        ends_connected(tried).await;
    }
}

#[tokio::test]
async fn whatever_the_org_shows() {
    for tried in SHAPES {
        ends_connected(tried).await;
    }
}

#[tokio::test]
async fn whatever_the_package_brings() {
    for tried in PACKAGE {
        ends_connected(tried).await;
    }
}

#[tokio::test]
async fn however_we_get_in() {
    for tried in OAUTH {
        ends_connected(tried).await;
    }
}

#[tokio::test]
async fn the_credentials_where_some_are_there_already() {
    for shape in ["null", "name_only", "masked", "client_id_clear"] {
        for second in ["conflict", "ok"] {
            let mut attended = Attended::begin(Preset::WiredElsewhere).await;
            attended.set(&json!({ "eaip_credentials_shape": shape, "second_credentials_post": second }));
            attended.connect_both().await;
            attended.wire().await;
            attended.must_be("authorize_principal").await;
            let (client_id, _) = attended.app.clone().unwrap();
            assert_eq!(
                attended.provider()["credentials"]["client_id"],
                client_id,
                "{shape} {second}"
            );
        }
    }
}

/// No API may: neither Tooling nor a deploy.
#[tokio::test]
async fn callouts_that_only_a_person_may_switch_on() {
    for status in ["bad_request", "forbidden"] {
        let mut attended = Attended::begin(Preset::Ready).await;
        attended.set(&json!({
            "tooling_callout_status": "reject", "manageability_status": status, "writes": { "deploy_named_credential": "reject" },
        }));
        attended.connect_both().await;
        attended.wire().await;
        let shown = attended.must_be("wiring_blocked").await;
        assert_eq!(shown["next_action"]["who"], "salesforce_admin");
        assert!(
            attended
                .page()
                .await
                .contains("switch “Enabled for Callouts” on and save")
        );
        let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
        assert_eq!(
            attended.named_credential()["url"],
            pim,
            "the address was set by the other way"
        );
        attended.act(&Action::CalloutsOn {});
        attended.check_again().await;
        attended.finish().await;
        attended.must_be_wired();
    }
}

/// An org that is to be paused, and refuses that, keeps the address that its token belongs to.
#[tokio::test]
async fn a_refused_pause_moves_nothing() {
    let mut attended = Attended::begin(Preset::WiredElsewhere).await;
    attended.set(&json!({ "writes": { "tooling_named_credential": "reject", "deploy_named_credential": "reject" } }));
    let before = attended.named_credential();
    attended.connect_both().await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    assert_eq!(attended.named_credential(), before);
    let taken: Vec<_> = attended
        .writes()
        .into_iter()
        .filter(|entry| entry.status.is_some_and(|status| status < 300))
        .collect();
    assert!(
        taken.iter().all(|entry| entry.path.ends_with("/deployRequest")),
        "{taken:?}"
    );
}

#[tokio::test]
async fn a_named_credential_that_nothing_may_write_is_for_a_person() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.set(&json!({ "resend_developer_only": "reject" }));
    attended.connect_both().await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    let words = "In Setup > Security > Named Credentials > Akeneo, set the URL";
    assert!(attended.page().await.contains(words));
    let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
    attended.set(&json!({ "resend_developer_only": "accept" }));
    attended.act(&Action::EditUrl { url: pim });
    attended.act(&Action::CalloutsOn {});
    attended.check_again().await;
    attended.finish().await;
}

/// Its own authorization takes the grant away. From then on the org asks for what the package needs, and two authorizations later
/// everything works.
#[tokio::test]
async fn an_org_that_asks_for_no_scopes_is_made_to_ask_for_them() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.set(&json!({ "org_scope_carrier": "none" }));
    attended.connect_both().await;
    attended.wire().await;
    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    let shown = attended.show().await;
    assert_eq!(shown["health"], "token_revoked", "{}", shown["wiring"]);
    attended.wire().await;
    let rows = attended.provider()["parameters"].clone();
    let asked = rows.as_array().unwrap().iter().find(|row| row["name"] == "scope");
    assert!(
        asked.is_some_and(|row| row["value"].as_str().unwrap().contains("read_products")),
        "{rows}"
    );
    let page = attended.walk.authorize_again().await.unwrap();
    attended.walk.consent(page).await.unwrap();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(std::time::Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("connected").await;
    assert_eq!(attended.pim().state().live_tokens.len(), 1);
    let before = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), before, "nothing is left to write");
}
