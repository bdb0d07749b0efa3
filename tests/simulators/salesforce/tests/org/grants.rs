//! Granting access (facts/salesforce 6).

use reqwest::Method;
use salesforce_simulator::{Action, Preset, Settings};
use serde_json::{Value, json};

use super::stage::{Stage, Tokens, refused};

async fn post(stage: &Stage, tokens: &Tokens, object: &str, body: Value) -> (u16, Value) {
    stage
        .call(tokens, Method::POST, &format!("sobjects/{object}"), Some(&body))
        .await
}

async fn created(stage: &Stage, tokens: &Tokens, object: &str, body: Value) -> String {
    let (status, body) = post(stage, tokens, object, body).await;
    assert_eq!(
        (status, &body["success"], &body["errors"]),
        (201, &json!(true), &json!([])),
        "{body}"
    );
    body["id"].as_str().unwrap().to_owned()
}

fn user(stage: &Stage, index: usize) -> String {
    stage.control().state()["users"][index]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn principal(stage: &Stage) -> String {
    stage.control().state()["principals"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn our_own_permission_set_can_be_built_and_duplicates_are_named() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let set = created(
        &stage,
        &tokens,
        "PermissionSet",
        json!({ "Name": "Akeneo_Onboarding_Access", "Label": "Akeneo Onboarding Access" }),
    )
    .await;
    let access = json!({ "ParentId": set, "SetupEntityId": principal(&stage) });
    created(&stage, &tokens, "SetupEntityAccess", access.clone()).await;
    let object = json!({ "ParentId": set, "SobjectType": "UserExternalCredential", "PermissionsRead": true, "PermissionsCreate": false,
        "PermissionsEdit": false, "PermissionsDelete": false, "PermissionsViewAllRecords": false, "PermissionsModifyAllRecords": false });
    created(&stage, &tokens, "ObjectPermissions", object.clone()).await;
    let assignment = json!({ "AssigneeId": user(&stage, 1), "PermissionSetId": &set[..15] });
    let assigned = created(&stage, &tokens, "PermissionSetAssignment", assignment.clone()).await;
    for (object, body) in [
        ("SetupEntityAccess", access),
        ("ObjectPermissions", object),
        ("PermissionSetAssignment", assignment),
    ] {
        let found = post(&stage, &tokens, object, body).await;
        refused(&found, 400, "DUPLICATE_VALUE");
        assert!(found.1[0]["fields"].is_array());
    }
    let query = format!(
        "SELECT Id, ParentId, Parent.Name, Parent.NamespacePrefix, SetupEntityId FROM SetupEntityAccess WHERE SetupEntityType='ExternalCredentialParameter' AND SetupEntityId='{}'",
        principal(&stage)
    );
    let (_, body) = stage.soql(&tokens, "query", &query).await;
    assert_eq!(body["totalSize"], 2);
    assert!(
        body["records"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["Parent"]["Name"] == "Akeneo_Onboarding_Access")
    );
    let path = format!("sobjects/PermissionSetAssignment/{assigned}");
    assert_eq!(
        stage.call(&tokens, Method::GET, &path, None).await.1["AssigneeId"],
        user(&stage, 1)
    );
    assert_eq!(stage.call(&tokens, Method::DELETE, &path, None).await.0, 204);
    refused(&stage.call(&tokens, Method::GET, &path, None).await, 404, "NOT_FOUND");
}

#[tokio::test]
async fn the_packaged_set_is_for_assigning_only() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let set = stage.control().state()["permission_sets"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let object = json!({ "ParentId": set, "SobjectType": "Account", "PermissionsRead": true });
    refused(
        &post(&stage, &tokens, "ObjectPermissions", object).await,
        400,
        "INVALID_CROSS_REFERENCE_KEY",
    );
    let path = format!("sobjects/PermissionSet/{set}");
    let change = json!({ "Label": "Mine" });
    let found = stage.call(&tokens, Method::PATCH, &path, Some(&change)).await;
    refused(&found, 400, "INVALID_CROSS_REFERENCE_KEY");
    assert_eq!(found.1[0]["message"], "invalid record id");
    assert_eq!(stage.call(&tokens, Method::DELETE, &path, None).await.0, 400);
    created(
        &stage,
        &tokens,
        "PermissionSetAssignment",
        json!({ "AssigneeId": user(&stage, 1), "PermissionSetId": set }),
    )
    .await;
}

#[tokio::test]
async fn mistakes_are_refused() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let set = created(&stage, &tokens, "PermissionSet", json!({ "Name": "P", "Label": "P" })).await;
    for (object, body, code) in [
        (
            "PermissionSet",
            json!({ "Name": "P", "Label": "again" }),
            "DUPLICATE_VALUE",
        ),
        ("PermissionSet", json!({ "Label": "no name" }), "REQUIRED_FIELD_MISSING"),
        (
            "PermissionSet",
            json!({ "Name": "Q", "Label": "Q", "Wrong": 1 }),
            "INVALID_FIELD",
        ),
        (
            "SetupEntityAccess",
            json!({ "ParentId": set, "SetupEntityId": "0pu000000000000" }),
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        (
            "SetupEntityAccess",
            json!({ "ParentId": "0PS000000000000", "SetupEntityId": principal(&stage) }),
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        (
            "SetupEntityAccess",
            json!({ "ParentId": set, "SetupEntityId": principal(&stage), "SetupEntityType": "x" }),
            "INVALID_FIELD",
        ),
        (
            "PermissionSetAssignment",
            json!({ "AssigneeId": "005000000000000", "PermissionSetId": set }),
            "INVALID_CROSS_REFERENCE_KEY",
        ),
    ] {
        refused(&post(&stage, &tokens, object, body).await, 400, code);
    }
    stage
        .control()
        .act(&Action::DeactivateUser {
            username: Some("sales@acme.example".into()),
        })
        .unwrap();
    let inactive = json!({ "AssigneeId": user(&stage, 2), "PermissionSetId": set });
    refused(
        &post(&stage, &tokens, "PermissionSetAssignment", inactive).await,
        400,
        "INACTIVE_OWNER_OR_USER",
    );
    refused(&post(&stage, &tokens, "Account", json!({})).await, 404, "NOT_FOUND");
    let patch = json!({ "assign_permission_sets": false, "manage_profiles_permission_sets": false });
    stage
        .control()
        .act(&Action::SetPermissions {
            username: None,
            permissions: patch,
        })
        .unwrap();
    refused(
        &post(&stage, &tokens, "PermissionSet", json!({ "Name": "R", "Label": "R" })).await,
        403,
        "INSUFFICIENT_ACCESS_OR_READONLY",
    );
}

#[tokio::test]
async fn the_read_can_be_lost_at_install_or_later() {
    let settings = Settings {
        uec_read_lost_at_install: true,
        ..Settings::default()
    };
    let stage = Stage::with(Preset::Ready, settings).await;
    let tokens = stage.connect().await;
    let query = "SELECT ParentId, Parent.Name FROM ObjectPermissions WHERE SobjectType='UserExternalCredential' AND PermissionsRead=true";
    assert_eq!(stage.soql(&tokens, "query", query).await.1["totalSize"], 0);
    stage.set(json!({ "uec_read_lost_at_install": false }));
    stage.control().act(&Action::UninstallPackage {}).unwrap();
    stage.control().act(&Action::InstallPackage { version: None }).unwrap();
    assert_eq!(stage.soql(&tokens, "query", query).await.1["totalSize"], 1);
    stage.control().act(&Action::LoseUecRead {}).unwrap();
    assert_eq!(stage.soql(&tokens, "query", query).await.1["totalSize"], 0);
    stage
        .control()
        .act(&Action::GrantAccess {
            username: "sales@acme.example".into(),
        })
        .unwrap();
    assert_eq!(
        stage.control().state()["permission_set_assignments"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    stage.control().act(&Action::RevokeGrants {}).unwrap();
    assert_eq!(stage.control().state()["permission_set_assignments"], json!([]));
}
