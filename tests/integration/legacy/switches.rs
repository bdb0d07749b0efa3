//! Each contested point of Part D, both ways (facts/salesforce 7, 14.3).

use std::time::Duration;

use serde_json::{Value, json};

use super::{both, connected, must_be_wired, must_not_write_again};

async fn ends_connected(switches: Value) {
    let attended = connected(&switches).await;
    let state = attended.org().state();
    assert_eq!(state["legacy_tokens"].as_array().map(Vec::len), Some(1), "{switches}");
    must_not_write_again(&attended).await;
}

#[tokio::test]
async fn the_plugin_by_any_name() {
    let names = json!({ "class": "Akeneo_OAuth_AuthProvider", "custom_type": "PIM_Settings", "client_id": "Key__c", "client_secret": "Pass__c",
        "authorize_endpoint": "A__c", "token_endpoint": "T__c", "base_endpoint": "B__c", "scopes": "S__c" });
    ends_connected(json!({ "plugin": names })).await;
    ends_connected(json!({ "namespace": "another_ns" })).await;
}

#[tokio::test]
async fn an_org_that_shows_more_or_less() {
    for record in ["accept", "reject"] {
        for details in ["accept", "reject"] {
            ends_connected(json!({ "plugin_record_query": record, "auth_provider_details": details })).await;
        }
    }
}

#[tokio::test]
async fn tokens_that_end_with_a_change_and_deployed_ones_that_count() {
    ends_connected(json!({ "token_after_change": "invalidate" })).await;
    ends_connected(json!({ "legacy_oauth_token": "authenticates" })).await;
    ends_connected(json!({ "deploy_polls": 0, "null_keys": "omit" })).await;
}

/// Anonymous Apex is optional evidence (facts/salesforce 12.5): without it, what passed through us and our own token say it.
#[tokio::test]
async fn without_author_apex_the_relay_is_the_evidence() {
    let mut attended = both(&json!({})).await;
    let no_apex = json!({ "author_apex": false });
    attended.act(&salesforce_simulator::Action::SetPermissions {
        username: None,
        permissions: no_apex,
    });
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    // Until the code that was relayed is traded or dead.
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(shown["wiring"]["evidence"], "relay");
    assert_eq!(shown["verification"]["org"], true);
    let page = attended.page().await;
    assert!(page.contains("Salesforce lets us make no test callout"), "{page}");
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

#[tokio::test]
async fn a_deploy_that_is_refused_is_for_a_person_and_says_where() {
    let mut attended = both(&json!({ "deploy_problem": "Not available for deploy for this organization" })).await;
    attended.wire().await;
    let shown = attended.must_be("wiring_blocked").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    assert!(
        attended
            .page()
            .await
            .contains("Setup > Identity > Auth. Providers > Akeneo")
    );
    attended.set(&json!({ "deploy_problem": null }));
    attended.check_again().await;
    attended.finish().await;
    must_be_wired(&attended);
}

/// Only Part D needs it, so only who goes on is asked for it (facts/salesforce 10.4).
#[tokio::test]
async fn manage_auth_providers_is_asked_for() {
    let mut attended = both(&json!({})).await;
    let permission = |has: bool| salesforce_simulator::Action::SetPermissions {
        username: None,
        permissions: json!({ "manage_auth_providers": has }),
    };
    attended.act(&permission(false));
    attended.wire().await;
    let shown = attended.must_be("permission_missing").await;
    assert!(
        shown["next_action"]["what"]
            .as_str()
            .unwrap()
            .contains("Manage Auth. Providers")
    );
    attended.act(&permission(true));
    attended.check_again().await;
    attended.finish().await;
    must_be_wired(&attended);
}
