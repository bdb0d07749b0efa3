//! An org with a package before 3.0 that is wired without a browser, where it is known that the package's code takes that; and the browser's
//! way, wherever it does not (facts/salesforce 4.7, 7, 14.3).

use std::time::Duration;

use salesforce_simulator::{Action, FaultKind, Preset};
use serde_json::{Value, json};

use super::{both, go_on, must_be_wired, must_not_write_again, must_show_no_token, pim, renew_secret};
use crate::attended::{Attended, LEASE, org_fault};
use crate::listening;
use crate::probe::configured;
use crate::wiring;

const ACCEPTED: &str = "CONNECTOR_CAPABILITIES=legacy_custom_credential=accepted";
const FORMULA: &str = "{!'Bearer ' & $Credential.Akeneo_Token.Token}";

/// Org and PIM are connected, and this is what the service knows.
async fn knowing(line: &str, switches: &Value) -> Attended {
    let mut attended = both(switches).await;
    attended.stack.services = configured(&attended.stack.services, line);
    attended
}

/// Connected without a browser.
pub(crate) async fn headless() -> Attended {
    let attended = knowing(ACCEPTED, &works()).await;
    attended.wire().await;
    attended.must_be("connected").await;
    attended
}

fn works() -> Value {
    json!({ "legacy_custom_credential": "works" })
}

pub(crate) fn records(attended: &Attended) -> (Vec<Value>, Vec<Value>) {
    let state = attended.org().state();
    let all = |name: &str| state[name].as_array().unwrap().clone();
    (all("named_credentials"), all("external_credentials"))
}

/// Proves that the org has the two records, once, nothing of the browser's way, and that the package's code reaches the PIM.
pub(crate) async fn must_be_headless(attended: &Attended) {
    let (named, external) = records(attended);
    assert_eq!((named.len(), external.len()), (1, 1), "{named:?} {external:?}");
    assert_eq!(
        (&named[0]["full_name"], &named[0]["url"]),
        (&json!("Akeneo"), &json!(pim(attended)))
    );
    assert_eq!(
        (&named[0]["callout_status"], &named[0]["external_credential"]),
        (&json!("Enabled"), &json!("Akeneo_Token"))
    );
    let state = attended.org().state();
    for none in ["auth_providers", "plugin_records", "legacy_tokens", "deploys"] {
        assert_eq!(state[none], json!([]), "{none}");
    }
    assert_eq!(attended.org().transfer(None).await, Ok(200));
    assert_eq!(
        attended.pim().state().live_tokens.len(),
        1,
        "both sides share one token"
    );
}

/// Nothing of it is left.
fn must_be_withdrawn(attended: &Attended) {
    let (named, external) = records(attended);
    assert!(external.is_empty(), "{external:?}");
    assert_eq!(named.len(), 1);
    assert_eq!(named[0]["metadata"]["namedCredentialType"], "Legacy");
}

#[tokio::test]
async fn nobody_has_to_go_to_the_pim_for_salesforce_and_the_package_s_code_gets_through() {
    listening::begin();
    let mut attended = knowing(ACCEPTED, &works()).await;
    attended.wire().await;
    let shown = attended.must_be("connected").await;
    assert_eq!(shown["wiring"]["evidence"], "callout");
    must_be_headless(&attended).await;
    let mut requests = attended.org().requests().into_iter();
    assert!(!requests.any(|entry| entry.path.starts_with("/services/auth")));
    must_not_write_again(&attended).await;

    // The token went to the org and nowhere else.
    must_show_no_token(&mut attended).await;
}

/// Method, path and body of every write, as facts/salesforce 4.7 and 6 have them.
#[tokio::test]
async fn what_is_sent_is_what_the_facts_prescribe() {
    let attended = knowing(ACCEPTED, &works()).await;
    attended.wire().await;
    let sent: Vec<(String, Value)> = attended
        .writes()
        .iter()
        .map(|entry| {
            let place = crate::attended::place(&entry.path);
            let body = serde_json::from_str(&entry.body).unwrap();
            (format!("{} {place}", entry.method), body)
        })
        .collect();
    let state = attended.org().state();
    let token = &attended.pim().state().live_tokens[0].value;
    let label = "Akeneo Token (Akeneo Connector Setup)";
    let last = |name: &str, field: &str| state[name].as_array().unwrap().last().unwrap()[field].clone();
    let (set, user) = (last("permission_sets", "id"), &state["users"][0]["id"]);
    let principal = last("setup_entity_access", "setup_entity_id");
    let named = |verb: &str, path: &str| format!("{verb} named-credentials/{path}");
    let object = json!({ "ParentId": set, "SobjectType": "UserExternalCredential", "PermissionsRead": true, "PermissionsCreate": false,
        "PermissionsEdit": false, "PermissionsDelete": false, "PermissionsViewAllRecords": false, "PermissionsModifyAllRecords": false });
    assert_eq!(
        sent,
        [
            (
                named("POST", "external-credentials"),
                json!({ "developerName": "Akeneo_Token", "masterLabel": label, "authenticationProtocol": "Custom",
                    "principals": [{ "principalName": "Default", "principalType": "NamedPrincipal", "sequenceNumber": 1 }],
                    "customHeaders": [{ "headerName": "Authorization", "headerValue": FORMULA, "sequenceNumber": 1 }] })
            ),
            (
                named("POST", "credential"),
                json!({ "externalCredential": "Akeneo_Token", "authenticationProtocol": "Custom", "principalName": "Default",
                    "principalType": "NamedPrincipal", "credentials": { "Token": { "value": token, "encrypted": true } } })
            ),
            (
                named("POST", "named-credential-setup"),
                json!({ "developerName": "Akeneo", "masterLabel": label, "type": "SecuredEndpoint", "calloutUrl": pim(&attended),
                    "externalCredentials": [{ "developerName": "Akeneo_Token" }], "customHeaders": [],
                    "calloutOptions": { "allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": true,
                        "generateAuthorizationHeader": false },
                    "parameters": [{ "parameterName": "akeneo_pim", "parameterType": "AllowedManagedPackageNamespaces",
                        "parameterValue": "akeneo_pim" }] })
            ),
            (
                "POST sobjects/PermissionSet".to_owned(),
                json!({ "Name": "Akeneo_Onboarding_Access", "Label": "Akeneo Onboarding Access" })
            ),
            (
                "POST sobjects/SetupEntityAccess".to_owned(),
                json!({ "ParentId": set, "SetupEntityId": principal })
            ),
            ("POST sobjects/ObjectPermissions".to_owned(), object),
            (
                "POST sobjects/PermissionSetAssignment".to_owned(),
                json!({ "AssigneeId": user, "PermissionSetId": set })
            ),
        ]
    );
}

/// The switch both ways. Anonymous Apex cannot tell whether the package's own code gets through, so only who knows says so.
#[tokio::test]
async fn only_where_it_is_known_to_work_is_it_done() {
    for switch in ["works", "fails"] {
        for line in [
            "CONNECTOR_CAPABILITIES=",
            "CONNECTOR_CAPABILITIES=legacy_custom_credential=refused",
            // Nothing proves it.
            "CONNECTOR_CAPABILITIES=legacy_custom_credential=accepted,execute_anonymous=refused",
        ] {
            let mut attended = knowing(line, &json!({ "legacy_custom_credential": switch })).await;
            attended.wire().await;
            attended.must_be("authorize_principal").await;
            must_be_withdrawn(&attended);
            attended.walk.authorize_principal().await.unwrap();
            attended.clock.advance(Duration::from_secs(31));
            attended.wire().await;
            attended.must_be("connected").await;
            assert_eq!(attended.org().transfer(None).await, Ok(200), "{switch} {line}");
        }
    }
    // What the probe of a real package is there for: a claim that is wrong is not seen by a callout of anonymous Apex.
    let attended = knowing(ACCEPTED, &json!({ "legacy_custom_credential": "fails" })).await;
    attended.wire().await;
    attended.must_be("connected").await;
    let problem = attended.org().transfer(None).await.unwrap_err();
    assert!(
        problem.contains("The callout couldn't access the endpoint"),
        "{problem}"
    );
}

/// Refused anywhere, or not proven: the browser's way follows in the same run, nothing of ours is left, and nothing goes back and forth.
#[tokio::test]
async fn where_the_org_refuses_it_the_browser_s_way_follows_at_once() {
    for (method, place) in [
        ("POST", "named-credentials/external-credentials"),
        ("POST", "named-credentials/credential"),
        ("POST", "named-credentials/named-credential-setup"),
        ("POST", "sobjects/PermissionSetAssignment"),
    ] {
        let mut attended = knowing(ACCEPTED, &works()).await;
        let mut refusal = org_fault(FaultKind::Status, Some(method), place, 1000);
        refusal.status = Some(403);
        refusal.body = Some(r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]"#.to_owned());
        attended.org().add_fault(refusal);
        attended.set(&json!({ "writes": { "deploy_permission_set": "reject" } }));
        attended.finish().await;
        must_be_withdrawn(&attended);
        must_be_wired(&attended);
        attended.org().clear_faults();
        must_not_write_again(&attended).await;
    }
}

#[tokio::test]
async fn a_callout_that_proves_nothing_leaves_the_browser_s_way() {
    let mut attended = knowing(ACCEPTED, &works()).await;
    let apex = |has: bool| Action::SetPermissions {
        username: None,
        permissions: json!({ "author_apex": has }),
    };
    attended.act(&apex(false));
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    must_be_withdrawn(&attended);
    attended.act(&apex(true));
    attended.finish_from_principal().await;
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

#[tokio::test]
async fn records_of_others_with_these_names_stay_and_the_browser_s_way_is_taken() {
    // A person has followed Part D.
    let mut attended = knowing(ACCEPTED, &works()).await;
    super::by_hand(&attended, &pim(&attended));
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    must_be_wired(&attended);

    // Somebody has an External Credential of this name.
    let mut attended = knowing(ACCEPTED, &works()).await;
    attended.act(&Action::ForeignCredentials {
        name: "Akeneo_Token".to_owned(),
    });
    let before = records(&attended);
    attended.finish().await;
    let (named, external) = records(&attended);
    assert_eq!((&named[..1], &external), (&before.0[..], &before.1), "untouched");
    assert_eq!(attended.org().transfer(None).await, Ok(200));
}

#[tokio::test]
async fn killed_after_any_write_it_converges() {
    let plain = headless().await;
    let writes = plain.written();
    assert!(writes.len() >= 7, "{writes:?}");
    for (index, write) in writes.iter().enumerate() {
        let attended = knowing(ACCEPTED, &works()).await;
        wiring::crash::die_after(&attended, &writes[..=index]).await;
        attended.clock.advance(LEASE);
        attended.wire().await;
        attended.must_be("connected").await;
        must_be_headless(&attended).await;
        let done = attended.writes().len();
        attended.reconcile().await.unwrap();
        assert_eq!(
            attended.writes().len(),
            done,
            "after {write:?}: everything was in place"
        );
    }
}

/// The process dies while the records are taken away again.
#[tokio::test]
async fn killed_on_the_way_back_it_converges() {
    let mut attended = headless().await;
    attended.stack.services = configured(&attended.stack.services, "CONNECTOR_CAPABILITIES=");
    let delete = |place: &str| ("DELETE".to_owned(), format!("named-credentials/{place}"));
    attended.org().clear_requests();
    wiring::crash::die_after(&attended, &[delete("named-credential-setup/Akeneo")]).await;
    let (named, external) = records(&attended);
    assert_eq!((named.len(), external.len()), (0, 1), "half taken away");
    attended.clock.advance(LEASE);
    attended.check_again().await;
    attended.finish().await;
    must_be_withdrawn(&attended);
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

/// An org that does not let us take them away: a person is told what to delete, and it goes on.
#[tokio::test]
async fn records_that_the_org_keeps_are_deleted_by_a_person() {
    let mut attended = headless().await;
    attended.stack.services = configured(&attended.stack.services, "CONNECTOR_CAPABILITIES=");
    let mut refusal = org_fault(FaultKind::Status, Some("DELETE"), "named-credentials/", 1000);
    (refusal.status, refusal.body) = (Some(403), Some(r#"[{"errorCode":"X","message":"no"}]"#.to_owned()));
    attended.org().add_fault(refusal);
    attended.check_again().await;
    attended.wire().await;
    let shown = attended.must_be("wiring_blocked").await;
    let what = shown["next_action"]["what"].as_str().unwrap();
    assert!(what.contains("then the External Credential “Akeneo_Token”"), "{what}");
    attended.org().clear_faults();
    attended.check_again().await;
    attended.finish().await;
    must_be_withdrawn(&attended);
    must_be_wired(&attended);
}

#[tokio::test]
async fn callouts_that_went_off_are_switched_on_again() {
    let attended = headless().await;
    attended.act(&Action::CalloutsOff {});
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    must_be_headless(&attended).await;
}

/// A new secret brings a new token, which is stored; the other settings stay.
#[tokio::test]
async fn another_token_is_stored_and_nobody_has_to_do_anything() {
    let mut attended = headless().await;
    let before = attended.writes().len();
    let (client_id, _) = attended.app.clone().unwrap();
    attended.pim().disconnect(&client_id).unwrap();
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("disconnected").await;
    assert_eq!(attended.writes().len(), before, "nothing that we could store");
    renew_secret(&mut attended).await;
    assert_eq!(
        attended.written().split_off(before),
        [("PATCH".to_owned(), "named-credentials/credential".to_owned())]
    );
    must_be_headless(&attended).await;
}

#[tokio::test]
async fn a_look_tells_what_somebody_changed_and_mends_it_on_request() {
    let mut attended = headless().await;
    let before = attended.writes().len();
    attended.act(&Action::EditUrl {
        url: "https://elsewhere.example.com".to_owned(),
    });
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("drifted").await;
    assert_eq!(attended.writes().len(), before, "not in silence");
    attended.check_again().await;
    attended.wire().await;
    attended.must_be("connected").await;
    must_be_headless(&attended).await;
}

/// The packaged records take over, and ours go with our token.
#[tokio::test]
async fn an_upgrade_leads_to_the_packaged_records_and_takes_ours_away() {
    let mut attended = headless().await;
    attended.act(&Action::PackageUpgrade {
        version: "3.2.0".to_owned(),
    });
    attended.check_again().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    let (named, external) = records(&attended);
    assert_eq!((named.len(), external.len()), (1, 1));
    assert_eq!(named[0]["full_name"], "akeneo_pim__Akeneo");
    assert_eq!(attended.org().transfer(None).await, Ok(200));
    must_not_write_again(&attended).await;
}

/// Whoever is connected the guide's way stays so when it becomes known that another one works.
#[tokio::test]
async fn what_is_connected_already_stays_as_it_is() {
    let mut attended = super::connected(&works()).await;
    attended.stack.services = configured(&attended.stack.services, ACCEPTED);
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    must_not_write_again(&attended).await;
    must_be_wired(&attended);
    must_be_withdrawn(&attended);
}

/// With Salesforce's own callback we hold no token that could be stored.
#[tokio::test]
async fn who_holds_no_token_takes_the_browser_s_way() {
    let terms = json!({ "customer": "Acme", "callback": "salesforce" });
    let mut attended = Attended::invited(Preset::Legacy, &terms).await;
    attended.set(&works());
    attended.stack.services = configured(&attended.stack.services, ACCEPTED);
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    go_on(&mut attended).await;
    attended.enter_app_of_the_auth_provider().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    must_be_withdrawn(&attended);
    attended.finish_from_principal().await;
}
