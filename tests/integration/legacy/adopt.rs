//! What people made by hand before: taken over where it fits, set right where that can be done, and left to a person where not.

use std::time::Duration;

use salesforce_simulator::{Action, NINE_SCOPES, Preset};
use serde_json::json;

use super::{both, by_hand, classic, connected, go_on, must_be_wired, must_not_write_again, pim, renew_secret};
use crate::attended::Attended;

#[tokio::test]
async fn what_a_person_set_up_by_the_guide_is_taken_over_without_a_write() {
    let mut attended = both(&json!({})).await;
    by_hand(&attended, &pim(&attended));
    let made = classic(&attended)["id"].clone();
    attended.finish().await;
    assert_eq!(attended.written(), []);
    assert_eq!(classic(&attended)["id"], made);
    must_be_wired(&attended);
}

/// The token that the Named Credential holds may be the other PIM's: callouts are off before anything is pointed anywhere, and until the
/// org has been authorized anew.
#[tokio::test]
async fn an_org_that_was_set_up_with_another_pim_is_paused_until_it_is_authorized_anew() {
    let mut attended = both(&json!({})).await;
    attended.act(&Action::LegacySetup {
        base_url: "https://other-pim.example.com".to_owned(),
        client_id: "other-app".to_owned(),
        client_secret: "other-secret".to_owned(),
    });
    let made = classic(&attended)["id"].clone();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    assert_eq!(
        attended.written(),
        [
            ("PATCH".to_owned(), "tooling/sobjects/NamedCredential".to_owned()),
            ("POST".to_owned(), "metadata/deployRequest".to_owned()),
            ("POST".to_owned(), "metadata/deployRequest".to_owned()),
        ],
        "pause, settings, Named Credential"
    );
    let named = classic(&attended);
    assert_eq!((&named["id"], &named["url"]), (&made, &json!(pim(&attended))));
    assert_eq!(named["callout_status"], "Disabled");

    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("connected").await;
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

#[tokio::test]
async fn a_provider_of_another_type_is_for_a_person() {
    let mut attended = both(&json!({})).await;
    attended.act(&Action::ForeignAuthProvider {});
    attended.wire().await;
    let shown = attended.must_be("wiring_blocked").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    assert_eq!(attended.written(), [], "nothing is touched");
    let page = attended.page().await;
    assert!(
        page.contains("then delete the Auth. Provider, then check again"),
        "{page}"
    );
    attended.act(&Action::DeleteAuthProvider {});
    attended.check_again().await;
    attended.finish().await;
    must_be_wired(&attended);
}

#[tokio::test]
async fn a_new_client_secret_goes_into_the_settings_alone() {
    let mut attended = connected(&json!({})).await;
    let before = attended.writes().len();
    renew_secret(&mut attended).await;
    assert_eq!(attended.writes().len(), before + 1, "{:?}", attended.written());
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

/// The plugin asks for what the guide says, so both sides share one token (design section 5).
#[tokio::test]
async fn a_person_s_shorter_scope_is_set_right_before_anybody_is_sent_to_the_pim() {
    let mut attended = both(&json!({})).await;
    by_hand(&attended, &pim(&attended));
    attended.act(&Action::SetPluginSetting {
        label: "Authentication Scopes".to_owned(),
        value: "read_products".to_owned(),
    });
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    let values = attended.org().state()["plugin_records"][0]["values"].clone();
    assert_eq!(values["akeneo_pim__Authentication_Scopes__c"], NINE_SCOPES);
    attended.finish_from_principal().await;
    must_be_wired(&attended);
}

/// The Custom App has the org's own callback (design section 5): we hold no token, and the org's callout is all the proof there is.
#[tokio::test]
async fn a_custom_app_with_the_provider_s_callback_is_served_too() {
    let terms = json!({ "customer": "Acme", "callback": "salesforce" });
    let mut attended = Attended::invited(Preset::Legacy, &terms).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    go_on(&mut attended).await;
    attended.wire().await;
    attended.enter_app_of_the_auth_provider().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    let author_apex = |has: bool| Action::SetPermissions {
        username: None,
        permissions: json!({ "author_apex": has }),
    };
    attended.act(&author_apex(false));
    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    let shown = attended.must_be("authorize_principal").await;
    assert!(shown["next_action"]["what"].as_str().unwrap().contains("“Author Apex”"));
    assert!(attended.page().await.contains("the permission “Author Apex”"));

    attended.act(&author_apex(true));
    attended.check_again().await;
    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(shown["wiring"]["evidence"], "callout");
    must_be_wired(&attended);
}
