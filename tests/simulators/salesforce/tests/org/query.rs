//! Queries (facts/salesforce 2.1, 6, 9, 10.4).

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::stage::{Stage, refused};

const TOOLING: &str = "tooling/query/";
const DATA: &str = "query";

#[tokio::test]
async fn discovery_finds_the_packaged_records() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    for object in ["NamedCredential", "ExternalCredential", "ExternalAuthIdentityProvider"] {
        let query = format!(
            "SELECT Id,DeveloperName,NamespacePrefix,ManageableState FROM {object} WHERE DeveloperName='Akeneo' AND NamespacePrefix != null"
        );
        let (status, body) = stage.soql(&tokens, TOOLING, &query).await;
        assert_eq!(
            (status, &body["size"], &body["entityTypeName"], &body["queryLocator"]),
            (200, &json!(1), &json!(object), &Value::Null)
        );
        let record = &body["records"][0];
        assert_eq!(
            (&record["NamespacePrefix"], &record["ManageableState"]),
            (&json!("akeneo_pim"), &json!("installed"))
        );
        let url = format!(
            "/services/data/v66.0/tooling/sobjects/{object}/{}",
            record["Id"].as_str().unwrap()
        );
        assert_eq!(record["attributes"], json!({ "type": object, "url": url }));
    }
}

#[tokio::test]
async fn package_detection_nests_its_parents() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let query = "SELECT SubscriberPackage.Id, SubscriberPackage.Name, SubscriberPackage.NamespacePrefix, SubscriberPackageVersionId FROM InstalledSubscriberPackage";
    let (status, body) = stage.soql(&tokens, TOOLING, query).await;
    assert_eq!(status, 200);
    let record = &body["records"][0];
    assert_eq!(record["SubscriberPackage"]["NamespacePrefix"], "akeneo_pim");
    assert_eq!(record["SubscriberPackage"]["attributes"]["type"], "SubscriberPackage");
    let id = record["SubscriberPackageVersionId"].as_str().unwrap();
    let version = format!(
        "SELECT MajorVersion,MinorVersion,PatchVersion,BuildNumber,IsBeta FROM SubscriberPackageVersion WHERE Id='{}'",
        &id[..15]
    );
    let (_, body) = stage.soql(&tokens, TOOLING, &version).await;
    assert_eq!(body["records"][0]["MajorVersion"], 3);
    refused(
        &stage
            .soql(&tokens, TOOLING, "SELECT Id FROM SubscriberPackageVersion")
            .await,
        400,
        "MALFORMED_QUERY",
    );
    let filter = format!("{query} WHERE SubscriberPackage.NamespacePrefix='akeneo_pim'");
    refused(&stage.soql(&tokens, TOOLING, &filter).await, 400, "INVALID_FIELD");
}

#[tokio::test]
async fn every_query_of_the_facts_runs() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    for (resource, query) in [
        (
            TOOLING,
            "SELECT NamedCredentialId, ParameterValue FROM NamedCredentialParameter WHERE ParameterType='Url'",
        ),
        (
            TOOLING,
            "SELECT InstallValidationStatus FROM SubscriberPackageVersion WHERE Id='04tHs000000SIM3EAA'",
        ),
        (TOOLING, "SELECT Id FROM GlobalValueSet LIMIT 1"),
        (
            DATA,
            "SELECT Id FROM PermissionSet WHERE Name='Akeneo_Onboarding_Access' AND NamespacePrefix=null",
        ),
        (
            DATA,
            "SELECT Id,Name FROM PermissionSet WHERE NamespacePrefix='akeneo_pim'",
        ),
        (
            DATA,
            "SELECT Id, ParentId, Parent.Name, Parent.NamespacePrefix, SetupEntityId FROM SetupEntityAccess WHERE SetupEntityType='ExternalCredentialParameter' AND SetupEntityId='0puHs0000000001'",
        ),
        (
            DATA,
            "SELECT ParentId, Parent.Name FROM ObjectPermissions WHERE SobjectType='UserExternalCredential' AND PermissionsRead=true",
        ),
        (
            DATA,
            "SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSetId IN ('0PSHs0000000001','0PSHs0000000002')",
        ),
        (DATA, "SELECT Id,Username,IsActive FROM User WHERE Id='005Hs0000000001'"),
        (DATA, "SELECT Id,DeveloperName,OauthKickoffUrl FROM AuthProvider"),
        (DATA, "SELECT Id,Name,IsSandbox,InstanceName FROM Organization"),
        (
            DATA,
            "SELECT PermissionsApiEnabled,PermissionsViewSetup,PermissionsCustomizeApplication,PermissionsModifyMetadata,PermissionsManageNamedCredentials,PermissionsManageAuthProviders,PermissionsAssignPermissionSets FROM UserPermissionAccess",
        ),
    ] {
        let (status, body) = stage.soql(&tokens, resource, query).await;
        assert_eq!((status, &body["done"]), (200, &json!(true)), "{query}: {body}");
    }
}

#[tokio::test]
async fn conditions_select() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let names = |query: &'static str| {
        let (stage, tokens) = (&stage, &tokens);
        async move {
            let (status, body) = stage.soql(tokens, DATA, query).await;
            assert_eq!(status, 200, "{body}");
            let records = body["records"].as_array().unwrap().clone();
            assert_eq!(body["totalSize"], records.len());
            records
                .iter()
                .map(|record| {
                    record["Username"]
                        .as_str()
                        .unwrap()
                        .split('@')
                        .next()
                        .unwrap()
                        .to_owned()
                })
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(
        names("SELECT Username FROM User ORDER BY Username").await,
        ["admin", "cloud", "integration", "sales"]
    );
    assert_eq!(
        names("SELECT Username FROM User ORDER BY Username DESC LIMIT 2").await,
        ["sales", "integration"]
    );
    assert_eq!(
        names("SELECT Username FROM User WHERE Username LIKE '%ACME%' AND NOT Name LIKE 'A%' ORDER BY Name").await,
        ["integration", "sales"]
    );
    assert_eq!(
        names("SELECT Username FROM User WHERE UserType != 'standard'").await,
        ["cloud"]
    );
    assert_eq!(
        names("SELECT Username FROM User WHERE (Name = 'ada admin' OR Name = 'Sam Sales') AND IsActive = true").await,
        ["admin", "sales"]
    );
    assert_eq!(
        names("SELECT Username FROM User WHERE IsActive = false").await,
        Vec::<String>::new()
    );
    assert_eq!(
        names("SELECT Username FROM User WHERE Username NOT IN ('admin@acme.example') AND Name < 'J'").await,
        ["integration"]
    );
    stage
        .control()
        .act(&Action::GrantAccess {
            username: "sales@acme.example".to_owned(),
        })
        .unwrap();
    assert_eq!(
        names("SELECT Username FROM User WHERE Id IN (SELECT AssigneeId FROM PermissionSetAssignment)").await,
        ["sales"]
    );
}

#[tokio::test]
async fn mistakes_have_codes() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    for (resource, query, code) in [
        (DATA, "SELECT Id FROM User WHERE", "MALFORMED_QUERY"),
        (
            DATA,
            "SELECT Id FROM User WHERE Name='A' AND IsActive=true OR Name='B'",
            "MALFORMED_QUERY",
        ),
        (DATA, "SELECT Wrong FROM User", "INVALID_FIELD"),
        (DATA, "SELECT Parent.Wrong FROM SetupEntityAccess", "INVALID_FIELD"),
        (DATA, "SELECT Manager.Name FROM User", "INVALID_FIELD"),
        (DATA, "SELECT Id FROM User WHERE IsActive='true'", "INVALID_FIELD"),
        (DATA, "SELECT Id FROM User WHERE Name=true", "INVALID_FIELD"),
        (DATA, "SELECT Id FROM Nothing", "INVALID_TYPE"),
        (DATA, "SELECT Id FROM InstalledSubscriberPackage", "INVALID_TYPE"),
        (TOOLING, "SELECT Id FROM Organization", "INVALID_TYPE"),
    ] {
        let found = stage.soql(&tokens, resource, query).await;
        assert_eq!(found.1[0]["errorCode"], code, "{query}");
        refused(&found, 400, code);
    }
    refused(
        &stage.call(&tokens, Method::GET, "query", None).await,
        400,
        "MALFORMED_QUERY",
    );
}

#[tokio::test]
async fn metadata_comes_for_one_row_only() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let one = "SELECT Id, FullName, Metadata FROM NamedCredential WHERE DeveloperName='Akeneo'";
    let (_, body) = stage.soql(&tokens, TOOLING, one).await;
    assert_eq!(body["records"][0]["FullName"], "akeneo_pim__Akeneo");
    assert_eq!(body["records"][0]["Metadata"]["namedCredentialType"], "SecuredEndpoint");
    let second = json!({ "developerName": "Mine", "masterLabel": "Mine", "type": "SecuredEndpoint", "calloutUrl": "https://x.example",
        "externalCredentials": [{ "developerName": "akeneo_pim__Akeneo" }], "calloutOptions": {} });
    assert_eq!(
        stage
            .call(
                &tokens,
                Method::POST,
                "named-credentials/named-credential-setup",
                Some(&second)
            )
            .await
            .0,
        201
    );
    refused(
        &stage
            .soql(&tokens, TOOLING, "SELECT Metadata FROM NamedCredential")
            .await,
        400,
        "MALFORMED_QUERY",
    );
    assert_eq!(
        stage.soql(&tokens, TOOLING, "SELECT Id FROM NamedCredential").await.1["size"],
        2
    );
}
