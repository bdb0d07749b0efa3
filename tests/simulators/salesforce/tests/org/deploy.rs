//! Metadata REST deploy (facts/salesforce 11).

use std::io::{Cursor, Write};

use reqwest::Method;
use salesforce_simulator::Preset;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::stage::{Stage, Tokens, answer, refused};

const NAMED: &str = "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><calloutStatus>Enabled</calloutStatus>\
<label>Akeneo</label><namedCredentialParameters><parameterName>Url</parameterName><parameterType>Url</parameterType>\
<parameterValue>https://acme.example</parameterValue></namedCredentialParameters><namedCredentialParameters>\
<externalCredential>akeneo_pim__Akeneo</externalCredential><parameterName>ExternalCredential</parameterName>\
<parameterType>Authentication</parameterType></namedCredentialParameters><namedCredentialType>SecuredEndpoint</namedCredentialType></NamedCredential>";

const SET: &str = "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><externalCredentialPrincipalAccesses>\
<enabled>true</enabled><externalCredentialPrincipal>akeneo_pim__Akeneo-Default</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\
<label>Ours</label><objectPermissions><allowRead>true</allowRead><object>UserExternalCredential</object></objectPermissions></PermissionSet>";

pub(super) fn package(members: &[(&str, &str)]) -> String {
    let types: String = members
        .iter()
        .map(|(kind, name)| format!("<types><members>{name}</members><name>{kind}</name></types>"))
        .collect();
    format!(
        "<?xml version=\"1.0\"?><Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{types}<version>66.0</version></Package>"
    )
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A multipart body, spelled out: the test is the other side of the parser.
fn body(json_part: &str, options: &Value, archive: &[u8]) -> Vec<u8> {
    let json = json!({ "deployOptions": options });
    let mut body = format!(
        "--bound\r\nContent-Disposition: form-data; name=\"{json_part}\"\r\nContent-Type: application/json\r\n\r\n{json}\r\n\
         --bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"deploy.zip\"\r\nContent-Type: application/zip\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(archive);
    body.extend_from_slice(b"\r\n--bound--\r\n");
    body
}

async fn send(stage: &Stage, tokens: &Tokens, body: Vec<u8>) -> (u16, Value) {
    let request = stage
        .api(tokens, Method::POST, "metadata/deployRequest")
        .header("content-type", "multipart/form-data; boundary=bound");
    answer(request.body(body).send().await.unwrap()).await
}

/// Deploys and waits; returns the result.
pub(super) async fn deploy(stage: &Stage, tokens: &Tokens, options: Value, files: &[(&str, &str)]) -> Value {
    let (status, created) = send(stage, tokens, body("entity_content", &options, &archive(files))).await;
    assert_eq!((status, &created["deployResult"]), (201, &Value::Null));
    let path = format!(
        "metadata/deployRequest/{}?includeDetails=true",
        created["id"].as_str().unwrap()
    );
    let first = stage.call(tokens, Method::GET, &path, None).await.1["deployResult"].clone();
    assert_eq!(
        (&first["done"], &first["status"]),
        (&json!(false), &json!("InProgress"))
    );
    stage.call(tokens, Method::GET, &path, None).await.1["deployResult"].clone()
}

#[tokio::test]
async fn a_deploy_enables_callouts_and_grants_access() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let package = package(&[("NamedCredential", "akeneo_pim__Akeneo"), ("PermissionSet", "Ours")]);
    let files = [
        ("package.xml", package.as_str()),
        ("namedCredentials/akeneo_pim__Akeneo.namedCredential", NAMED),
        ("permissionsets/Ours.permissionset", SET),
    ];
    let checked = deploy(&stage, &tokens, json!({ "checkOnly": true }), &files).await;
    assert_eq!(
        (&checked["status"], &checked["numberComponentsDeployed"]),
        (&json!("Succeeded"), &json!(2)),
        "{checked}"
    );
    assert_eq!(
        stage.control().state()["named_credentials"][0]["callout_status"],
        "Disabled",
        "only a check"
    );
    let result = deploy(&stage, &tokens, json!({}), &files).await;
    assert_eq!(
        (&result["done"], &result["success"], &result["numberComponentErrors"]),
        (&json!(true), &json!(true), &json!(0))
    );
    let state = stage.control().state();
    let named = &state["named_credentials"][0];
    assert_eq!(
        (&named["callout_status"], &named["url"]),
        (&json!("Enabled"), &json!("https://acme.example"))
    );
    let set = state["permission_sets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|set| set["name"] == "Ours")
        .unwrap();
    for list in ["setup_entity_access", "object_permissions"] {
        assert!(
            state[list]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| row["parent_id"] == set["id"]),
            "{list}"
        );
    }
    deploy(&stage, &tokens, json!({}), &files).await;
    let again = stage.control().state();
    assert_eq!(
        again["setup_entity_access"].as_array().unwrap().len(),
        2,
        "twice is once"
    );
}

#[tokio::test]
async fn failures_name_the_component_and_roll_back() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let both = package(&[("NamedCredential", "akeneo_pim__Akeneo"), ("PermissionSet", "Ours")]);
    let one = package(&[("NamedCredential", "akeneo_pim__Akeneo")]);
    let nc = "namedCredentials/akeneo_pim__Akeneo.namedCredential";
    let relabelled = NAMED.replace("<label>Akeneo", "<label>Mine");
    let unknown = NAMED.replace("<label>", "<colour>red</colour><label>");
    let unlinked = NAMED.replace("akeneo_pim__Akeneo", "Nothing");
    let broken = "<NamedCredential>";
    for (files, problem) in [
        (
            vec![("package.xml", both.as_str()), (nc, NAMED)],
            "was not found in zipped directory",
        ),
        (
            vec![("package.xml", one.as_str()), (nc, relabelled.as_str())],
            "Cannot modify managed object",
        ),
        (vec![("package.xml", one.as_str()), (nc, unknown.as_str())], "colour"),
        (
            vec![("package.xml", one.as_str()), (nc, unlinked.as_str())],
            "no ExternalCredential named Nothing found",
        ),
        (vec![("package.xml", one.as_str()), (nc, broken)], "Error parsing file"),
        (vec![(nc, NAMED)], "No package.xml found"),
    ] {
        let result = deploy(&stage, &tokens, json!({ "rollbackOnError": true }), &files).await;
        assert_eq!(result["status"], "Failed");
        let failure = &result["details"]["componentFailures"][0];
        assert!(
            failure["problem"].as_str().unwrap().contains(problem),
            "{problem}: {failure}"
        );
        assert_eq!(
            stage.control().state()["named_credentials"][0]["callout_status"],
            "Disabled"
        );
    }
    let files = [("package.xml", both.as_str()), (nc, NAMED)];
    let partial = deploy(&stage, &tokens, json!({ "rollbackOnError": false }), &files).await;
    assert_eq!(partial["status"], "SucceededPartial");
    assert_eq!(
        stage.control().state()["named_credentials"][0]["callout_status"],
        "Enabled"
    );
    stage.set(json!({ "deploy_problem": "another deploy is in progress" }));
    let result = deploy(&stage, &tokens, json!({}), &files).await;
    assert_eq!(
        result["details"]["componentFailures"][0]["problem"],
        "another deploy is in progress"
    );
}

#[tokio::test]
async fn both_part_names_work_and_other_bodies_do_not() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let package = package(&[("PermissionSet", "Ours")]);
    let archive = archive(&[("package.xml", &package), ("permissionsets/Ours.permissionset", SET)]);
    let (status, created) = send(&stage, &tokens, body("json", &json!({}), &archive)).await;
    assert_eq!(status, 201);
    let path = format!("metadata/deployRequest/{}", created["id"].as_str().unwrap());
    let cancel = json!({ "deployResult": { "status": "Canceling" } });
    let (status, canceled) = stage.call(&tokens, Method::PATCH, &path, Some(&cancel)).await;
    assert_eq!((status, &canceled["deployResult"]["status"]), (202, &json!("Canceled")));
    refused(
        &send(&stage, &tokens, body("other", &json!({}), &archive)).await,
        400,
        "POST_BODY_PARSE_ERROR",
    );
    refused(
        &send(&stage, &tokens, b"--bound--".to_vec()).await,
        400,
        "POST_BODY_PARSE_ERROR",
    );
    let text = stage
        .api(&tokens, Method::POST, "metadata/deployRequest")
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(text.status().as_u16(), 415);
    refused(
        &stage
            .call(&tokens, Method::GET, "metadata/deployRequest/0Af000000000000", None)
            .await,
        404,
        "NOT_FOUND",
    );
}
