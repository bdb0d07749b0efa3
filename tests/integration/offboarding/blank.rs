//! What is taken away, in which order, and what is left and why.

use connector::store::Side;
use http::Method;
use salesforce_simulator::{Action, FaultKind, Preset};
use serde_json::{Value, json};

use super::{THINGS, left};
use crate::attended::{Attended, org_fault};
use crate::legacy::go_on;
use crate::legacy::headless::{headless, records};
use crate::wire::get;

/// Everything in place, with our own permission set, which the packaged one did not do for.
async fn with_our_own_set() -> Attended {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.act(&Action::LoseUecRead {});
    attended.finish().await;
    attended
}

#[tokio::test]
async fn with_consent_everything_goes_in_the_safe_order_and_the_certificate_says_so() {
    let mut attended = with_our_own_set().await;
    let (org_id, before) = (attended.show().await["org_id"].clone(), attended.writes().len());
    assert_eq!(attended.operate(Method::GET, "certificate", &Value::Null).await.0, 404);

    let begun = attended.offboard(&json!({ "blank_org": true })).await;
    assert_eq!((&begun["complete"], &begun["ended_at"]), (&json!(false), &Value::Null));
    assert_eq!(attended.show().await["next_action"]["who"], "service");
    assert!(!attended.page().await.contains("Connected"), "the session ended");

    assert_eq!(attended.wire().await, 1);
    attended.must_be_gone().await;
    let certificate = attended.certificate().await;
    assert_eq!(
        (&certificate["complete"], &certificate["org_id"]),
        (&json!(true), &org_id)
    );
    assert!(certificate["pim"].as_str().unwrap().starts_with("http"));
    let things: Vec<_> = certificate["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["thing"])
        .collect();
    assert_eq!(things, THINGS);
    for thing in THINGS {
        assert_eq!(left(&certificate, thing), &Value::Null, "{thing}");
    }
    let places: Vec<_> = attended.written().split_off(before);
    let first = |place: &str| places.iter().position(|(_, found)| found.contains(place)).unwrap();
    assert_eq!(
        first("NamedCredential"),
        0,
        "callouts go off before anything else: {places:?}"
    );
    assert!(first("external-auth-identity-providers") < first("PermissionSet"));
    assert_eq!(
        (
            attended.told("offboarding_asked").await,
            attended.told("offboarded").await
        ),
        (1, 1)
    );

    let shown = attended.must_be("revoked").await;
    assert_eq!(
        (&shown["queue"], &shown["next_action"]["who"]),
        (&json!("closed"), &json!("nobody"))
    );
    assert_eq!(
        (&shown["org_id"], &shown["pim"]),
        (&Value::Null, &Value::Null),
        "nothing of the customer's systems is kept"
    );

    // Once more changes nothing, and nobody takes it up again.
    let again = attended
        .offboard(&json!({ "blank_org": false, "without_org": true }))
        .await;
    assert_eq!(again, certificate);
    assert_eq!(attended.wire_later().await, 0);
    let (status, refused) = attended.operate(Method::POST, "resend", &Value::Null).await;
    assert_eq!((status, &refused["code"]), (409, &json!("is_offboarded")));
}

/// What a certificate says that stays.
fn stays(certificate: &Value) -> String {
    let lines = certificate["stays"].as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn without_consent_the_org_stays_as_it_is() {
    let attended = Attended::connected().await;
    let before = attended.writes().len();
    let (status, refused) = attended.operate(Method::POST, "offboard", &json!({})).await;
    assert_eq!((status, &refused["code"]), (422, &json!("faults")));
    attended.offboard(&json!({ "blank_org": false })).await;
    attended.wire().await;
    assert_eq!(attended.writes().len(), before);
    // The org goes on with what it has, and its next authorization finds nobody who passes it on: both are told.
    assert!(stays(&attended.certificate().await).contains("no longer passes it on"));
    let callback = attended
        .stack
        .url
        .join(&format!("/akeneo/{}/callback?code=abc&state=xyz", attended.id));
    let answer = get(callback.unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (410, ""));
    assert!(
        answer.body.contains("Callback URL") && answer.body.contains("Reference: "),
        "{}",
        answer.body
    );
    attended.must_be_wired();
    assert_eq!(attended.live_grants(), 0);
    assert!(!attended.has_secret(Side::Salesforce).await && !attended.has_secret(Side::Akeneo).await);
    let certificate = attended.certificate().await;
    assert!(
        left(&certificate, "provider")
            .as_str()
            .unwrap()
            .contains("did not agree")
    );
    assert_eq!(left(&certificate, "grant"), &Value::Null);
    assert_eq!(certificate["complete"], true);
}

#[tokio::test]
async fn an_org_that_does_not_answer_is_waited_for_and_a_revocation_does_not_end_that() {
    let attended = Attended::connected().await;
    attended
        .org()
        .add_fault(org_fault(FaultKind::ResetBefore, None, "/services/", 10_000));
    attended.offboard(&json!({ "blank_org": true })).await;
    for _ in 0..2 {
        assert_eq!(attended.wire_later().await, 1);
        let certificate = attended.certificate().await;
        assert_eq!(
            (&certificate["complete"], &certificate["waiting"]),
            (&json!(false), &json!("org"))
        );
        assert!(attended.has_secret(Side::Salesforce).await);
        assert_eq!(attended.operate(Method::POST, "revoke", &Value::Null).await.0, 200);
    }
    attended.org().clear_faults();
    assert_eq!(attended.wire_later().await, 1);
    attended.must_be_gone().await;
    assert_eq!(attended.certificate().await["complete"], true);
}

#[tokio::test]
async fn an_operator_can_decide_not_to_wait_and_the_certificate_says_what_was_left() {
    let attended = Attended::connected().await;
    attended
        .org()
        .add_fault(org_fault(FaultKind::ResetBefore, None, "/services/", 10_000));
    attended.offboard(&json!({ "blank_org": true })).await;
    attended.wire().await;
    assert_eq!(attended.certificate().await["complete"], false);
    attended
        .offboard(&json!({ "blank_org": true, "without_org": true }))
        .await;
    attended.wire().await;
    let certificate = attended.certificate().await;
    assert_eq!(certificate["complete"], true);
    assert!(
        left(&certificate, "callouts")
            .as_str()
            .unwrap()
            .contains("did not answer")
    );
    assert!(
        left(&certificate, "grant")
            .as_str()
            .unwrap()
            .contains("can be revoked in Setup")
    );
    assert!(!attended.has_secret(Side::Salesforce).await && !attended.has_secret(Side::Akeneo).await);
    attended.must_be("revoked").await;
}

#[tokio::test]
async fn what_others_set_up_since_stays() {
    let attended = Attended::connected().await;
    attended.act(&Action::EditUrl {
        url: "https://other.cloud.akeneo.com".to_owned(),
    });
    attended.offboard(&json!({ "blank_org": true })).await;
    attended.wire().await;
    let named = attended.named_credential();
    assert_eq!(named["url"], "https://other.cloud.akeneo.com");
    let certificate = attended.certificate().await;
    for thing in ["callouts", "named_credential"] {
        assert!(!left(&certificate, thing).is_null(), "{thing}");
    }
    assert_eq!(left(&certificate, "provider"), &Value::Null);
}

#[tokio::test]
async fn while_callouts_cannot_be_switched_off_their_address_stays() {
    let attended = Attended::connected().await;
    attended.set(&json!({ "writes": { "tooling_named_credential": "reject", "connect_named_credential": "reject", "deploy_named_credential": "reject" } }));
    let before = attended.named_credential();
    attended.offboard(&json!({ "blank_org": true })).await;
    attended.wire().await;
    assert_eq!(attended.named_credential(), before);
    let certificate = attended.certificate().await;
    assert!(left(&certificate, "callouts").as_str().unwrap().contains("refused"));
    assert!(
        left(&certificate, "named_credential")
            .as_str()
            .unwrap()
            .contains("while they are on")
    );
    assert_eq!(certificate["complete"], true);
}

#[tokio::test]
async fn nothing_is_said_of_a_relay_where_there_was_none_or_nothing_is_left_to_relay() {
    let attended = Attended::connected().await;
    attended.offboard(&json!({ "blank_org": true })).await;
    attended.wire().await;
    assert!(!stays(&attended.certificate().await).contains("passes it on"));
    let mut attended = Attended::invited(Preset::Ready, &json!({ "customer": "Acme", "callback": "salesforce" })).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.enter_app_with_salesforce_s_callback().await;
    attended.finish().await;
    attended.offboard(&json!({ "blank_org": false })).await;
    attended.wire().await;
    assert!(
        !stays(&attended.certificate().await).contains("passes it on"),
        "its callback is the org's own"
    );
}

#[tokio::test]
async fn a_connection_that_never_had_an_org_is_taken_apart_too() {
    let attended = Attended::begin(Preset::Ready).await;
    attended.offboard(&json!({ "blank_org": false })).await;
    attended.wire().await;
    let certificate = attended.certificate().await;
    let things: Vec<_> = certificate["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["thing"])
        .collect();
    assert_eq!(things, ["links", "grant", "salesforce_secret", "akeneo_secret"]);
    assert_eq!(certificate["complete"], true);
}

/// No API empties what was made for a package before 3.0; without callouts, nothing uses its token.
#[tokio::test]
async fn with_a_package_before_3_callouts_go_off_and_the_certificate_says_what_to_delete() {
    let mut attended = Attended::begin(Preset::Legacy).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    go_on(&mut attended).await;
    attended.connect_pim().await;
    attended.finish().await;
    attended.offboard(&json!({ "blank_org": true })).await;
    attended.wire().await;
    let certificate = attended.certificate().await;
    assert_eq!(certificate["complete"], true);
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
    assert_eq!(left(&certificate, "callouts"), &Value::Null);
    for thing in ["named_credential", "provider", "provider_credentials"] {
        let words = left(&certificate, thing).as_str().unwrap();
        assert!(
            words.contains("Delete the Named Credential and the Auth. Provider"),
            "{thing}: {words}"
        );
    }
    assert_eq!(left(&certificate, "permission_set"), &Value::Null);
}

#[tokio::test]
async fn records_that_were_made_without_a_browser_are_taken_away() {
    let attended = headless().await;
    attended.offboard(&json!({ "blank_org": true })).await;
    attended.wire().await;
    let (named, external) = records(&attended);
    assert!(named.is_empty() && external.is_empty(), "{named:?} {external:?}");
    let certificate = attended.certificate().await;
    assert_eq!(certificate["complete"], true);
    for item in certificate["items"].as_array().unwrap() {
        assert_eq!(item["left"], Value::Null, "{item}");
    }
}
