//! The exact writes, for the package's own records and for ours; a second run makes none; every switch both ways.

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::{
    KEY, SECRET, check_again, connected, deploy, make_app, must_be, must_be_wired, must_say, paste, record, root,
};
use crate::attended::{Attended, place};

const PROVIDER: &str = "named-credentials/external-auth-identity-providers/akeneo_pim__Salesforce_Self";
const CREDENTIALS: &str = "named-credentials/external-auth-identity-provider-credentials/akeneo_pim__Salesforce_Self";

fn written(attended: &Attended, since: usize) -> Vec<String> {
    let all = attended.writes();
    all[since..]
        .iter()
        .map(|entry| format!("{} {}", entry.method, place(&entry.path)))
        .collect()
}

fn body(attended: &Attended, since: usize, path: &str) -> Value {
    let all = attended.writes();
    let found = all[since..].iter().find(|entry| place(&entry.path) == path).unwrap();
    serde_json::from_str(&found.body).unwrap()
}

async fn changes_nothing_more(attended: &mut Attended) {
    let writes = attended.writes().len();
    check_again(attended).await;
    must_be(attended, "working").await;
    attended.reconcile().await.unwrap();
    attended.sweep_later().await;
    assert_eq!(written(attended, writes), Vec::<String>::new());
    must_be(attended, "working").await;
}

#[tokio::test]
async fn the_package_s_records_take_a_token_url_credentials_access_and_the_named_credential_last() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    make_app(&attended, json!({}));
    attended.org().clear_requests();
    paste(&mut attended, KEY, SECRET).await;
    must_be(&attended, "working").await;
    must_be_wired(&attended, "akeneo_pim__Salesforce_Self", KEY);
    let since = 0;
    let expected = [
        format!("PUT {PROVIDER}"),
        format!("POST {CREDENTIALS}"),
        "POST sobjects/PermissionSet".to_owned(),
        "POST sobjects/SetupEntityAccess".to_owned(),
        "POST sobjects/ObjectPermissions".to_owned(),
        "POST sobjects/PermissionSetAssignment".to_owned(),
        "PATCH tooling/sobjects/NamedCredential".to_owned(),
    ];
    assert_eq!(written(&attended, since), expected);
    let provider = json!({
        "fullName": "akeneo_pim__Salesforce_Self", "label": "Salesforce_Self", "description": "Salesforce itself",
        "authenticationProtocol": "OAuth", "authenticationFlow": "ClientCredentials", "clientAuthentication": "ClientSecretBasic",
        "tokenUrl": format!("{}/services/oauth2/token", root(&attended)),
        "parameters": [{ "parameterName": "scope", "parameterType": "TokenRequestBodyParameter", "parameterValue": "api", "sequenceNumber": 1 }],
    });
    assert_eq!(body(&attended, since, PROVIDER), provider);
    let entry = |name: &str, value: &str| json!({ "credentialName": name, "credentialValue": value });
    let both = json!({ "credentials": [entry("clientId", KEY), entry("clientSecret", SECRET)] });
    assert_eq!(body(&attended, since, CREDENTIALS), both);
    changes_nothing_more(&mut attended).await;
}

#[tokio::test]
async fn the_app_is_tried_before_anything_is_written() {
    let mut attended = connected(Preset::SelfPackaged, json!({})).await;
    make_app(&attended, json!({}));
    attended.org().clear_requests();
    paste(&mut attended, KEY, SECRET).await;
    let requests = attended.org().requests();
    let at = |wanted: &dyn Fn(&salesforce_simulator::JournalEntry) -> bool| requests.iter().position(wanted).unwrap();
    let token = at(&|entry| entry.path == "/services/oauth2/token");
    let form = format!("grant_type=client_credentials&client_id={KEY}&client_secret={SECRET}");
    assert_eq!(requests[token].body, form);
    let look = at(&|entry| entry.query == "q=SELECT+Id+FROM+GlobalValueSet+LIMIT+1");
    let revoked = at(&|entry| entry.path == "/services/oauth2/revoke");
    let first_write = at(&|entry| entry.method == "PUT");
    assert!(token < look && look < revoked && revoked < first_write);
    // Nothing is left of the look: the only session in the org is the connection's own.
    assert_eq!(attended.org().state()["oauth"]["sessions"], 1);
}

#[tokio::test]
async fn without_packaged_records_ours_are_made_once_and_known_as_ours() {
    let mut attended = connected(Preset::Ready, json!({})).await;
    make_app(&attended, json!({}));
    attended.org().clear_requests();
    paste(&mut attended, KEY, SECRET).await;
    must_be(&attended, "working").await;
    must_be_wired(&attended, "Salesforce_Self", KEY);
    let expected = [
        "POST named-credentials/external-credentials",
        "POST named-credentials/credential",
        "POST sobjects/PermissionSet",
        "POST sobjects/SetupEntityAccess",
        "POST sobjects/ObjectPermissions",
        "POST sobjects/PermissionSetAssignment",
        "POST named-credentials/named-credential-setup",
    ];
    assert_eq!(written(&attended, 0), expected);
    let external = body(&attended, 0, "named-credentials/external-credentials");
    let token_url = format!("{}/services/oauth2/token", root(&attended));
    assert_eq!(
        external["authenticationProtocolVariant"],
        "ClientCredentialsClientSecret"
    );
    let row = |name: &str, kind: &str, value: &str| json!({ "parameterName": name, "parameterType": kind, "parameterValue": value });
    let rows = json!([
        row("AuthProviderUrl", "AuthProviderUrl", &token_url),
        row("Scope", "AuthParameter", "api")
    ]);
    assert_eq!(external["parameters"], rows);
    let credential = body(&attended, 0, "named-credentials/credential");
    assert_eq!(
        credential["credentials"],
        json!({ "clientId": { "value": KEY, "encrypted": false }, "clientSecret": { "value": SECRET, "encrypted": true } })
    );
    let named = body(&attended, 0, "named-credentials/named-credential-setup");
    let namespace = row("akeneo_pim", "AllowedManagedPackageNamespaces", "akeneo_pim");
    assert_eq!(
        (&named["calloutUrl"], &named["parameters"]),
        (&json!(root(&attended)), &json!([namespace]))
    );
    for list in ["named_credentials", "external_credentials"] {
        let label = record(&attended, list, "Salesforce_Self")["metadata"]["label"].clone();
        assert_eq!(label, "Salesforce Self (Akeneo Connector Setup)");
    }
    changes_nothing_more(&mut attended).await;
    attended.must_be_wired();
}

#[tokio::test]
async fn somebody_s_own_records_of_that_name_are_told_and_never_touched() {
    let mut attended = connected(Preset::Ready, json!({})).await;
    let name = "Salesforce_Self".to_owned();
    attended.act(&Action::ForeignCredentials { name });
    make_app(&attended, json!({}));
    attended.org().clear_requests();
    paste(&mut attended, KEY, SECRET).await;
    must_say(
        &attended,
        "Rename or delete them in Setup > Security > Named Credentials",
    )
    .await;
    assert_eq!(written(&attended, 0), Vec::<String>::new());
}

#[tokio::test]
async fn a_new_secret_is_written_over_the_old_one() {
    for preset in [Preset::SelfPackaged, Preset::Ready] {
        let mut attended = connected(preset, json!({})).await;
        make_app(&attended, json!({}));
        paste(&mut attended, KEY, SECRET).await;
        must_be(&attended, "working").await;
        super::edit_app(&attended, "Picklists", json!({ "consumer_secret": "another-secret" }));
        attended.org().clear_requests();
        paste(&mut attended, KEY, "another-secret").await;
        must_be(&attended, "working").await;
        let credentials = if preset == Preset::Ready {
            "named-credentials/credential"
        } else {
            CREDENTIALS
        };
        assert_eq!(written(&attended, 0), [format!("PUT {credentials}")]);
    }
}

/// Each switch that concerns the records or the app, and each of its values.
#[tokio::test]
async fn every_switch_both_ways() {
    let switches = [
        ("client_credentials_flow_min_version", vec![json!(64), json!(67)]),
        ("client_app_keys_on_deploy", vec![json!("honoured"), json!("ignored")]),
        ("self_packaged", vec![json!(true), json!(false)]),
        ("self_record_name", vec![json!("Salesforce_Self"), json!("Loop")]),
        ("second_credentials_post", vec![json!("conflict"), json!("ok")]),
        (
            "eaip_credentials_shape",
            vec![
                json!("null"),
                json!("name_only"),
                json!("masked"),
                json!("client_id_clear"),
            ],
        ),
        ("tooling_callout_status", vec![json!("accept")]),
        (
            "disable_on_write",
            vec![json!("none"), json!("package_code"), json!("any")],
        ),
        ("null_keys", vec![json!("emit"), json!("omit")]),
    ];
    for (name, values) in switches {
        for value in values {
            let mut attended = Attended::begin(Preset::SelfPackaged).await;
            attended.set(&json!({ "client_app_propagation_seconds": 0, name: value }));
            attended.act(&Action::UninstallPackage {});
            attended.act(&Action::InstallPackage { version: None });
            attended.connect_both().await;
            attended.finish().await;
            deploy(&mut attended).await;
            let about = must_be(&attended, "working").await;
            let external = about["facts"]["records"]["external_credential"]
                .as_str()
                .unwrap()
                .to_owned();
            let key = about["facts"]["client_id"].as_str().unwrap().to_owned();
            must_be_wired(&attended, &external, &key);
            let writes = attended.writes().len();
            check_again(&mut attended).await;
            assert_eq!(written(&attended, writes), Vec::<String>::new(), "{name} {value}");
        }
    }
}

/// An org that lets nobody write rows of permission sets: our set is deployed, with both principals in it.
#[tokio::test]
async fn access_is_deployed_where_its_rows_are_refused() {
    let mut attended = connected(
        Preset::SelfPackaged,
        json!({ "writes": { "permission_set_rows": "reject" } }),
    )
    .await;
    make_app(&attended, json!({}));
    paste(&mut attended, KEY, SECRET).await;
    must_be(&attended, "working").await;
    must_be_wired(&attended, "akeneo_pim__Salesforce_Self", KEY);
    attended.reconcile().await.unwrap();
    attended.must_be("connected").await;
    must_be(&attended, "working").await;
    changes_nothing_more(&mut attended).await;
}
