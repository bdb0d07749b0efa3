//! An org that is wired to another PIM: its token never goes to the new one, and the new PIM's host gets callouts only after
//! Salesforce has authorized itself there.

use std::time::Duration;

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::Attended;

/// The status and the URL that each write of the Named Credential set, in order.
fn named_credential_writes(attended: &Attended) -> Vec<(String, String)> {
    let writes = attended.writes();
    let patches = writes.iter().filter(|entry| entry.path.contains("/NamedCredential/"));
    let read = |body: &str| {
        let body: Value = serde_json::from_str(body).unwrap();
        let rows = body["Metadata"]["namedCredentialParameters"]
            .as_array()
            .unwrap()
            .clone();
        let url = rows.iter().find(|row| row["parameterType"] == "Url").unwrap()["parameterValue"].clone();
        (
            body["Metadata"]["calloutStatus"].as_str().unwrap().to_owned(),
            url.as_str().unwrap().to_owned(),
        )
    };
    patches.map(|entry| read(&entry.body)).collect()
}

#[tokio::test]
async fn it_is_paused_first_and_opened_after_the_principal() {
    let mut attended = Attended::both(Preset::WiredElsewhere).await;
    let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    let written = attended.written();
    assert_eq!(
        written[0].1, "tooling/sobjects/NamedCredential",
        "paused before anything else: {written:?}"
    );
    assert_eq!(
        named_credential_writes(&attended),
        [("Disabled".to_owned(), pim.clone())]
    );
    attended.reconcile().await.unwrap();
    assert_eq!(
        attended.named_credential()["callout_status"],
        "Disabled",
        "the stored token is still the other PIM's"
    );

    attended.walk.authorize_principal().await.unwrap();
    let ours = attended.pim().state().live_tokens[0].value.clone();
    assert_eq!(attended.org().state()["principals"][0]["access_token"], ours);
    // How old the stored token is cannot be seen; a code that was relayed is dead after 30 seconds.
    attended.wire().await;
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
    assert_eq!(
        named_credential_writes(&attended).last().unwrap(),
        &("Enabled".to_owned(), pim)
    );
}

#[tokio::test]
async fn a_visitor_at_the_callback_does_not_open_it() {
    let mut attended = Attended::both(Preset::WiredElsewhere).await;
    attended.wire().await;
    let relay = format!("/akeneo/{}/callback?code=made-up&state=not-ours", attended.id);
    let mut stranger = connector_local::browser::Browser::new().unwrap();
    let (_, target) = stranger
        .step(http::Method::GET, attended.stack.url.join(&relay).unwrap(), None)
        .await
        .unwrap();
    assert_eq!(target.unwrap().origin(), attended.stack.org.url().origin());
    attended.clock.advance(Duration::from_secs(60));
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
    assert!(attended.page().await.contains("authorize itself"));
}

#[tokio::test]
async fn another_app_of_the_same_pim_needs_the_org_s_authorization_once_more() {
    let mut attended = Attended::connected().await;
    let former = attended.org().state()["principals"][0]["access_token"].clone();
    attended.connect_pim().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
    let held = attended.org().state()["principals"][0]["access_token"].clone();
    assert_ne!(held, former);
    assert!(
        attended
            .pim()
            .state()
            .live_tokens
            .iter()
            .any(|token| held == token.value)
    );
}

#[tokio::test]
async fn a_rotated_secret_needs_no_authorization_of_the_org() {
    let mut attended = Attended::connected().await;
    let (client_id, _) = attended.app.clone().unwrap();
    let secret = attended.pim().regenerate_secret(&client_id).unwrap();
    let base = attended.stack.pim.url().to_string();
    let page = attended.walk.enter_akeneo(&base, &client_id, &secret).await.unwrap();
    attended.walk.consent(page).await.unwrap();
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}

#[tokio::test]
async fn a_disconnected_app_is_authorized_again_by_both_sides() {
    let mut attended = Attended::connected().await;
    let (client_id, _) = attended.app.clone().unwrap();
    attended.pim().disconnect(&client_id).unwrap();
    attended.sweep_later().await;
    attended.must_be_healthy_as("healthy").await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("disconnected").await;
    let page = attended.walk.authorize_again().await.unwrap();
    attended.walk.consent(page).await.unwrap();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("connected").await;
    let held = attended.org().state()["principals"][0]["access_token"].clone();
    assert_eq!(held, attended.pim().state().live_tokens[0].value);
}

#[tokio::test]
async fn a_principal_that_is_gone_is_asked_for_again() {
    let mut attended = Attended::connected().await;
    attended.act(&Action::DropPrincipal {});
    attended.sweep_later().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.wire().await;
    attended.must_be("connected").await;
}

#[tokio::test]
async fn where_nothing_passes_through_us_it_is_opened_only_when_the_trip_must_be_over() {
    let terms = json!({ "customer": "Acme Corporation", "callback": "salesforce" });
    let mut attended = Attended::invited(Preset::WiredElsewhere, &terms).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.enter_app_with_salesforce_s_callback().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(60));
    attended.wire().await;
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
    attended.clock.advance(Duration::from_secs(10 * 60));
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}
