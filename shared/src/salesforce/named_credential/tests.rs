//! Reading and writing the Named Credential, against a scripted org.

use serde_json::{Value, json};

use super::*;
use crate::salesforce::change::{ChangeError, Field};
use crate::salesforce::record::FullName;
use crate::salesforce::record_id::RecordId;
use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

const PATH: &str = "named-credentials/named-credential-setup/ns__Akeneo";
const TOOLING: &str = "tooling/sobjects/NamedCredential/0XA4H000000TNRhWAO";
const REFUSED: &str = r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"x"}]"#;
const PIM: &str = "https://acme.cloud.akeneo.com";

fn record() -> PackagedRecord {
    PackagedRecord {
        id: RecordId::parse("0XA4H000000TNRhWAO").unwrap(),
        full_name: FullName::new("ns", "Akeneo"),
    }
}

fn connect(url: &str, status: &str) -> Reply {
    let body = json!({"calloutOptions": {"allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": false, "generateAuthorizationHeader": true},
        "calloutStatus": status, "calloutUrl": url, "createdByNamespace": "ns",
        "customHeaders": [{"headerName": "X-Kept", "headerValue": "v", "id": "0pv4H000000TNRhQAO", "sequenceNumber": 1}], "description": null, "developerName": "ns__Akeneo",
        "externalCredentials": [{"developerName": "ns__Akeneo", "id": "0pt4H000000TNRhQAO", "masterLabel": "Akeneo", "url": "/x"}],
        "id": "0XA4H000000TNRhWAO", "masterLabel": "Akeneo", "networkConnection": null,
        "parameters": [{"parameterName": "ns", "parameterType": "AllowedManagedPackageNamespaces", "parameterValue": "ns", "id": "0pv4H000000TNRiQAO"},
            {"parameterName": "ManagedByNamespace", "parameterType": "ManagedByNamespace", "parameterValue": "SubscriberControlled"}],
        "type": "SecuredEndpoint", "url": "/x"});
    Reply::json(200, &body.to_string())
}

fn metadata(url: &str, status: &str) -> Value {
    json!({"label": "Akeneo", "namedCredentialType": "SecuredEndpoint", "calloutStatus": status, "allowMergeFieldsInBody": false,
        "allowMergeFieldsInHeader": false, "generateAuthorizationHeader": true, "futureKey": {"kept": true},
        "namedCredentialParameters": [
            {"parameterName": "Url", "parameterType": "Url", "parameterValue": url, "certificate": null, "sequenceNumber": null},
            {"parameterName": "ExternalCredential", "parameterType": "Authentication", "externalCredential": "ns__Akeneo", "parameterValue": null},
            {"parameterName": "ManagedByNamespace", "parameterType": "ManagedByNamespace", "parameterValue": "SubscriberControlled"}]})
}

fn tooling(url: &str, status: &str) -> Reply {
    Reply::json(
        200,
        &json!({"Id": "0XA4H000000TNRhWAO", "FullName": "ns__Akeneo", "Metadata": metadata(url, status)}).to_string(),
    )
}

async fn written(replies: Vec<Reply>) -> (ScriptedOrg, Result<NamedCredential, ChangeError>) {
    let org = ScriptedOrg::start([vec![connect("https://placeholder.example", "Disabled")], replies].concat());
    let client = org.org();
    let current = read(&client, &record()).await.unwrap();
    let result = write(&client, &current, &Url::parse(PIM).unwrap(), Callouts::Enabled).await;
    (org, result)
}

#[tokio::test]
async fn reading_prefers_connect_and_falls_back_for_the_status() {
    let mut old: Value =
        json!({"calloutUrl": "https://acme.cloud.akeneo.com/", "type": "SecuredEndpoint", "externalCredentials": null});
    old["masterLabel"] = json!("Akeneo");
    let org = ScriptedOrg::start(vec![
        connect(PIM, "Enabled"),
        Reply::json(200, &old.to_string()),
        tooling(PIM, "Disabled"),
        tooling(PIM, "Disabled"),
    ]);
    let client = org.org();
    let now = read(&client, &record()).await.unwrap();
    assert_eq!(
        (now.callouts, now.external_credentials.as_slice()),
        (Callouts::Enabled, &["ns__Akeneo".to_owned()][..])
    );
    let old = read(&client, &record()).await.unwrap();
    assert_eq!(old.callouts, Callouts::Disabled);
    let base = |text: &str| Url::parse(text).unwrap();
    assert!(now.points_at(&base(PIM)) && old.points_at(&base(PIM)));
    assert!(
        !now.points_at(&base("https://acme.cloud.akeneo.com.evil.example"))
            && !now.points_at(&base("http://acme.cloud.akeneo.com"))
    );
    assert_eq!(
        manageability(&client, &record()).await.unwrap(),
        Manageability::Subscriber
    );
}

#[tokio::test]
async fn one_patch_carries_url_and_status_and_keeps_the_rest() {
    let (org, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::empty(204),
        connect(PIM, "Enabled"),
    ])
    .await;
    assert_eq!(result.unwrap().callouts, Callouts::Enabled);
    assert_eq!(
        org.lines()[1..],
        [
            format!("GET {TOOLING}"),
            format!("PATCH {TOOLING}"),
            format!("GET {PATH}")
        ]
    );
    assert_eq!(org.seen()[2].body, json!({"Metadata": metadata(PIM, "Enabled")}));
}

#[tokio::test]
async fn connect_sets_the_url_where_tooling_refuses() {
    let (org, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::json(403, REFUSED),
        connect("https://placeholder.example", "Disabled"),
        Reply::json(200, "{}"),
        connect(PIM, "Disabled"),
        tooling(PIM, "Disabled"),
        Reply::json(200, "{}"),
        connect(PIM, "Enabled"),
    ])
    .await;
    assert!(result.is_ok());
    assert_eq!(
        org.seen()[4].body,
        json!({"masterLabel": "Akeneo", "type": "SecuredEndpoint", "calloutUrl": PIM, "externalCredentials": [{"developerName": "ns__Akeneo"}],
            "calloutOptions": {"allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": false, "generateAuthorizationHeader": true},
            "customHeaders": [{"headerName": "X-Kept", "headerValue": "v", "sequenceNumber": 1}],
            "parameters": [{"parameterName": "ns", "parameterType": "AllowedManagedPackageNamespaces", "parameterValue": "ns"}]})
    );
    assert_eq!(org.lines()[7], format!("PATCH {TOOLING}"));
}

/// Salesforce switches callouts off when a URL is written (facts/salesforce 5.3).
#[tokio::test]
async fn a_status_that_fell_off_is_set_once_more() {
    let (org, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::empty(204),
        connect(PIM, "Disabled"),
        tooling(PIM, "Disabled"),
        Reply::empty(204),
        connect(PIM, "Enabled"),
    ])
    .await;
    assert!(result.is_ok());
    assert_eq!(org.seen()[5].body, json!({"Metadata": metadata(PIM, "Enabled")}));
}

#[tokio::test]
async fn a_status_that_no_api_may_set_is_a_persons_turn() {
    let (_, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::json(403, REFUSED),
        connect("https://placeholder.example", "Disabled"),
        Reply::json(200, "{}"),
        connect(PIM, "Disabled"),
        tooling(PIM, "Disabled"),
        Reply::json(403, REFUSED),
        connect(PIM, "Disabled"),
        tooling(PIM, "Disabled"),
        Reply::json(403, REFUSED),
        connect(PIM, "Disabled"),
    ])
    .await;
    assert!(matches!(result, Err(ChangeError::NotApplied { fields }) if fields == [Field::Callouts]));
}

const DEPLOY: &str = r#"{"id":"0Af000000000001AAA"}"#;
const DEPLOYED: &str =
    r#"{"id":"0Af000000000001AAA","deployResult":{"done":true,"success":true,"status":"Succeeded"}}"#;

#[tokio::test]
async fn a_deploy_sets_both_where_tooling_and_connect_refuse() {
    let (org, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::json(403, REFUSED),
        connect("https://placeholder.example", "Disabled"),
        Reply::json(403, REFUSED),
        tooling("https://placeholder.example", "Disabled"),
        Reply::json(201, DEPLOY),
        Reply::json(200, DEPLOYED),
        connect(PIM, "Enabled"),
    ])
    .await;
    assert!(result.is_ok());
    assert_eq!(org.lines()[6], "POST metadata/deployRequest");
}

/// To move the URL alone would send the token of the one host to the other.
#[tokio::test]
async fn a_pause_never_moves_the_url_without_the_status() {
    let org = ScriptedOrg::start(vec![
        connect("https://other.example", "Enabled"),
        tooling("https://other.example", "Enabled"),
        Reply::json(403, REFUSED),
        tooling("https://other.example", "Enabled"),
        Reply::json(403, REFUSED),
    ]);
    let client = org.org();
    let current = read(&client, &record()).await.unwrap();
    let result = write(&client, &current, &Url::parse(PIM).unwrap(), Callouts::Disabled).await;
    assert!(matches!(result, Err(ChangeError::Api(error)) if error.is_refusal()));
    assert!(
        org.lines().iter().all(|line| !line.starts_with("PUT")),
        "{:?}",
        org.lines()
    );
}

#[tokio::test]
async fn refusals_in_every_way_and_silent_changes_are_reported() {
    let (_, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::json(403, REFUSED),
        connect("https://placeholder.example", "Disabled"),
        Reply::json(400, r#"[{"errorCode":"JSON_PARSER_ERROR","message":"x"}]"#),
        tooling("https://placeholder.example", "Disabled"),
        Reply::json(400, r#"[{"errorCode":"JSON_PARSER_ERROR","message":"x"}]"#),
    ])
    .await;
    assert!(matches!(result, Err(ChangeError::Api(error)) if error.has_code("INSUFFICIENT_ACCESS")));
    let (_, result) = written(vec![
        tooling("https://placeholder.example", "Disabled"),
        Reply::empty(204),
        connect("https://other", "Disabled"),
    ])
    .await;
    assert!(matches!(result, Err(ChangeError::NotApplied { fields }) if fields == [Field::Url, Field::Callouts]));
}

#[tokio::test]
async fn a_legacy_credential_is_not_touched() {
    let org = ScriptedOrg::start(Vec::new());
    let legacy = NamedCredential {
        record: record(),
        kind: "Legacy".into(),
        url: None,
        callouts: Callouts::Enabled,
        external_credentials: Vec::new(),
    };
    let result = write(&org.org(), &legacy, &Url::parse(PIM).unwrap(), Callouts::Enabled).await;
    assert!(matches!(result, Err(ChangeError::Unsuitable)));
    assert!(org.seen().is_empty());
}
