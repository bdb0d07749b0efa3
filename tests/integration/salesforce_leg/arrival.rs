//! Coming back from Salesforce: refusals, forged answers, late codes, and two callbacks at once.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use salesforce_simulator::{Fault, FaultKind, Preset};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::attended::Attended;

const TOKEN: &str = "/services/oauth2/token";

/// Fails once with `page`, and then connects from the same link.
async fn fails_then_connects(mut attended: Attended, decision: &str, page: &str, mend: Value) {
    let shown = attended.walk.connect_salesforce("production", decision).await.unwrap();
    assert!(
        shown.status.is_client_error() || shown.status.is_server_error(),
        "{page}: {}",
        shown.status
    );
    assert!(shown.text().contains(page), "{page}: {}", shown.text());
    assert!(shown.html.contains(r#"href="/setup""#), "{page}: no way back");
    let stage = attended.must_be("connect_salesforce").await;
    assert_eq!(stage["next_action"]["who"], "salesforce_admin");
    let requests = attended.org().requests();
    let used = requests
        .iter()
        .filter(|entry| entry.path.starts_with("/services/data"))
        .count();
    assert_eq!(used, 0, "{page}: nothing is asked with an answer that was not accepted");
    attended.set(&mend);
    attended.org().clear_faults();
    let link = attended.link.clone();
    attended.walk.start(&link).await.unwrap();
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.must_be("enter_akeneo").await;
    assert!(!attended.page().await.contains(page), "the trouble is over");
}

#[tokio::test]
async fn a_refusal_on_salesforce_s_side_says_who_must_do_what() {
    let begin = Attended::begin;
    fails_then_connects(
        begin(Preset::Ready).await,
        "Deny",
        "Access was denied in Salesforce",
        json!({}),
    )
    .await;
    let denied = begin(Preset::Denied).await;
    fails_then_connects(
        denied,
        "Allow",
        "Access was denied in Salesforce",
        json!({ "approval": "ask" }),
    )
    .await;
    let unknown = begin(Preset::AppNotInstalled).await;
    let mend = json!({ "app_installation": "installed" });
    fails_then_connects(unknown, "Allow", "The org does not know this service yet", mend.clone()).await;
    let missing = begin(Preset::Ready).await;
    missing.set(&json!({ "app_installation": "missing_at_token" }));
    fails_then_connects(missing, "Allow", "The org does not know this service yet", mend.clone()).await;
    let approval = begin(Preset::Ready).await;
    approval.set(&json!({ "app_installation": "approval_error" }));
    fails_then_connects(approval, "Allow", "Salesforce does not answer", mend).await;
}

#[tokio::test]
async fn a_refused_code_says_why() {
    for (error, description, page) in [
        ("invalid_grant", "inactive user", "Salesforce does not let this user in"),
        ("invalid_grant", "ip restricted", "Salesforce does not let this user in"),
        (
            "invalid_grant",
            "expired authorization code",
            "Please connect Salesforce again",
        ),
        (
            "invalid_grant",
            "invalid code verifier",
            "Please connect Salesforce again",
        ),
        (
            "invalid_grant",
            "user is not admin approved",
            "The org does not know this service yet",
        ),
        (
            "invalid_client",
            "invalid client credentials",
            "Salesforce does not accept this service",
        ),
        (
            "redirect_uri_mismatch",
            "redirect_uri must match configuration",
            "Salesforce does not accept this service",
        ),
        ("unknown_error", "retry your request", "Salesforce does not answer"),
    ] {
        let attended = Attended::begin(Preset::Ready).await;
        let body = json!({ "error": error, "error_description": description }).to_string();
        attended.org().add_fault(Fault {
            status: Some(400),
            body: Some(body),
            ..Fault::new(FaultKind::Status, TOKEN)
        });
        fails_then_connects(attended, "Allow", page, json!({})).await;
    }
}

#[tokio::test]
async fn an_old_code_is_refused_by_the_org_and_asked_for_again() {
    let attended = Attended::begin(Preset::Ready).await;
    attended.set(&json!({ "code_lifetime_seconds": 0 }));
    let mend = json!({ "code_lifetime_seconds": 60 });
    fails_then_connects(attended, "Allow", "Please connect Salesforce again", mend).await;
}

/// A token answer as the org gives it, with the signature that the org would make.
fn answer(attended: &Attended, instance: &str) -> Value {
    let id = format!("{}id/00DHs0000000001EAA/005Hs0000000001EAA", attended.stack.org.url());
    let issued_at = "1795000000000";
    let mac = Hmac::<Sha256>::new_from_slice(b"local-stack-consumer-secret").unwrap();
    let signature = STANDARD.encode(mac.chain_update(&id).chain_update(issued_at).finalize().into_bytes());
    json!({ "access_token": "00D!forged-session", "refresh_token": "5Aep.forged", "signature": signature, "scope": "refresh_token api",
            "instance_url": instance, "id": id, "token_type": "Bearer", "issued_at": issued_at })
}

#[tokio::test]
async fn an_answer_that_salesforce_did_not_sign_or_that_leads_elsewhere_is_thrown_away() {
    for kind in [
        "unsigned",
        "wrong signature",
        "signature of another id",
        "foreign host",
        "user info",
        "plain http elsewhere",
    ] {
        let attended = Attended::begin(Preset::Ready).await;
        let own = attended.stack.org.url().as_str().trim_end_matches('/').to_owned();
        let mut forged = answer(&attended, &own);
        match kind {
            "unsigned" => forged["signature"] = Value::Null,
            "wrong signature" => forged["signature"] = json!("J4vxAB+0pK2io9xWoRqn7GJg+S/NOy7+kUQQ3ZuA0i8="),
            "signature of another id" => {
                forged["id"] = json!(format!("{own}/id/00DHs0000000002EAA/005Hs0000000001EAA"))
            }
            "foreign host" => forged["instance_url"] = json!("https://acme.my.salesforce.com.evil.example"),
            "user info" => forged["instance_url"] = json!("https://acme.my.salesforce.com@evil.example"),
            _ => forged["instance_url"] = json!("http://acme.my.salesforce.com"),
        }
        let fault = Fault {
            status: Some(200),
            body: Some(forged.to_string()),
            ..Fault::new(FaultKind::Status, TOKEN)
        };
        attended.org().add_fault(fault);
        fails_then_connects(attended, "Allow", "answer could not be trusted", json!({})).await;
    }
}

/// The address with which Salesforce sends the browser back, not opened yet.
async fn way_back(attended: &mut Attended) -> Url {
    let form = attended
        .walk
        .journey()
        .await
        .unwrap()
        .form_to("/setup/salesforce")
        .unwrap()
        .with("org_kind", "production");
    let login = attended
        .walk
        .browser
        .submit(form)
        .await
        .unwrap()
        .form("Log in")
        .unwrap();
    let allow = attended
        .walk
        .browser
        .submit(login)
        .await
        .unwrap()
        .form("Allow")
        .unwrap();
    let step = attended
        .walk
        .browser
        .step(Method::POST, allow.action().clone(), Some(allow.fields().to_vec()))
        .await;
    let mut next = step.unwrap().1.unwrap();
    while next.origin() != attended.stack.url.origin() {
        next = attended
            .walk
            .browser
            .step(Method::GET, next, None)
            .await
            .unwrap()
            .1
            .unwrap();
    }
    next
}

fn exchanges(attended: &Attended) -> usize {
    attended
        .org()
        .requests()
        .iter()
        .filter(|entry| entry.path == TOKEN)
        .count()
}

#[tokio::test]
async fn two_callbacks_at_once_make_one_exchange_and_both_see_the_result() {
    let mut attended = Attended::begin(Preset::Ready).await;
    let back = way_back(&mut attended).await;
    let (mut left, mut right) = (attended.walk.browser.clone(), attended.walk.browser.clone());
    let (left, right) = tokio::join!(left.open(back.clone()), right.open(back.clone()));
    for page in [left.unwrap(), right.unwrap()] {
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/setup"));
    }
    assert_eq!(exchanges(&attended), 1);
    let again = attended.walk.browser.open(back).await.unwrap();
    assert_eq!(
        again.url.path(),
        "/setup",
        "opened once more it shows the stored result"
    );
    assert_eq!(exchanges(&attended), 1);
    attended.must_be("enter_akeneo").await;
}

#[tokio::test]
async fn a_callback_in_another_browser_or_after_its_time_makes_no_request() {
    let mut attended = Attended::begin(Preset::Ready).await;
    let back = way_back(&mut attended).await;
    let mut stranger = connector_local::browser::Browser::new().unwrap();
    let page = stranger.open(back.clone()).await.unwrap();
    assert_eq!(
        (page.status.as_u16(), exchanges(&attended)),
        (400, 0),
        "{}",
        page.text()
    );
    attended.clock.advance(std::time::Duration::from_secs(15 * 60 + 1));
    let page = attended.walk.browser.open(back).await.unwrap();
    assert_eq!(
        (page.status.as_u16(), exchanges(&attended)),
        (400, 0),
        "{}",
        page.text()
    );
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.must_be("enter_akeneo").await;
}

#[tokio::test]
async fn the_wrong_type_of_org_is_not_kept_and_its_grant_is_given_back() {
    let invitation = json!({ "customer": "Acme Corporation", "org_type": "sandbox" });
    let mut attended = Attended::invited(Preset::Ready, &invitation).await;
    let page = attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    assert!(
        page.text().contains("This is not the expected type of org"),
        "{}",
        page.text()
    );
    let shown = attended.must_be("connect_salesforce").await;
    assert_eq!(shown["org_id"], Value::Null);
    let families = attended.org().state()["oauth"]["refresh_families"].clone();
    assert!(
        families
            .as_array()
            .unwrap()
            .iter()
            .all(|family| family["revoked"] == true),
        "{families}"
    );
    attended.org().preset(Preset::Sandbox);
    attended.walk.connect_salesforce("sandbox", "Allow").await.unwrap();
    attended.must_be("enter_akeneo").await;
}

#[tokio::test]
async fn the_wrong_type_of_org_is_found_later_where_the_org_could_not_be_looked_at() {
    let invitation = json!({ "customer": "Acme Corporation", "org_type": "sandbox" });
    let mut attended = Attended::invited(Preset::Ready, &invitation).await;
    attended.org().add_fault(Fault {
        status: Some(404),
        ..Fault::new(FaultKind::Status, "/services/data")
    });
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.org().clear_faults();
    attended.wire_later().await;
    let shown = attended.must_be("connect_salesforce").await;
    assert_eq!(shown["salesforce"]["fault"], "wrong_org_type");
    assert!(attended.page().await.contains("not the right type of org"));
}
