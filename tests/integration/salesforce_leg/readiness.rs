//! An org that lacks something: each lack has its own stage, its own words and its own remedy, and once it is mended the
//! setup goes on by itself.

use salesforce_simulator::{Action, Preset};
use serde_json::json;

use crate::attended::Attended;

/// Connected to an org that lacks something; the page says `words`.
async fn lacking(mut attended: Attended, stage: &str, who: &str, words: &[&str]) -> Attended {
    attended.connect_both().await;
    attended.wire().await;
    let shown = attended.must_be(stage).await;
    assert_eq!(shown["next_action"]["who"], who);
    let page = attended.page().await;
    for words in words {
        assert!(page.contains(words), "{words:?} is not in {page}");
    }
    assert!(
        attended.writes().is_empty(),
        "nothing is written to an org that is not ready"
    );
    attended
}

/// The schedule alone finds out that the lack is mended, and the journey ends as every other.
async fn goes_on(mut attended: Attended) {
    assert_eq!(attended.wire().await, 0, "it is not due yet");
    attended.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(attended.wire().await, 1);
    attended.finish().await;
    attended.must_be_wired();
}

#[tokio::test]
async fn missing_permissions_are_listed() {
    let attended = Attended::begin(Preset::NoPermission).await;
    let words = ["Customize Application", "Modify Metadata", "check again"];
    let attended = lacking(attended, "permission_missing", "salesforce_admin", &words).await;
    attended.act(&Action::SetPermissions {
        username: None,
        permissions: json!({ "customize_application": true, "manage_named_credentials": true, "modify_metadata": true }),
    });
    goes_on(attended).await;
}

#[tokio::test]
async fn without_view_setup_an_empty_answer_is_no_missing_package() {
    let attended = Attended::begin(Preset::NoViewSetup).await;
    let attended = lacking(
        attended,
        "permission_missing",
        "salesforce_admin",
        &["View Setup and Configuration"],
    )
    .await;
    attended.act(&Action::SetPermissions {
        username: None,
        permissions: json!({ "view_setup": true }),
    });
    goes_on(attended).await;
}

#[tokio::test]
async fn a_missing_package_is_installed_and_noticed() {
    let attended = Attended::begin(Preset::PackageMissing).await;
    let words = ["is not installed in this org", "Akeneo PIM for Salesforce"];
    let mut attended = lacking(attended, "package_missing", "salesforce_admin", &words).await;
    let html = attended.walk.journey().await.unwrap().html;
    assert!(
        html.contains("/packaging/installPackage.apexp?p0=04t"),
        "the install link of this org"
    );
    attended.act(&Action::InstallPackage { version: None });
    goes_on(attended).await;
}

#[tokio::test]
async fn a_package_below_3_is_to_be_upgraded() {
    let attended = Attended::begin(Preset::Package2).await;
    let words = ["is too old", "needs version 3.0 or higher"];
    let attended = lacking(attended, "package_outdated", "salesforce_admin", &words).await;
    attended.act(&Action::PackageUpgrade {
        version: "3.2.0".to_owned(),
    });
    goes_on(attended).await;
}

#[tokio::test]
async fn an_api_that_is_too_old_is_for_customer_success() {
    let attended = Attended::begin(Preset::Ready).await;
    attended.set(&json!({ "version_max": 62 }));
    let words = ["no Salesforce API version 63.0 or later"];
    let attended = lacking(attended, "org_too_old", "customer_success", &words).await;
    attended.set(&json!({ "version_max": 67 }));
    goes_on(attended).await;
}

#[tokio::test]
async fn check_again_does_not_wait_for_the_schedule() {
    let attended = Attended::begin(Preset::PackageMissing).await;
    let mut attended = lacking(attended, "package_missing", "salesforce_admin", &[]).await;
    attended.act(&Action::InstallPackage { version: None });
    attended.check_again().await;
    assert_eq!(attended.wire().await, 1);
    attended.must_be("authorize_principal").await;
}

#[tokio::test]
async fn an_org_that_does_not_describe_itself_is_set_up_all_the_same() {
    let mut attended = Attended::begin(Preset::Ready).await;
    let refused = json!({
        "path_prefix": "/services/data/v66.0/query/?q=SELECT+Id%2CName%2CIsSandbox", "kind": "status", "status": 400,
        "body": r#"[{"errorCode":"INVALID_TYPE","message":"sObject type 'Organization' is not supported."}]"#,
        "count": 1000,
    });
    attended.org().add_fault(serde_json::from_value(refused).unwrap());
    attended.connect_both().await;
    attended.wire().await;
    attended.finish().await;
    attended.must_be_wired();
}
