//! The journey by Part D: what is said, what is sent to the org, in which order, and that a second run sends nothing.

use salesforce_simulator::{NINE_SCOPES, Preset};
use serde_json::{Value, json};

use super::{both, connected, go_on, gone_on, must_be_wired, must_not_write_again, pim};
use crate::attended::{Attended, place};

/// What a look at the org asks, in order; `{}` stands for ids.
const LOOK: [&str; 8] = [
    "GET query",
    "GET sobjects/akeneo_pim__Akeneo_Connector_Configuration__mdt/describe",
    "GET sobjects/akeneo_pim__Akeneo_Auth_Provider__mdt/describe",
    "GET tooling/query",
    "GET query",
    "GET query",
    "GET tooling/query",
    "GET tooling/sobjects/NamedCredential",
];

#[tokio::test]
async fn upgrading_is_advised_and_going_on_is_a_choice_of_its_own() {
    let mut attended = Attended::begin(Preset::Legacy).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    let shown = attended.must_be("package_outdated").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    let page = attended.page().await;
    assert!(page.contains("This setup needs version 3.0 or higher"), "{page}");
    assert!(page.contains("every administrator of the org can read"), "{page}");

    let unticked = attended.walk.journey().await.unwrap().form_to("/setup/legacy").unwrap();
    let answer = attended.walk.browser.submit(unticked).await.unwrap();
    assert_eq!(answer.status, 422);
    attended.must_be("package_outdated").await;

    go_on(&mut attended).await;
    attended.must_be("enter_akeneo").await;
    let page = attended.page().await;
    assert!(page.contains("2.9.0.1, older than 3.0"), "{page}");
    assert_eq!(
        attended.written(),
        [],
        "nothing is written before there is something to write"
    );
}

#[tokio::test]
async fn a_choice_without_an_old_package_changes_nothing() {
    let mut attended = gone_on(&json!({})).await;
    let stale = attended.walk.journey().await.unwrap();
    assert!(stale.form_to("/setup/legacy").is_err(), "chosen once is chosen");
    let trail = attended.show().await["timeline"].to_string();
    assert_eq!(trail.matches("legacy_accepted").count(), 1, "{trail}");
}

#[tokio::test]
async fn what_is_sent_is_what_the_guide_prescribes() {
    let attended = both(&json!({})).await;
    attended.org().clear_requests();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    let deploy = || ("POST".to_owned(), "metadata/deployRequest".to_owned());
    assert_eq!(attended.written(), [deploy(), deploy(), deploy()]);
    let pim = pim(&attended);
    let (client_id, client_secret) = attended.app.clone().unwrap();
    let sent: Vec<Value> = attended.org().state()["deploys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|deploy| deploy["files"].clone())
        .collect();
    let value = |field: &str, value: &str| json!({ "field": format!("akeneo_pim__{field}__c"), "value": value });
    assert_eq!(
        sent,
        [
            json!([{ "path": "customMetadata/akeneo_pim__Akeneo_Auth_Provider.Akeneo.md", "fields": {
                "label": "Akeneo", "protected": false, "values": [
                    value("Client_Id", &client_id),
                    value("Client_Secret", &client_secret),
                    value("Authorize_Endpoint", &format!("{pim}/connect/apps/v1/authorize")),
                    value("Token_Endpoint", &format!("{pim}/connect/apps/v1/oauth2/token")),
                    value("Base_Endpoint", &pim),
                    value("Authentication_Scopes", NINE_SCOPES),
                ] } }]),
            json!([{ "path": "authproviders/Akeneo.authprovider", "fields": {
                "customMetadataTypeRecord": "akeneo_pim__Akeneo_Auth_Provider.Akeneo", "friendlyName": "Akeneo",
                "plugin": "akeneo_pim__AkeneoAuthProvider", "providerType": "Custom" } }]),
            json!([{ "path": "namedCredentials/Akeneo.namedCredential", "fields": {
                "label": "Akeneo", "endpoint": pim, "principalType": "NamedUser", "protocol": "Oauth", "authProvider": "Akeneo",
                "oauthScope": NINE_SCOPES, "generateAuthorizationHeader": true, "allowMergeFieldsInBody": false,
                "allowMergeFieldsInHeader": false, "namedCredentialType": "Legacy", "calloutStatus": "Enabled" } }]),
        ]
    );
}

/// The browser's way, and the proof: facts/salesforce 7 and 12.5.
#[tokio::test]
async fn the_hop_is_salesforce_s_own_and_a_callout_proves_it() {
    let mut attended = both(&json!({})).await;
    attended.wire().await;
    attended.org().clear_requests();
    attended.walk.authorize_principal().await.unwrap();
    let seen = attended.org().requests();
    let kickoff = seen
        .iter()
        .find(|entry| entry.path.starts_with("/services/auth/xds/00D"))
        .unwrap();
    assert!(kickoff.path.ends_with("/Akeneo"), "{}", kickoff.path);
    assert!(kickoff.query.starts_with("startURL=%2F0XA"), "{}", kickoff.query);
    assert!(
        kickoff
            .query
            .ends_with(&format!("&scope={}", NINE_SCOPES.replace(' ', "+"))),
        "{}",
        kickoff.query
    );
    let back = seen
        .iter()
        .find(|entry| entry.path == "/services/authcallback/Akeneo")
        .unwrap();
    assert!(
        back.query.contains("code=") && back.query.contains("state="),
        "relayed untouched"
    );

    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(shown["wiring"]["evidence"], "callout");
    assert!(
        attended
            .page()
            .await
            .contains("a callout from Salesforce reached the PIM")
    );
    must_be_wired(&attended);

    attended.org().clear_requests();
    must_not_write_again(&attended).await;
    let asked: Vec<String> = attended
        .org()
        .requests()
        .iter()
        .map(|entry| format!("{} {}", entry.method, place(&entry.path).trim_end_matches('/')))
        .collect();
    let from = asked.iter().position(|line| line.ends_with("/describe")).unwrap() - 1;
    assert_eq!(asked[from..from + LOOK.len()], LOOK);
    assert_eq!(asked[from + LOOK.len()..], ["GET tooling/executeAnonymous"]);
}

#[tokio::test]
async fn upgrading_later_leads_to_the_packaged_records() {
    let mut attended = connected(&json!({})).await;
    attended.act(&salesforce_simulator::Action::PackageUpgrade {
        version: "3.2.0".to_owned(),
    });
    attended.check_again().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    let shown = attended.show().await;
    assert_eq!(
        shown["wiring"]["evidence"],
        Value::Null,
        "the packaged principal has a status of its own"
    );
    must_not_write_again(&attended).await;
}
