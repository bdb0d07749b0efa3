//! The switches for each write and way, the states that actions leave, and the story that a preset tells.

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::deploy::{deploy, package};
use super::stage::{Stage, Tokens, metadata_change, refused};

const NAME: &str = "akeneo_pim__Akeneo";
const PROVIDER: &str = "<ExternalAuthIdentityProvider xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
<authenticationFlow>AuthorizationCode</authenticationFlow><authenticationProtocol>OAuth</authenticationProtocol>\
<externalAuthIdentityProviderParameters><parameterName>TokenUrl</parameterName><parameterType>TokenUrl</parameterType>\
<parameterValue>https://acme.example/token</parameterValue></externalAuthIdentityProviderParameters><label>Akeneo</label>\
</ExternalAuthIdentityProvider>";

async fn tooling(stage: &Stage, tokens: &Tokens, object: &str) -> (String, Value) {
    let query = format!("SELECT Id FROM {object} WHERE DeveloperName='Akeneo'");
    let found = stage.soql(tokens, "tooling/query", &query).await.1;
    let path = format!(
        "tooling/sobjects/{object}/{}",
        found["records"][0]["Id"].as_str().unwrap()
    );
    let record = stage.call(tokens, Method::GET, &path, None).await.1;
    (path, record)
}

async fn deploy_provider(stage: &Stage, tokens: &Tokens) -> Value {
    let path = format!("externalAuthIdentityProviders/{NAME}.externalAuthIdentityProvider");
    let package = package(&[("ExternalAuthIdentityProvider", NAME)]);
    let files = [("package.xml", package.as_str()), (path.as_str(), PROVIDER)];
    deploy(stage, tokens, json!({}), &files).await
}

#[tokio::test]
async fn each_way_can_be_closed() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let code = stage.control().settings().texts.manageability_code;
    for (object, switch) in [
        ("NamedCredential", "tooling_named_credential"),
        ("ExternalAuthIdentityProvider", "tooling_provider"),
    ] {
        let (path, record) = tooling(&stage, &tokens, object).await;
        let body = metadata_change(&record, |_| {});
        stage.set(json!({ "writes": { switch: "reject" } }));
        refused(
            &stage.call(&tokens, Method::PATCH, &path, Some(&body)).await,
            400,
            &code,
        );
        stage.set(json!({ "writes": { switch: "accept" } }));
        assert_eq!(
            stage.call(&tokens, Method::PATCH, &path, Some(&body)).await.0,
            204,
            "{object}"
        );
    }
    stage.set(json!({ "writes": { "provider_credentials": "reject", "permission_set_rows": "reject" } }));
    let place = format!("named-credentials/external-auth-identity-provider-credentials/{NAME}");
    let entry = |name: &str| json!({ "credentialName": name, "credentialValue": "x" });
    let both = json!({ "credentials": [entry("clientId"), entry("clientSecret")] });
    refused(
        &stage.call(&tokens, Method::POST, &place, Some(&both)).await,
        400,
        &code,
    );
    let set = json!({ "Name": "Ours", "Label": "Ours" });
    let answer = stage
        .call(&tokens, Method::POST, "sobjects/PermissionSet", Some(&set))
        .await;
    refused(&answer, 403, "INSUFFICIENT_ACCESS_OR_READONLY");
}

#[tokio::test]
async fn a_provider_is_deployed_unless_that_way_is_closed() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    stage.set(json!({ "writes": { "deploy_provider": "reject" } }));
    assert_eq!(deploy_provider(&stage, &tokens).await["success"], false);
    let token_url = || stage.control().state()["external_auth_identity_providers"][0]["token_url"].clone();
    assert_ne!(token_url(), "https://acme.example/token");
    stage.set(json!({ "writes": { "deploy_provider": "accept" } }));
    let result = deploy_provider(&stage, &tokens).await;
    assert_eq!(result["success"], true, "{result}");
    assert_eq!(token_url(), "https://acme.example/token");
}

#[tokio::test]
async fn what_the_developer_controls_has_the_packaged_values_after_an_upgrade() {
    let stage = Stage::new(Preset::DeveloperControlled).await;
    let control = stage.control();
    control.act(&Action::SetUpElsewhere {}).unwrap();
    let upgrade = |version: &str| Action::PackageUpgrade {
        version: version.to_owned(),
    };
    control.act(&upgrade("3.3.0")).unwrap();
    let named = control.state()["named_credentials"][0].clone();
    assert_eq!(
        (&named["url"], &named["callout_status"]),
        (&json!("https://example.com"), &json!("Disabled"))
    );
    // Who controls it cannot be changed from the org.
    let tokens = stage.connect().await;
    let (path, record) = tooling(&stage, &tokens, "NamedCredential").await;
    let body = metadata_change(&record, |metadata| {
        let rows = metadata["namedCredentialParameters"].as_array_mut().unwrap();
        rows.retain(|row| row["parameterType"] != "ManagedByNamespace");
    });
    assert_eq!(stage.call(&tokens, Method::PATCH, &path, Some(&body)).await.0, 400);
}

#[tokio::test]
async fn an_upgrade_brings_back_what_is_gone_and_leaves_what_is_there() {
    let stage = Stage::new(Preset::PackageBroken).await;
    let count = || {
        let state = stage.control().state();
        [
            "named_credentials",
            "external_credentials",
            "external_auth_identity_providers",
            "permission_sets",
        ]
        .map(|list| state[list].as_array().unwrap().len())
    };
    assert_eq!(count(), [1, 0, 1, 1]);
    let version = "3.3.0".to_owned();
    stage.control().act(&Action::PackageUpgrade { version }).unwrap();
    assert_eq!(count(), [1, 1, 1, 1]);
}

#[tokio::test]
async fn a_preset_tells_its_story() {
    let stage = Stage::new(Preset::DuplicateRows).await;
    let story: Value = stage.get("_simulator/preset").await.json().await.unwrap();
    assert_eq!(story["preset"], "duplicate-rows");
    assert_eq!(
        (&story["remedies"][0]["at"], &story["later"]),
        (&json!("wiring_blocked"), &json!([]))
    );
    let rows = || stage.control().state()["external_auth_identity_providers"][0]["parameters"].clone();
    let twice = |rows: &Value| {
        rows.as_array()
            .unwrap()
            .iter()
            .filter(|row| row["name"] == "code_challenge")
            .count()
    };
    assert_eq!(twice(&rows()), 2);
    let remedy: Action = serde_json::from_value(story["remedies"][0]["actions"][0].clone()).unwrap();
    stage.control().act(&remedy).unwrap();
    assert_eq!(twice(&rows()), 1);
}
