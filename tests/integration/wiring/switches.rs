//! Each contested point of Salesforce, both ways (facts/salesforce 14.3): the journey ends connected, or says what a person
//! has to do; and what is in place is not written again.

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::Attended;

async fn ends_connected(switches: Value) {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.set(&switches);
    attended.connect_both().await;
    attended.wire().await;
    let stage = attended.show().await["stage"].clone();
    assert_eq!(
        stage,
        "authorize_principal",
        "{switches}: {}",
        attended.show().await["wiring"]
    );
    attended.finish_from_principal().await;
    attended.must_be_wired();
    let writes = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), writes, "{switches}: {:?}", attended.written());
}

#[tokio::test]
async fn the_provider_by_either_way() {
    for status in ["bad_request", "forbidden"] {
        ends_connected(json!({ "connect_put_managed_eaip": "reject", "manageability_status": status })).await;
    }
    ends_connected(json!({ "connect_put_managed_eaip": "accept", "tooling_patch_success": "empty_object" })).await;
    ends_connected(
        json!({ "connect_put_managed_eaip": "reject", "tooling_patch_success": "empty_object", "null_keys": "omit" }),
    )
    .await;
}

#[tokio::test]
async fn the_credentials_in_every_shape() {
    for shape in ["null", "name_only", "masked", "client_id_clear"] {
        for second in ["conflict", "ok"] {
            ends_connected(json!({ "eaip_credentials_shape": shape, "second_credentials_post": second })).await;
        }
    }
}

#[tokio::test]
async fn callouts_whoever_switches_them_off() {
    for who in ["none", "package_code", "any"] {
        ends_connected(json!({ "disable_on_write": who })).await;
    }
}

#[tokio::test]
async fn absent_keys_and_tokens_that_end() {
    ends_connected(json!({ "null_keys": "omit" })).await;
    ends_connected(json!({ "token_after_change": "invalidate" })).await;
    ends_connected(json!({ "callback_url": "{base}services/authcallback/another/{full_name}" })).await;
    ends_connected(json!({ "refresh_rotation": false, "concurrent_limit_shares_code": false })).await;
}

#[tokio::test]
async fn callouts_that_only_a_person_may_switch_on() {
    for status in ["bad_request", "forbidden"] {
        let mut attended = Attended::begin(Preset::Ready).await;
        attended.set(&json!({ "tooling_callout_status": "reject", "manageability_status": status }));
        attended.connect_both().await;
        attended.wire().await;
        let shown = attended.must_be("wiring_blocked").await;
        assert_eq!(shown["next_action"]["who"], "salesforce_admin");
        assert!(attended.page().await.contains("Enabled for Callouts"));
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

#[tokio::test]
async fn an_org_that_asks_for_no_scopes_takes_the_grant_away_and_that_is_told() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.set(&json!({ "org_scope_carrier": "none" }));
    attended.connect_both().await;
    attended.wire().await;
    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    let shown = attended.must_be("degraded").await;
    assert_eq!(
        (&shown["health"], &shown["next_action"]["who"]),
        (&json!("token_revoked"), &json!("pim_admin"))
    );
    assert!(attended.page().await.contains("Akeneo no longer accepts"));
}
