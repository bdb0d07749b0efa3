//! Health of a connection by Part D: the same loop, with the callout as its eye.

use salesforce_simulator::Action;
use serde_json::json;

use super::{connected, must_be_wired};

#[tokio::test]
async fn callouts_that_went_off_are_switched_on_again() {
    let attended = connected(&json!({})).await;
    attended.act(&Action::CalloutsOff {});
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    must_be_wired(&attended);
}

/// What somebody changed is told, and set right when a person asks for it.
#[tokio::test]
async fn changed_settings_are_told_and_mended_on_request() {
    let mut attended = connected(&json!({})).await;
    let before = attended.writes().len();
    attended.act(&Action::SetPluginSetting {
        label: "Client Secret".to_owned(),
        value: "another".to_owned(),
    });
    attended.sweep_later().await;
    attended.sweep_later().await;
    let shown = attended.must_be_healthy_as("drifted").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    assert_eq!(attended.writes().len(), before, "not in silence");
    assert!(attended.page().await.contains("The settings of the package"));
    attended.check_again().await;
    attended.wire().await;
    attended.must_be("connected").await;
    must_be_wired(&attended);
}

#[tokio::test]
async fn a_lost_token_is_seen_and_the_hop_brings_it_back() {
    let mut attended = connected(&json!({})).await;
    attended.act(&Action::DropPrincipal {});
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("principal_lost").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_healthy_as("healthy").await;
    must_be_wired(&attended);
}
