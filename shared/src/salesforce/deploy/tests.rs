//! Deploys against a scripted org.

use std::io::Read as _;

use super::*;
use crate::salesforce::scripted_org::{Reply, ScriptedOrg};
use crate::salesforce::version::ApiVersion;

fn component() -> Component {
    Component {
        kind: "NamedCredential",
        full_name: "ns__Akeneo".to_owned(),
        path: "namedCredentials/ns__Akeneo.namedCredential".to_owned(),
        xml: xml::document("NamedCredential", &xml::text("label", "A & <b>")),
    }
}

fn created() -> Reply {
    Reply::json(201, r#"{"id":"0Af000000000001AAA","url":"/x","deployResult":null}"#)
}

fn result(result: &str) -> Reply {
    Reply::json(
        200,
        &format!(r#"{{"id":"0Af000000000001AAA","url":"/x","deployResult":{result}}}"#),
    )
}

fn failed(problem: &str) -> Reply {
    result(&format!(
        r#"{{"done":true,"success":false,"status":"Failed","details":{{"componentFailures":[{{"fullName":"ns__Akeneo","componentType":"NamedCredential","problem":"{problem}","problemType":"Error"}}]}}}}"#
    ))
}

#[test]
fn an_older_org_is_not_told_of_a_version_that_it_does_not_have() {
    for (spoken, named) in [(63, "63.0"), (64, "64.0"), (66, "64.0")] {
        let bytes = archive::zip(&[component()], ApiVersion::new(spoken)).unwrap();
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut package = String::new();
        zip.by_name("package.xml")
            .unwrap()
            .read_to_string(&mut package)
            .unwrap();
        assert!(package.contains(&format!("<version>{named}</version>")), "{package}");
    }
}

/// Whether a key comes as `null` or not at all is not known (facts/salesforce 14.3).
#[tokio::test]
async fn null_says_as_much_as_nothing() {
    let org = ScriptedOrg::start(vec![
        created(),
        result(r#"{"done":null,"success":null,"details":null}"#),
        result(r#"{"done":true,"success":true,"errorMessage":null,"details":{"componentFailures":null}}"#),
    ]);
    run(&org.org(), &[component()]).await.unwrap();
    let problem = r#"{"fullName":null,"componentType":null,"problem":"Invalid","problemType":"Error"}"#;
    let org = ScriptedOrg::start(vec![
        created(),
        result(&format!(
            r#"{{"done":true,"success":false,"details":{{"componentFailures":[{problem}]}}}}"#
        )),
    ]);
    let error = run(&org.org(), &[component()]).await.unwrap_err();
    assert!(matches!(error, DeployError::Refused { problems } if problems[0].says("invalid")));
}

#[test]
fn the_archive_names_what_it_has() {
    let bytes = archive::zip(&[component()], ApiVersion::OLDEST).unwrap();
    assert_eq!(
        archive::zip(&[component()], ApiVersion::OLDEST).unwrap(),
        bytes,
        "the same components, the same bytes"
    );
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let package = read("package.xml");
    assert!(
        package.contains(
            "<types><members>ns__Akeneo</members><name>NamedCredential</name></types><version>63.0</version>"
        )
    );
    assert!(read(&component().path).contains("<label>A &amp; &lt;b&gt;</label>"));
    assert!(!format!("{:?}", component()).contains("label"));
}

#[tokio::test]
async fn a_deploy_is_sent_and_asked_for_until_it_is_done() {
    let org = ScriptedOrg::start(vec![
        created(),
        result(r#"{"done":false,"status":"InProgress"}"#),
        result(r#"{"done":true,"success":true,"status":"Succeeded"}"#),
    ]);
    run(&org.org(), &[component()]).await.unwrap();
    let ask = "GET metadata/deployRequest/0Af000000000001AAA?includeDetails=true";
    assert_eq!(org.lines(), ["POST metadata/deployRequest", ask, ask]);
    let head = org.seen()[0].head.to_ascii_lowercase();
    assert!(head.contains("content-type: multipart/form-data; boundary="), "{head}");
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_is_refused_is_not() {
    let flake = "An object was named in package.xml, but was not found in zipped directory";
    let org = ScriptedOrg::start(vec![
        created(),
        failed(flake),
        created(),
        result(r#"{"done":true,"success":true}"#),
    ]);
    run(&org.org(), &[component()]).await.unwrap();

    let org = ScriptedOrg::start(vec![created(), failed("Cannot modify managed object")]);
    let error = run(&org.org(), &[component()]).await.unwrap_err();
    let DeployError::Refused { problems } = &error else {
        panic!("{error}")
    };
    assert!(error.is_refusal() && problems[0].says("managed") && problems[0].full_name == "ns__Akeneo");
    assert!(!error.to_string().contains("managed"));
    assert!(matches!(ChangeError::from(error), ChangeError::DeployRefused));
}

#[tokio::test]
async fn an_org_that_calls_the_first_part_otherwise_is_served_too() {
    let unreadable = r#"[{"errorCode":"POST_BODY_PARSE_ERROR","message":"The multipart request can't be read."}]"#;
    let org = ScriptedOrg::start(vec![
        Reply::json(400, unreadable),
        created(),
        result(r#"{"done":true,"success":true}"#),
    ]);
    run(&org.org(), &[component()]).await.unwrap();
    let org = ScriptedOrg::start(vec![Reply::json(400, unreadable), Reply::json(400, unreadable)]);
    assert!(run(&org.org(), &[component()]).await.unwrap_err().is_refusal());
}
