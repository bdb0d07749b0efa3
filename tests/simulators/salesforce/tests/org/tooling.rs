//! Tooling PATCH, manageability and callouts (facts/salesforce 2.4, 3.2, 5).

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::stage::{Stage, Tokens, metadata_change, refused};

async fn id_of(stage: &Stage, tokens: &Tokens, object: &str) -> String {
    let query = format!("SELECT Id FROM {object} WHERE DeveloperName='Akeneo'");
    stage.soql(tokens, "tooling/query", &query).await.1["records"][0]["Id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn open(stage: &Stage, tokens: &Tokens, object: &str) -> (String, Value) {
    let path = format!("tooling/sobjects/{object}/{}", id_of(stage, tokens, object).await);
    let (status, record) = stage.call(tokens, Method::GET, &path, None).await;
    assert_eq!(status, 200);
    (path, record)
}

fn wire(metadata: &mut Value, url: &str) {
    metadata["calloutStatus"] = json!("Enabled");
    metadata["namedCredentialParameters"][0]["parameterValue"] = json!(url);
}

#[tokio::test]
async fn one_patch_carries_url_and_status() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let (path, record) = open(&stage, &tokens, "NamedCredential").await;
    assert_eq!(record["Metadata"]["calloutStatus"], "Disabled");
    assert!(
        record["Metadata"]["namedCredentialParameters"][0]
            .as_object()
            .unwrap()
            .contains_key("certificate"),
        "null keys are there"
    );
    assert!(record["Metadata"].get("oauthToken").is_none(), "write-only");
    let body = metadata_change(&record, |metadata| wire(metadata, "https://acme.cloud.akeneo.com"));
    assert_eq!(
        stage.call(&tokens, Method::PATCH, &path, Some(&body)).await,
        (204, Value::Null)
    );
    let shown = stage
        .call(
            &tokens,
            Method::GET,
            "named-credentials/named-credential-setup/akeneo_pim__Akeneo",
            None,
        )
        .await
        .1;
    assert_eq!(
        (&shown["calloutUrl"], &shown["calloutStatus"]),
        (&json!("https://acme.cloud.akeneo.com"), &json!("Enabled"))
    );
    stage.set(json!({ "tooling_patch_success": "empty_object" }));
    assert_eq!(
        stage.call(&tokens, Method::PATCH, &path, Some(&body)).await,
        (200, json!({}))
    );
}

#[tokio::test]
async fn the_compound_is_strict_and_replaces() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let (path, record) = open(&stage, &tokens, "ExternalAuthIdentityProvider").await;
    for change in [
        (|metadata: &mut Value| metadata["tokenUrl"] = json!("https://x.example")) as fn(&mut Value),
        |metadata| metadata["externalAuthIdentityProviderParameters"][0]["id"] = json!("x"),
    ] {
        let body = metadata_change(&record, change);
        refused(
            &stage.call(&tokens, Method::PATCH, &path, Some(&body)).await,
            400,
            "JSON_PARSER_ERROR",
        );
    }
    let unknown_type = metadata_change(&record, |metadata| {
        metadata["externalAuthIdentityProviderParameters"][0]["parameterType"] = json!("CustomParameter");
    });
    refused(
        &stage.call(&tokens, Method::PATCH, &path, Some(&unknown_type)).await,
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    );
    let fewer = metadata_change(&record, |metadata| {
        metadata["externalAuthIdentityProviderParameters"]
            .as_array_mut()
            .unwrap()
            .retain(|row| row["parameterName"] != "code_identifier");
    });
    assert_eq!(stage.call(&tokens, Method::PATCH, &path, Some(&fewer)).await.0, 204);
    let (_, record) = open(&stage, &tokens, "ExternalAuthIdentityProvider").await;
    assert!(!record.to_string().contains("code_identifier"));
    refused(
        &stage
            .call(
                &tokens,
                Method::PATCH,
                "tooling/sobjects/NamedCredential/0XA000000000000",
                Some(&fewer),
            )
            .await,
        404,
        "NOT_FOUND",
    );
}

#[tokio::test]
async fn what_belongs_to_the_developer_is_refused() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    for (object, change) in [
        (
            "NamedCredential",
            (|metadata| metadata["label"] = json!("Mine")) as fn(&mut Value),
        ),
        ("NamedCredential", |metadata| {
            metadata["namedCredentialType"] = json!("Legacy")
        }),
        ("ExternalCredential", |metadata| {
            metadata["authenticationProtocol"] = json!("Custom")
        }),
        ("ExternalCredential", |metadata| metadata["label"] = json!("Mine")),
        ("ExternalCredential", |metadata| {
            metadata["externalCredentialParameters"][0]["parameterValue"] = json!("Other")
        }),
        ("ExternalAuthIdentityProvider", |metadata| {
            metadata["description"] = json!("mine")
        }),
        ("ExternalAuthIdentityProvider", |metadata| {
            metadata["authenticationProtocol"] = json!("SalesforceDefined")
        }),
    ] {
        let (path, record) = open(&stage, &tokens, object).await;
        let body = metadata_change(&record, change);
        let found = stage.call(&tokens, Method::PATCH, &path, Some(&body)).await;
        refused(&found, 400, "FIELD_INTEGRITY_EXCEPTION");
        assert_eq!(found.1[0]["message"], "Cannot modify managed object");
        assert_eq!(
            open(&stage, &tokens, object).await.1["Metadata"],
            record["Metadata"],
            "nothing changed"
        );
    }
    let (path, record) = open(&stage, &tokens, "NamedCredential").await;
    let same = metadata_change(&record, |_| {});
    assert_eq!(stage.call(&tokens, Method::PATCH, &path, Some(&same)).await.0, 204);
    stage.set(json!({ "resend_developer_only": "reject", "manageability_status": "forbidden" }));
    refused(
        &stage.call(&tokens, Method::PATCH, &path, Some(&same)).await,
        403,
        "FIELD_INTEGRITY_EXCEPTION",
    );
}

#[tokio::test]
async fn the_callout_status_can_be_off_limits() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    stage.set(json!({ "tooling_callout_status": "reject" }));
    let (path, record) = open(&stage, &tokens, "NamedCredential").await;
    let body = metadata_change(&record, |metadata| wire(metadata, "https://acme.example"));
    assert_eq!(stage.call(&tokens, Method::PATCH, &path, Some(&body)).await.0, 403);
    let only_url = metadata_change(&record, |metadata| {
        metadata["namedCredentialParameters"][0]["parameterValue"] = json!("https://acme.example");
    });
    assert_eq!(stage.call(&tokens, Method::PATCH, &path, Some(&only_url)).await.0, 204);
}

fn status(stage: &Stage) -> String {
    stage.control().state()["named_credentials"][0]["callout_status"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn callouts_go_off_by_whom_the_switch_names() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let setup = Action::InAppSetup {
        base_url: "https://pim.example/".into(),
        client_id: "c".into(),
        client_secret: "s".into(),
    };
    let (path, record) = open(&stage, &tokens, "NamedCredential").await;
    let body = metadata_change(&record, |metadata| wire(metadata, "https://acme.example"));
    let same_url = |stage: &Stage| {
        let mut metadata = stage.control().state()["named_credentials"][0]["metadata"].clone();
        metadata["calloutStatus"] = json!("Enabled");
        json!({ "Metadata": metadata })
    };
    for (switch, after_patch, after_setup) in [
        ("package_code", "Enabled", "Disabled"),
        ("none", "Enabled", "Enabled"),
        ("any", "Disabled", "Disabled"),
    ] {
        stage.set(json!({ "disable_on_write": switch }));
        assert_eq!(stage.call(&tokens, Method::PATCH, &path, Some(&body)).await.0, 204);
        assert_eq!(status(&stage), after_patch, "{switch}");
        assert_eq!(
            stage
                .call(&tokens, Method::PATCH, &path, Some(&same_url(&stage)))
                .await
                .0,
            204
        );
        assert_eq!(status(&stage), "Enabled", "{switch}: a write that moves nothing");
        stage.control().act(&setup).unwrap();
        assert_eq!(status(&stage), after_setup, "{switch}");
        assert_eq!(
            stage.control().state()["named_credentials"][0]["url"],
            "https://pim.example"
        );
    }
}

#[tokio::test]
async fn upgrades_delete_what_the_subscriber_added_and_keep_values() {
    let stage = Stage::new(Preset::Ready).await;
    let control = stage.control();
    control
        .act(&Action::SetParameter {
            name: "code_identifier".into(),
            value: "mine".into(),
        })
        .unwrap();
    control
        .act(&Action::AddParameter {
            kind: "TokenRequestBodyParameter".into(),
            name: "extra".into(),
            value: "x".into(),
        })
        .unwrap();
    control
        .act(&Action::SetPrincipalToken {
            access_token: "token-1".into(),
        })
        .unwrap();
    let before = control.state();
    control
        .act(&Action::PackageUpgrade {
            version: "3.3.0".into(),
        })
        .unwrap();
    let after = control.state();
    let rows = after["external_auth_identity_providers"][0]["parameters"]
        .as_array()
        .unwrap();
    assert!(rows.iter().all(|row| row["name"] != "extra"));
    assert!(
        rows.iter()
            .any(|row| row["name"] == "code_identifier" && row["value"] == "mine")
    );
    assert_eq!(after["principals"][0]["access_token"], "token-1");
    assert_eq!(after["package"]["version"], "3.3.0");
    assert_ne!(after["package"]["version_id"], before["package"]["version_id"]);
    assert!(
        control
            .act(&Action::PackageUpgrade {
                version: "three".into()
            })
            .is_err()
    );
}
