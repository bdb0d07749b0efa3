//! Reading and writing the identity provider, against a scripted org.

use serde_json::{Value, json};

use super::*;
use crate::salesforce::change::{ChangeError, Field};
use crate::salesforce::record::FullName;
use crate::salesforce::record_id::RecordId;
use crate::salesforce::scripted_org::{Reply, ScriptedOrg};
use crate::secret::{CodeChallenge, CodeIdentifier};

const PATH: &str = "named-credentials/external-auth-identity-providers/ns__Akeneo";
const TOOLING: &str = "tooling/sobjects/ExternalAuthIdentityProvider/0so4H000000TNRhQAO";
const REFUSED: &str = r#"[{"errorCode":"FIELD_INTEGRITY_EXCEPTION","message":"Cannot modify managed object"}]"#;
const AUTHORIZE: &str = "https://acme.cloud.akeneo.com/connect/apps/v1/authorize";
const TOKEN: &str = "https://acme.cloud.akeneo.com/connect/apps/v1/oauth2/token";

fn record() -> PackagedRecord {
    PackagedRecord {
        id: RecordId::parse("0so4H000000TNRhQAO").unwrap(),
        full_name: FullName::new("ns", "Akeneo"),
    }
}

fn row(kind: &str, name: &str, value: &str, sequence: Option<i64>) -> Value {
    let mut row = json!({"parameterName": name, "parameterType": kind, "parameterValue": value});
    if let Some(sequence) = sequence {
        row["sequenceNumber"] = json!(sequence);
    }
    row
}

fn body(urls: (&str, &str), pair: (&str, &str)) -> Value {
    json!({"fullName": "ns__Akeneo", "label": "Akeneo", "description": null, "authenticationProtocol": "OAuth", "authenticationFlow": "AuthorizationCode",
        "clientAuthentication": "ClientSecretPost", "authorizeUrl": urls.0, "tokenUrl": urls.1, "userInfoUrl": null,
        "parameters": [
            row("TokenRequestBodyParameter", "code_identifier", pair.0, Some(1)),
            row("TokenRequestBodyParameter", "code_challenge", pair.1, Some(2)),
            row("AuthorizeRequestQueryParameter", "scope", "read_products read_catalogs", Some(3)),
            row("IdentityProviderOptions", "option", "kept", None),
            row("ManagedByFeature", "feature", "x", None),
        ],
        "callbackUrl": "{origin}/services/authcallback/Akeneo", "createdByNamespace": "ns", "credentials": [], "id": "0so4H000000TNRhQAO", "url": "/x"})
}

fn shipped() -> Value {
    body(
        ("https://placeholder.example", "https://placeholder.example"),
        (PLACEHOLDER, PLACEHOLDER),
    )
}

fn wired() -> Value {
    body((AUTHORIZE, TOKEN), ("abc", "def"))
}

fn desired() -> ProviderDesired {
    ProviderDesired {
        authorize_url: Url::parse(AUTHORIZE).unwrap(),
        token_url: Url::parse(TOKEN).unwrap(),
        pair: RequestPair {
            code_identifier: CodeIdentifier::new("abc"),
            code_challenge: CodeChallenge::new("def"),
        },
        scopes: None,
    }
}

fn reply(body: &Value) -> Reply {
    Reply::json(200, &body.to_string())
}

/// Reads the provider from the first reply and writes against the others; gives the server, for its log.
async fn written(replies: Vec<Reply>) -> (ScriptedOrg, Result<ProviderReading, ChangeError>) {
    let org = ScriptedOrg::start([vec![reply(&shipped())], replies].concat());
    let client = org.org();
    let current = read(&client, &record()).await.unwrap();
    let result = write(&client, &current.provider, &desired()).await;
    (org, result)
}

#[tokio::test]
async fn what_is_read_is_plain() {
    let org = ScriptedOrg::start(vec![reply(&shipped()), reply(&wired())]);
    let client = org.org();
    let before = read(&client, &record()).await.unwrap().provider;
    assert_eq!(
        (before.code_identifier, before.code_challenge),
        (RowState::Placeholder, RowState::Placeholder)
    );
    assert_eq!(
        before.callback_url.as_ref().unwrap().url().path(),
        "/services/authcallback/Akeneo"
    );
    assert_eq!(before.scopes.as_ref().unwrap().len(), 2);
    let after = read(&client, &record()).await.unwrap();
    assert_eq!(after.provider.code_identifier, RowState::Set);
    assert!(after.pair.is(&desired().pair));
    let text = serde_json::to_string(&after.provider).unwrap() + &format!("{after:?}");
    assert!(!text.contains("abc") && !text.contains("kept"), "{text}");
    assert_eq!(
        serde_json::from_str::<IdentityProvider>(&serde_json::to_string(&after.provider).unwrap()).unwrap(),
        after.provider
    );
}

#[tokio::test]
async fn a_foreign_callback_is_no_callback() {
    let mut body = shipped();
    body["callbackUrl"] = json!("https://evil.example/services/authcallback/Akeneo");
    let org = ScriptedOrg::start(vec![reply(&body)]);
    assert_eq!(read(&org.org(), &record()).await.unwrap().provider.callback_url, None);
}

#[tokio::test]
async fn one_put_carries_everything_that_connect_takes() {
    let (org, result) = written(vec![reply(&shipped()), reply(&json!({})), reply(&wired())]).await;
    assert!(result.unwrap().pair.is(&desired().pair));
    let get = format!("GET {PATH}");
    assert_eq!(org.lines(), [get.clone(), get.clone(), format!("PUT {PATH}"), get]);
    assert_eq!(
        org.seen()[2].body,
        json!({"fullName": "ns__Akeneo", "label": "Akeneo", "authenticationProtocol": "OAuth", "authenticationFlow": "AuthorizationCode",
        "clientAuthentication": "ClientSecretPost", "authorizeUrl": AUTHORIZE, "tokenUrl": TOKEN,
        "parameters": [
            row("TokenRequestBodyParameter", "code_identifier", "abc", Some(1)),
            row("TokenRequestBodyParameter", "code_challenge", "def", Some(2)),
            row("AuthorizeRequestQueryParameter", "scope", "read_products read_catalogs", Some(3)),
            row("IdentityProviderOptions", "option", "kept", None),
        ]})
    );
}

#[tokio::test]
async fn nothing_is_written_when_everything_is_there() {
    let (org, result) = written(vec![reply(&wired())]).await;
    assert!(result.is_ok());
    assert_eq!(org.lines().len(), 2);
}

#[tokio::test]
async fn tooling_is_the_second_way() {
    let tooling = json!({"Id": "0so4H000000TNRhQAO", "FullName": "ns__Akeneo", "Metadata": {"label": "Akeneo", "urls": null, "description": null,
        "authenticationFlow": "AuthorizationCode", "authenticationProtocol": "OAuth", "externalAuthIdentityProviderParameters": [
            {"description": null, "parameterName": "AuthorizeUrl", "parameterType": "AuthorizeUrl", "parameterValue": "https://old", "sequenceNumber": null},
            {"description": null, "parameterName": null, "parameterType": "TokenUrl", "parameterValue": "https://old", "sequenceNumber": null},
            {"description": "d", "parameterName": "code_identifier", "parameterType": "TokenRequestBodyParameter", "parameterValue": PLACEHOLDER, "sequenceNumber": 1},
            {"description": null, "parameterName": "code_challenge", "parameterType": "TokenRequestBodyParameter", "parameterValue": PLACEHOLDER, "sequenceNumber": 2},
            {"description": null, "parameterName": "CreatedByNamespace", "parameterType": "CreatedByNamespace", "parameterValue": "ns", "sequenceNumber": null}]}});
    let (org, result) = written(vec![
        reply(&shipped()),
        Reply::json(400, REFUSED),
        reply(&tooling),
        Reply::empty(204),
        reply(&wired()),
    ])
    .await;
    assert!(result.is_ok());
    assert_eq!(
        org.lines()[3..5],
        [format!("GET {TOOLING}"), format!("PATCH {TOOLING}")]
    );
    let sent = &org.seen()[4].body["Metadata"];
    let mut expect = tooling["Metadata"].clone();
    expect.as_object_mut().unwrap().remove("urls");
    for (at, value) in [(0, AUTHORIZE), (1, TOKEN), (2, "abc"), (3, "def")] {
        expect["externalAuthIdentityProviderParameters"][at]["parameterValue"] = json!(value);
    }
    assert_eq!(*sent, expect);
}

/// What Tooling shows of the provider.
fn compound() -> Reply {
    reply(&json!({"Id": "0so4H000000TNRhQAO", "Metadata": {
        "authenticationFlow": "AuthorizationCode", "authenticationProtocol": "OAuth", "label": "Akeneo", "externalAuthIdentityProviderParameters": []
    }}))
}

#[tokio::test]
async fn refusals_in_every_way_are_one_error() {
    let forbidden = || Reply::json(403, r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"x"}]"#);
    let replies = vec![
        reply(&shipped()),
        Reply::json(400, REFUSED),
        compound(),
        forbidden(),
        compound(),
        forbidden(),
    ];
    let (org, result) = written(replies).await;
    assert_eq!(org.lines().last().unwrap(), "POST metadata/deployRequest");
    assert!(matches!(result, Err(ChangeError::Api(error)) if error.has_code("FIELD_INTEGRITY_EXCEPTION")));
}

#[tokio::test]
async fn a_deploy_sets_everything_where_connect_and_tooling_refuse() {
    let replies = vec![
        reply(&shipped()),
        Reply::json(400, REFUSED),
        compound(),
        Reply::json(400, REFUSED),
        compound(),
        Reply::json(201, r#"{"id":"0Af000000000001AAA"}"#),
        reply(&json!({"deployResult": {"done": true, "success": true}})),
        reply(&wired()),
    ];
    assert!(written(replies).await.1.is_ok());
}

#[tokio::test]
async fn a_dead_session_does_not_try_the_second_way() {
    let dead = Reply::json(
        401,
        r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
    );
    let (org, result) = written(vec![reply(&shipped()), dead]).await;
    assert!(matches!(result, Err(ChangeError::Api(ApiError::SessionInvalid))));
    assert_eq!(org.lines().len(), 3);
}

#[tokio::test]
async fn what_is_not_in_place_is_named() {
    let mut after = body((AUTHORIZE, "https://other"), ("abc", PLACEHOLDER));
    after["parameters"].as_array_mut().unwrap().remove(3);
    let (_, result) = written(vec![reply(&shipped()), reply(&json!({})), reply(&after)]).await;
    let Err(ChangeError::NotApplied { fields }) = result else {
        panic!("applied")
    };
    assert_eq!(fields, [Field::TokenUrl, Field::CodeChallenge, Field::OtherParameters]);
}

#[tokio::test]
async fn deleted_and_doubled_rows_are_seen() {
    let mut body = shipped();
    body["parameters"] = json!([
        row("TokenRequestBodyParameter", "code_challenge", "a", Some(1)),
        row("TokenRequestBodyParameter", "code_challenge", "b", Some(2)),
        row("CustomParameter", "code_identifier", "c", Some(3)),
    ]);
    let org = ScriptedOrg::start(vec![reply(&body)]);
    let provider = read(&org.org(), &record()).await.unwrap().provider;
    assert_eq!(
        (provider.code_identifier, provider.code_challenge),
        (RowState::Missing, RowState::Duplicated)
    );
}
