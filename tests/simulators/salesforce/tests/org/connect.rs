//! Connect REST: strict, full replace, write-only (facts/salesforce 2.2, 2.3, 3, 4).

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::stage::{EAIP, EC, NC, SECRETS, Stage, answer, get, refused};

fn provider_input() -> Value {
    json!({
        "fullName": "akeneo_pim__Akeneo", "label": "Akeneo", "description": "Akeneo PIM", "authenticationProtocol": "OAuth",
        "authenticationFlow": "AuthorizationCode", "clientAuthentication": "ClientSecretPost",
        "authorizeUrl": "https://acme.cloud.akeneo.com/connect/apps/v1/authorize",
        "tokenUrl": "https://acme.cloud.akeneo.com/connect/apps/v1/oauth2/token",
        "parameters": [
            { "parameterName": "code_identifier", "parameterType": "TokenRequestBodyParameter", "parameterValue": "i", "sequenceNumber": 1 },
            { "parameterName": "code_challenge", "parameterType": "TokenRequestBodyParameter", "parameterValue": "c", "sequenceNumber": 2 },
        ],
    })
}

fn named_input() -> Value {
    json!({
        "masterLabel": "Akeneo", "type": "SecuredEndpoint", "calloutUrl": "https://acme.cloud.akeneo.com",
        "externalCredentials": [{ "developerName": "akeneo_pim__Akeneo" }], "customHeaders": [],
        "calloutOptions": { "allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": false, "generateAuthorizationHeader": true },
        "parameters": [],
    })
}

#[tokio::test]
async fn a_fresh_package_shows_placeholders() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let named = get(&stage, &tokens, NC).await;
    assert_eq!(
        (&named["calloutUrl"], &named["calloutStatus"]),
        (&json!("https://example.com"), &json!("Disabled"))
    );
    assert_eq!(named["externalCredentials"][0]["developerName"], "akeneo_pim__Akeneo");
    assert_eq!(named["createdByNamespace"], "akeneo_pim");
    let external = get(&stage, &tokens, EC).await;
    assert_eq!(external["authenticationProtocol"], "OAuth");
    assert_eq!(external["principals"][0]["principalName"], "Default");
    assert_eq!(external["principals"][0]["authenticationStatus"], "NotConfigured");
    assert!(external["principals"][0]["id"].as_str().unwrap().starts_with("0pu"));
    assert_eq!(external["relatedNamedCredentials"][0]["id"], named["id"]);
    let provider = get(&stage, &tokens, EAIP).await;
    assert_eq!(
        provider["callbackUrl"],
        stage.url("services/authcallback/akeneo_pim__Akeneo").as_str()
    );
    let value = |name: &str| {
        let rows = provider["parameters"].as_array().unwrap();
        rows.iter().find(|row| row["parameterName"] == name).unwrap()["parameterValue"].clone()
    };
    assert_eq!(value("code_identifier"), "SET_DURING_AKENEO_SETUP");
    assert_eq!(value("scope"), salesforce_simulator::NINE_SCOPES);
    for (path, list) in [
        ("named-credentials/named-credential-setup", "namedCredentials"),
        ("named-credentials/external-credentials", "externalCredentials"),
        (
            "named-credentials/external-auth-identity-providers",
            "externalAuthIdentityProviders",
        ),
    ] {
        assert_eq!(
            get(&stage, &tokens, path).await[list].as_array().unwrap().len(),
            1,
            "{path}"
        );
    }
    refused(
        &stage
            .call(
                &tokens,
                Method::GET,
                "named-credentials/external-credentials/Akeneo",
                None,
            )
            .await,
        404,
        "NOT_FOUND",
    );
}

#[tokio::test]
async fn output_only_and_unknown_keys_are_refused_with_their_place() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let echoed = get(&stage, &tokens, EAIP).await;
    refused(
        &stage.call(&tokens, Method::PUT, EAIP, Some(&echoed)).await,
        400,
        "JSON_PARSER_ERROR",
    );
    let echoed = get(&stage, &tokens, NC).await;
    refused(
        &stage.call(&tokens, Method::PUT, NC, Some(&echoed)).await,
        400,
        "JSON_PARSER_ERROR",
    );
    let mut status = named_input();
    status["calloutStatus"] = json!("Enabled");
    let found = stage.call(&tokens, Method::PUT, NC, Some(&status)).await;
    assert!(
        found.1[0]["message"]
            .as_str()
            .unwrap()
            .starts_with("Unrecognized field \"calloutStatus\" at [line:1, column:"),
        "{found:?}"
    );
    let text = "{\n \"credentials\": [],\n \"id\": 1 }";
    let request = stage
        .api(&tokens, Method::POST, SECRETS)
        .header("content-type", "application/json")
        .body(text);
    let found = answer(request.send().await.unwrap()).await;
    assert_eq!(found.1[0]["message"], "Unrecognized field \"id\" at [line:3, column:5]");
    let mut row_id = provider_input();
    row_id["parameters"][0]["id"] = json!("x");
    refused(
        &stage.call(&tokens, Method::PUT, EAIP, Some(&row_id)).await,
        400,
        "JSON_PARSER_ERROR",
    );
    let mut missing = provider_input();
    missing.as_object_mut().unwrap().remove("tokenUrl");
    refused(
        &stage.call(&tokens, Method::PUT, EAIP, Some(&missing)).await,
        400,
        "INVALID_API_INPUT",
    );
}

#[tokio::test]
async fn put_replaces_everything() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let (status, body) = stage.call(&tokens, Method::PUT, EAIP, Some(&provider_input())).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        body["tokenUrl"],
        "https://acme.cloud.akeneo.com/connect/apps/v1/oauth2/token"
    );
    assert_eq!(
        body["parameters"].as_array().unwrap().len(),
        2,
        "the scope row was not sent and is gone"
    );
    let mut bare = provider_input();
    bare.as_object_mut().unwrap().remove("parameters");
    let (_, body) = stage.call(&tokens, Method::PUT, EAIP, Some(&bare)).await;
    assert_eq!(body["parameters"], json!([]));
    let (status, body) = stage.call(&tokens, Method::PUT, NC, Some(&named_input())).await;
    assert_eq!(
        (status, &body["calloutUrl"], &body["calloutStatus"]),
        (200, &json!("https://acme.cloud.akeneo.com"), &json!("Disabled"))
    );
    let mut relabelled = named_input();
    relabelled["masterLabel"] = json!("Mine");
    refused(
        &stage.call(&tokens, Method::PUT, NC, Some(&relabelled)).await,
        400,
        "FIELD_INTEGRITY_EXCEPTION",
    );
    stage.set(json!({ "connect_put_managed_eaip": "reject" }));
    refused(
        &stage.call(&tokens, Method::PUT, EAIP, Some(&provider_input())).await,
        400,
        "FIELD_INTEGRITY_EXCEPTION",
    );
}

#[tokio::test]
async fn duplicate_rows_are_a_switch() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let mut doubled = provider_input();
    let row = doubled["parameters"][0].clone();
    doubled["parameters"].as_array_mut().unwrap().push(row);
    assert_eq!(stage.call(&tokens, Method::PUT, EAIP, Some(&doubled)).await.0, 200);
    stage.set(json!({ "duplicate_parameter_rows": "reject" }));
    refused(
        &stage.call(&tokens, Method::PUT, EAIP, Some(&doubled)).await,
        400,
        "DUPLICATE_VALUE",
    );
}

#[tokio::test]
async fn older_versions_know_less() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let at = |version: u32, path: &str| stage.url(&format!("services/data/v{version}.0/{path}"));
    let put = |body: Value| {
        stage
            .http
            .put(at(62, EAIP))
            .bearer_auth(&tokens.access)
            .json(&body)
            .send()
    };
    refused(
        &answer(put(provider_input()).await.unwrap()).await,
        400,
        "JSON_PARSER_ERROR",
    );
    let mut old = provider_input();
    for key in ["parameters", "clientAuthentication"] {
        old.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(put(old).await.unwrap().status().as_u16(), 200);
    let shown = get(&stage, &tokens, EAIP).await;
    assert_eq!(
        shown["parameters"].as_array().unwrap().len(),
        3,
        "what v62 cannot name stays"
    );
    let response = stage
        .http
        .get(at(61, EAIP))
        .bearer_auth(&tokens.access)
        .send()
        .await
        .unwrap();
    refused(&answer(response).await, 404, "NOT_FOUND");
    let response = stage
        .http
        .get(at(58, NC))
        .bearer_auth(&tokens.access)
        .send()
        .await
        .unwrap();
    let (_, body) = answer(response).await;
    assert!(body.get("calloutStatus").is_none() && body.get("description").is_none());
}

#[tokio::test]
async fn without_view_setup_lists_are_empty_and_null_keys_are_a_switch() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    assert!(
        get(&stage, &tokens, NC)
            .await
            .as_object()
            .unwrap()
            .contains_key("networkConnection")
    );
    stage.set(json!({ "null_keys": "omit" }));
    assert!(
        !get(&stage, &tokens, NC)
            .await
            .as_object()
            .unwrap()
            .contains_key("networkConnection")
    );
    let patch = json!({ "view_setup": false });
    stage
        .control()
        .act(&Action::SetPermissions {
            username: None,
            permissions: patch,
        })
        .unwrap();
    assert_eq!(get(&stage, &tokens, EC).await["principals"], json!([]));
}

#[tokio::test]
async fn writing_needs_a_permission() {
    let stage = Stage::new(Preset::NoPermission).await;
    let tokens = stage.connect().await;
    refused(
        &stage.call(&tokens, Method::PUT, EAIP, Some(&provider_input())).await,
        403,
        "INSUFFICIENT_ACCESS",
    );
    refused(
        &stage.call(&tokens, Method::PUT, NC, Some(&named_input())).await,
        403,
        "INSUFFICIENT_ACCESS",
    );
    let body = json!({ "externalCredential": "akeneo_pim__Akeneo", "principalName": "Default", "principalType": "NamedPrincipal" });
    refused(
        &stage
            .call(
                &tokens,
                Method::POST,
                "named-credentials/credential/auth-url/o-auth",
                Some(&body),
            )
            .await,
        403,
        "INSUFFICIENT_ACCESS",
    );
}
