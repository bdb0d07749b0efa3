//! An org that refuses every write: the page shows exactly what to enter, a person enters it, and the journey goes on by itself.

use connector_local::browser::Browser;
use connector_local::walk::Walk;
use http::StatusCode;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::{MANUAL, open, shown, states};
use crate::attended::Attended;

/// Every way to write the records is refused.
fn no_writes() -> Value {
    json!({ "connect_put_managed_eaip": "reject", "writes": {
        "tooling_named_credential": "reject", "connect_named_credential": "reject", "deploy_named_credential": "reject",
        "tooling_provider": "reject", "deploy_provider": "reject", "provider_credentials": "reject",
    } })
}

async fn refused(also: &Value) -> Attended {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.set(&no_writes());
    attended.set(also);
    attended.connect_both().await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    attended
}

#[tokio::test]
async fn what_the_org_refuses_is_shown_exactly_and_then_goes_on_by_itself() {
    let mut attended = refused(&json!({})).await;
    let journey = attended.page().await;
    assert!(journey.contains("Do it by hand"), "{journey}");

    let page = attended.manual().await;
    let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
    let (client_id, client_secret) = attended.app.clone().unwrap();
    let value = |id: &str| shown(&page, id).unwrap();
    assert_eq!(value("authorize-url"), format!("{pim}/connect/apps/v1/authorize"));
    assert_eq!(value("token-url"), format!("{pim}/connect/apps/v1/oauth2/token"));
    assert_eq!(value("client-id"), client_id);
    assert_eq!(value("named-credential-url"), pim);
    assert_eq!(
        (value("code-identifier").len(), value("code-challenge").len()),
        (32, 64)
    );
    assert!(
        !page.html.contains(&client_secret),
        "the Client Secret never comes back"
    );
    let link = format!("{}lightning/setup/NamedCredential/home", attended.stack.org.url());
    assert!(page.html.contains(&link), "{link}");
    assert_eq!(
        open(&page),
        [
            "provider_urls",
            "parameters",
            "credentials",
            "access",
            "named_credential",
            "authorize"
        ]
    );

    attended.enter_all(&page);
    attended.act(&Action::CalloutsOn {});
    attended.press("Check again").await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    let told = attended.manual().await.text();
    assert!(told.contains("Nothing has to be done by hand"), "{told}");
    attended.finish_from_principal().await;
    attended.must_be_wired();

    let before = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), before, "nothing is tried again");
}

#[tokio::test]
async fn what_is_done_is_ticked_one_by_one_and_the_rest_stays() {
    let mut attended = refused(&json!({})).await;
    let page = attended.manual().await;
    let value = |id: &str| shown(&page, id).unwrap();
    attended.act(&Action::EditProvider {
        authorize_url: Some(value("authorize-url")),
        token_url: Some(value("token-url")),
    });
    attended.press("Check again").await;
    attended.wire().await;
    let page = attended.manual().await;
    assert_eq!(states(&page)[0], ("provider_urls".to_owned(), "Seen".to_owned()));
    assert_eq!(open(&page)[0], "parameters");
    attended.must_be("wiring_blocked").await;
}

#[tokio::test]
async fn an_org_that_never_shows_credentials_asks_the_person_whether_they_are_entered() {
    let mut attended = refused(&json!({ "eaip_credentials_shape": "null" })).await;
    let page = attended.manual().await;
    attended.enter_all(&page);
    attended.act(&Action::CalloutsOn {});
    attended.press("Check again").await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    let page = attended.manual().await;
    assert_eq!(open(&page), ["credentials", "authorize"]);
    attended.press("Done: Enter the Client ID and the Client Secret").await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    let trail = attended.show().await["timeline"].to_string();
    assert!(trail.contains("done_by_hand"), "{trail}");
}

#[tokio::test]
async fn an_org_of_another_pim_is_paused_first_and_enabled_last() {
    let mut attended = Attended::begin(Preset::WiredElsewhere).await;
    attended.set(&no_writes());
    attended.connect_both().await;
    attended.wire().await;
    let page = attended.manual().await;
    let tasks: Vec<_> = states(&page).into_iter().map(|(task, _)| task).collect();
    assert_eq!(
        (tasks.first().unwrap(), tasks.last().unwrap()),
        (&"pause".to_owned(), &"named_credential".to_owned())
    );

    attended.act(&Action::CalloutsOff {});
    attended.enter_all(&page);
    attended.press("Check again").await;
    attended.wire().await;
    attended.press("Done: Enter the Client ID and the Client Secret").await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(std::time::Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    assert_eq!(open(&attended.manual().await), ["named_credential"]);
    attended.act(&Action::CalloutsOn {});
    attended.press("Check again").await;
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}

#[tokio::test]
async fn the_values_are_for_the_person_of_this_step_and_for_nobody_else() {
    let mut attended = Attended::begin(Preset::Ready).await;
    // A link for Akeneo's step opens another session, which does not open this page.
    let form = attended
        .walk
        .journey()
        .await
        .unwrap()
        .form_to("/setup/handoff")
        .unwrap();
    let handed = attended.walk.browser.submit(form.with("leg", "akeneo")).await.unwrap();
    let link = handed.value(".handed-off input[readonly]").unwrap();
    attended.set(&no_writes());
    attended.connect_both().await;
    attended.wire().await;

    let page = attended.manual().await;
    let secrets = ["code-identifier", "code-challenge"].map(|id| shown(&page, id).unwrap());
    let (journey, operator) = (attended.page().await, attended.show().await.to_string());
    for secret in &secrets {
        assert!(!journey.contains(secret) && !operator.contains(secret));
    }
    let mut colleague = Walk::new(&attended.stack.url, attended.stack.pim.url()).unwrap();
    colleague.start(&link.parse().unwrap()).await.unwrap();
    let mut stranger = Browser::new().unwrap();
    for (browser, status) in [
        (&mut colleague.browser, StatusCode::FORBIDDEN),
        (&mut stranger, StatusCode::UNAUTHORIZED),
    ] {
        let refused = browser.open(attended.at(MANUAL)).await.unwrap();
        assert_eq!(refused.status, status);
        assert!(secrets.iter().all(|secret| !refused.html.contains(secret)));
    }
}
