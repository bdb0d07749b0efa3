//! Credentials over Connect: provider secrets, principals, what they need (facts/salesforce 3.3, 4.3, 4.7).

use reqwest::Method;
use salesforce_simulator::Preset;
use serde_json::{Value, json};

use super::stage::{EAIP, EC, SECRETS, Stage, get, refused};

#[tokio::test]
async fn client_secrets_go_in_and_never_come_out() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    assert_eq!(
        get(&stage, &tokens, SECRETS).await,
        json!({ "externalAuthIdentityProvider": "akeneo_pim__Akeneo", "credentials": null })
    );
    let body = json!({ "credentials": [
        { "credentialName": "clientId", "credentialValue": "id-1" }, { "credentialName": "clientSecret", "credentialValue": "top-secret-1" }] });
    refused(
        &stage.call(&tokens, Method::PUT, SECRETS, Some(&body)).await,
        404,
        "NOT_FOUND",
    );
    assert_eq!(stage.call(&tokens, Method::POST, SECRETS, Some(&body)).await.0, 201);
    refused(
        &stage.call(&tokens, Method::POST, SECRETS, Some(&body)).await,
        409,
        "CONFLICT",
    );
    assert_eq!(stage.call(&tokens, Method::PUT, SECRETS, Some(&body)).await.0, 200);
    stage.set(json!({ "second_credentials_post": "ok" }));
    assert_eq!(stage.call(&tokens, Method::POST, SECRETS, Some(&body)).await.0, 200);
    for (shape, id, secret) in [
        ("name_only", Value::Null, Value::Null),
        ("masked", json!("********"), json!("********")),
        ("client_id_clear", json!("id-1"), Value::Null),
    ] {
        stage.set(json!({ "eaip_credentials_shape": shape }));
        let shown = get(&stage, &tokens, SECRETS).await;
        assert_eq!(
            (
                &shown["credentials"][0]["credentialValue"],
                &shown["credentials"][1]["credentialValue"]
            ),
            (&id, &secret)
        );
        let everywhere = [get(&stage, &tokens, EAIP).await, shown, stage.control().state()];
        assert!(everywhere.iter().all(|body| !body.to_string().contains("top-secret-1")));
    }
    stage.set(json!({ "eaip_credentials_shape": "null" }));
    assert_eq!(get(&stage, &tokens, SECRETS).await["credentials"], Value::Null);
    for wrong in [
        json!({ "credentials": [{ "credentialName": "clientId", "credentialValue": "x" }] }),
        json!({ "credentials": [{ "credentialName": "secret", "credentialValue": "x" }] }),
    ] {
        refused(
            &stage.call(&tokens, Method::PUT, SECRETS, Some(&wrong)).await,
            400,
            "INVALID_API_INPUT",
        );
    }
    let mut extra = body.clone();
    extra["externalAuthIdentityProvider"] = json!("akeneo_pim__Akeneo");
    refused(
        &stage.call(&tokens, Method::PUT, SECRETS, Some(&extra)).await,
        400,
        "JSON_PARSER_ERROR",
    );
    stage.set(json!({ "extra_eaip_credentials_key": "accept" }));
    assert_eq!(stage.call(&tokens, Method::PUT, SECRETS, Some(&extra)).await.0, 200);
}

#[tokio::test]
async fn a_custom_credential_can_be_built_by_api_alone() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let external = json!({ "developerName": "Akeneo_Token", "masterLabel": "Akeneo Token", "authenticationProtocol": "Custom",
        "principals": [{ "principalName": "Default", "principalType": "NamedPrincipal", "sequenceNumber": 1 }],
        "customHeaders": [{ "headerName": "Authorization", "headerValue": "{!'Bearer ' & $Credential.Akeneo_Token.Token}", "sequenceNumber": 1 }] });
    let collection = "named-credentials/external-credentials";
    assert_eq!(
        stage.call(&tokens, Method::POST, collection, Some(&external)).await.0,
        201
    );
    let credential = |values: Value| {
        json!({ "externalCredential": "Akeneo_Token", "authenticationProtocol": "Custom", "principalName": "Default",
            "principalType": "NamedPrincipal", "credentials": values })
    };
    let path = "named-credentials/credential";
    let first = credential(
        json!({ "Token": { "value": "t1", "encrypted": true }, "Plain": { "value": "p", "encrypted": false } }),
    );
    let (status, body) = stage.call(&tokens, Method::POST, path, Some(&first)).await;
    assert_eq!((status, &body["authenticationStatus"]), (201, &json!("Unknown")));
    assert_eq!(
        body["credentials"],
        json!({ "Plain": { "encrypted": false, "value": "p" }, "Token": { "encrypted": true } })
    );
    let again = stage.call(&tokens, Method::POST, path, Some(&first)).await;
    refused(&again, 409, "CONFLICT");
    assert_eq!(
        again.1[0]["message"],
        "Authentication credentials for the principal \"Default\" already exist. Use the PUT method to overwrite them."
    );
    let second = credential(json!({ "Token": { "value": "t2", "encrypted": true } }));
    let (_, merged) = stage.call(&tokens, Method::PATCH, path, Some(&second)).await;
    assert_eq!(merged["credentials"].as_object().unwrap().len(), 2, "PATCH merges");
    let (_, replaced) = stage.call(&tokens, Method::PUT, path, Some(&second)).await;
    assert_eq!(replaced["credentials"].as_object().unwrap().len(), 1, "PUT replaces");
    let address = format!("{path}?externalCredential=Akeneo_Token&principalType=NamedPrincipal&principalName=Default");
    assert_eq!(stage.call(&tokens, Method::DELETE, &address, None).await.0, 204);
    assert_eq!(get(&stage, &tokens, &address).await["credentials"], json!({}));
    assert_eq!(
        stage
            .call(&tokens, Method::DELETE, &format!("{collection}/Akeneo_Token"), None)
            .await
            .0,
        204
    );
    refused(
        &stage.call(&tokens, Method::DELETE, EC, None).await,
        400,
        "FIELD_INTEGRITY_EXCEPTION",
    );
}

#[tokio::test]
async fn tokens_cannot_be_written_and_spelling_matters() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let credential = |change: fn(&mut Value)| {
        let mut body = json!({ "externalCredential": "akeneo_pim__Akeneo", "authenticationProtocol": "OAuth", "principalName": "Default",
            "principalType": "NamedPrincipal", "credentials": {} });
        change(&mut body);
        body
    };
    let path = "named-credentials/credential";
    type Case = (fn(&mut Value), &'static str);
    let cases: [Case; 5] = [
        (
            |body| body["credentials"] = json!({ "accessToken": { "value": "x" } }),
            "INVALID_API_INPUT",
        ),
        (
            |body| body["credentials"] = json!({ "clientId": { "value": "x", "encrypted": true } }),
            "INVALID_API_INPUT",
        ),
        (
            |body| body["authenticationProtocol"] = json!("Oauth"),
            "INVALID_API_INPUT",
        ),
        (|body| body["principalType"] = json!("PerUser"), "POST_BODY_PARSE_ERROR"),
        (
            |body| body["authenticationStatus"] = json!("Configured"),
            "JSON_PARSER_ERROR",
        ),
    ];
    for (change, code) in cases {
        refused(
            &stage.call(&tokens, Method::POST, path, Some(&credential(change))).await,
            400,
            code,
        );
    }
    let mut other = credential(|_| {});
    other["externalCredential"] = json!("Nothing");
    refused(
        &stage.call(&tokens, Method::POST, path, Some(&other)).await,
        404,
        "NOT_FOUND",
    );
    let (status, shell) = stage.call(&tokens, Method::POST, path, Some(&credential(|_| {}))).await;
    assert_eq!((status, &shell["authenticationStatus"]), (201, &json!("NotConfigured")));
}
