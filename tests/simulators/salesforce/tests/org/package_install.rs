//! `PackageInstallRequest` and a local External Client App (facts/salesforce 9, 10.3).

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::stage::{Stage, Tokens, refused};

const REQUESTS: &str = "tooling/sobjects/PackageInstallRequest";

async fn ask(stage: &Stage, tokens: &Tokens) -> (u16, Value) {
    let key = stage.control().settings().package_version_id;
    let body = json!({ "SubscriberPackageVersionKey": key, "NameConflictResolution": "Block", "SecurityType": "None",
        "PackageInstallSource": "U", "EnableRss": false });
    stage.call(tokens, Method::POST, REQUESTS, Some(&body)).await
}

async fn state(stage: &Stage, tokens: &Tokens, id: &Value) -> Value {
    let path = format!("{REQUESTS}/{}", id.as_str().unwrap());
    let (status, body) = stage.call(tokens, Method::GET, &path, None).await;
    assert_eq!(status, 200);
    body
}

#[tokio::test]
async fn it_takes_its_time_and_brings_the_package() {
    let stage = Stage::new(Preset::PackageMissing).await;
    stage.set(json!({ "install": { "seconds": 120 } }));
    let tokens = stage.connect().await;
    let (status, made) = ask(&stage, &tokens).await;
    assert_eq!((status, &made["success"]), (201, &json!(true)));
    assert!(made["id"].as_str().unwrap().starts_with("0Hf"));
    stage.control().advance_clock(60);
    assert_eq!(state(&stage, &tokens, &made["id"]).await["Status"], "IN_PROGRESS");
    let listed = "SELECT Id FROM PackageInstallRequest WHERE Status='IN_PROGRESS'";
    assert_eq!(stage.soql(&tokens, "tooling/query", listed).await.1["size"], 1);
    stage.control().advance_clock(61);
    let done = state(&stage, &tokens, &made["id"]).await;
    assert_eq!((&done["Status"], &done["Errors"]), (&json!("SUCCESS"), &Value::Null));
    let installed = "SELECT SubscriberPackageVersionId FROM InstalledSubscriberPackage";
    let rows = stage.soql(&tokens, "tooling/query", installed).await.1;
    assert_eq!(
        rows["records"][0]["SubscriberPackageVersionId"],
        stage.control().settings().package_version_id
    );
}

#[tokio::test]
async fn each_order_for_an_error_is_used_once() {
    let stage = Stage::new(Preset::PackageMissing).await;
    stage.set(json!({ "install": { "seconds": 0, "errors": ["This package is not yet available"] } }));
    let tokens = stage.connect().await;
    let first = ask(&stage, &tokens).await.1;
    let failed = state(&stage, &tokens, &first["id"]).await;
    assert_eq!(failed["Status"], "ERROR");
    assert_eq!(
        failed["Errors"],
        json!({ "errors": [{ "message": "This package is not yet available" }] })
    );
    let second = ask(&stage, &tokens).await.1;
    assert_eq!(state(&stage, &tokens, &second["id"]).await["Status"], "SUCCESS");
}

#[tokio::test]
async fn it_is_for_those_who_may_and_for_versions_that_can_be() {
    let stage = Stage::new(Preset::PackageMissing).await;
    let tokens = stage.connect().await;
    let bad = json!({ "SubscriberPackageVersionKey": "033000000000001" });
    let answer = stage.call(&tokens, Method::POST, REQUESTS, Some(&bad)).await;
    refused(&answer, 400, "INVALID_CROSS_REFERENCE_KEY");
    let unknown = json!({ "SubscriberPackageVersionKey": "04t000000000001", "Surprise": 1 });
    assert_eq!(stage.call(&tokens, Method::POST, REQUESTS, Some(&unknown)).await.0, 400);
    stage
        .control()
        .act(&Action::SetPermissions {
            username: None,
            permissions: json!({ "install_packages": false }),
        })
        .unwrap();
    refused(&ask(&stage, &tokens).await, 403, "INSUFFICIENT_ACCESS");
    stage.set(json!({ "install": { "listed": "reject" } }));
    let listed = "SELECT Id FROM PackageInstallRequest";
    refused(&stage.soql(&tokens, "tooling/query", listed).await, 400, "INVALID_TYPE");
}
