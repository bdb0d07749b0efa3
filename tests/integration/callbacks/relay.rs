//! The relay: Salesforce's own authorization passes through our callback to its own org, unread, and to nowhere else.

use std::time::{Duration, Instant};

use akeneo_simulator::{Fault, FaultKind};
use connector_local::stack::Options;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::journey::{Journey, TOKEN, says, second};
use crate::wire;

impl Journey {
    /// Wired up to step 4.
    async fn wire_the_org(&mut self) {
        self.walk.connect_salesforce("production", "Allow").await.unwrap();
        self.connect_pim().await;
        self.walk.wait_for(&self.id, &["authorize_principal"]).await.unwrap();
    }

    /// The provider's callback, as the org says it.
    fn callback_of_org(&self) -> Url {
        let state = self.stack.org.control().state();
        state["external_auth_identity_providers"][0]["callback_url"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    fn principal(&self) -> Value {
        self.stack.org.control().state()["principals"][0].clone()
    }
}

#[tokio::test]
async fn a_foreign_state_goes_to_the_orgs_own_callback_and_code_and_state_stay_as_they_are() {
    let mut journey = Journey::begin().await;
    journey.wire_the_org().await;
    let before = journey.token_requests();
    let org = journey.callback_of_org();
    for (code, state) in [
        ("abc", "xyz"),
        ("a%2Bb%2Fc%3D%3D", "%7B%22n%22%3A%221%26code%3Devil%22%7D"),
        ("a+b%20c", "%25zz%23%3F"),
        ("MTIz.-_~", "CONNECTOR-SETUP.abc"),
    ] {
        // Anybody's browser: the org itself knows whom it sent.
        let answer = wire::get(journey.callback(&format!(
            "code={code}&state={state}&next=https%3A%2F%2Fevil.example&redirect_uri=x"
        )))
        .await;
        assert_eq!(answer.status, 303, "{state}");
        let to: Url = answer.header("location").parse().unwrap();
        assert_eq!((to.origin(), to.path()), (org.origin(), org.path()));
        let sent: Vec<_> = url::form_urlencoded::parse(format!("code={code}&state={state}").as_bytes())
            .into_owned()
            .collect();
        assert_eq!(
            to.query_pairs().into_owned().collect::<Vec<_>>(),
            sent,
            "code and state, and nothing else"
        );
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.body, "");
    }
    let fragment = wire::get(journey.callback("error=access_denied&state=xyz")).await;
    assert_eq!(
        (fragment.status.as_u16(), fragment.headers.get("location")),
        (400, None),
        "Akeneo sends no errors"
    );
    assert_eq!(
        journey.token_requests(),
        before,
        "none of these codes was exchanged by us"
    );
}

#[tokio::test]
async fn another_connections_callback_does_not_lead_to_this_org() {
    let mut journey = Journey::begin().await;
    journey.wire_the_org().await;
    let (other, ..) = second(&journey.stack, &json!({ "customer": "Another" })).await;
    let answer = wire::get(journey.at(&format!("/akeneo/{other}/callback?code=abc&state=xyz"))).await;
    assert_eq!((answer.status.as_u16(), answer.headers.get("location")), (400, None));
    let revoke = journey.at(&format!("/operator/connections/{}/revoke", journey.id));
    assert_eq!(wire::send(Method::POST, revoke, &[], "").await.status, 200);
    let answer = wire::get(journey.callback("code=abc&state=xyz")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers.get("location")),
        (400, None),
        "revoked"
    );
}

#[tokio::test]
async fn a_callback_that_is_not_salesforces_is_never_a_target() {
    for target in [
        "https://evil.example/services/authcallback/x",
        "https://acme.my.salesforce.com.evil.example/cb",
        "https://acme.my.salesforce.com@evil.example/cb",
        "http://acme.my.salesforce.com/cb",
        "https://salesforce.com/cb",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        let mut journey = Journey::with(Options::default(), &json!({ "customer": "Acme" })).await;
        journey
            .stack
            .org
            .control()
            .patch_settings(&json!({ "callback_url": target }))
            .unwrap();
        journey.walk.connect_salesforce("production", "Allow").await.unwrap();
        journey.connect_pim().await;
        journey
            .walk
            .wait_for(&journey.id, &["authorize_principal", "wiring_blocked"])
            .await
            .unwrap();
        let before = journey.token_requests();
        let answer = wire::get(journey.callback("code=abc&state=xyz")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers.get("location")),
            (400, None),
            "{target}"
        );
        assert!(!answer.body.contains("evil.example"), "{target}");
        assert_eq!(journey.token_requests(), before, "{target}");
    }
}

#[tokio::test]
async fn salesforces_own_authenticate_button_works_through_us() {
    let mut journey = Journey::begin().await;
    journey.connect().await;
    let pim = journey.stack.pim.control();
    let (tokens, exchanges, consents) = (journey.tokens(), journey.token_requests(), pim.state().consents);
    let (before, audit) = (journey.principal(), journey.shown().await["timeline"].clone());

    let setup = journey
        .stack
        .org
        .url()
        .join("/lightning/setup/NamedCredential/home")
        .unwrap();
    let page = journey.walk.browser.open(setup.clone()).await.unwrap();
    let page = match page.form("Log in") {
        Ok(login) => journey.walk.browser.submit(login).await.unwrap(),
        Err(_) => page,
    };
    let button = format!("Authenticate {}", before["name"].as_str().unwrap());
    let page = journey.walk.browser.submit(page.form(&button).unwrap()).await.unwrap();
    assert_eq!(page.url.origin(), setup.origin(), "back in Salesforce: {}", page.text());
    assert_eq!(page.status, 200, "{}", page.text());
    let relayed = journey
        .walk
        .browser
        .trail
        .iter()
        .filter(|url| url.origin() == journey.stack.url.origin())
        .count();
    assert_eq!(relayed, 1, "it passed through us once");

    let after = journey.principal();
    assert_eq!(after["status"], "Configured");
    assert_ne!(
        after["obtained_ms"], before["obtained_ms"],
        "Salesforce exchanged a code of its own"
    );
    assert_eq!(after["access_token"], json!(tokens[0]));
    assert_eq!(journey.tokens(), tokens, "still the one token");
    assert_eq!(journey.token_requests(), exchanges + 1);
    assert_eq!(pim.state().consents, consents, "and no screen");
    let relays = |timeline: &Value| {
        timeline
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["event"] == "relayed")
            .count()
    };
    assert_eq!(relays(&journey.shown().await["timeline"]), relays(&audit) + 1);
    journey.walk.wait_for(&journey.id, &["connected"]).await.unwrap();
}

#[tokio::test]
async fn step_four_ends_with_one_token_and_one_consent() {
    let mut journey = Journey::begin().await;
    journey.wire_the_org().await;
    let before = journey.stack.pim.control().requests_to(TOKEN).len();
    let page = journey.walk.authorize_principal().await.unwrap();
    assert!(page.status.is_success(), "{}", page.text());
    journey.walk.wait_for(&journey.id, &["connected"]).await.unwrap();
    let page = journey.walk.journey().await.unwrap();
    says(&page, &["The connection works"]);
    let exchanges = journey.stack.pim.control().requests_to(TOKEN);
    assert_eq!(exchanges.len(), before + 1);
    let [ours, theirs] = [&exchanges[0], &exchanges[before]];
    for field in ["client_id", "code_identifier", "code_challenge"] {
        assert_eq!(ours.form_value(field), theirs.form_value(field), "{field}");
    }
    assert_eq!(journey.tokens().len(), 1);
    assert_eq!(journey.stack.pim.control().state().consents.accepted, 1);
}

/// After a relay a run waits some seconds for the org, with the lease in its hand. Whoever has to start once more meanwhile, because the org
/// got no token, is let through.
#[tokio::test]
async fn whoever_starts_again_while_a_run_waits_for_the_first_try_is_let_through() {
    let mut journey = Journey::begin().await;
    journey.wire_the_org().await;
    let refused = Fault {
        status: Some(400),
        ..Fault::new(FaultKind::Status, TOKEN)
    };
    journey.stack.pim.control().add_fault(refused);
    let page = journey.walk.authorize_principal().await.unwrap();
    assert_eq!(journey.principal()["status"], "NotConfigured", "{}", page.text());
    let shown = journey.shown().await;
    assert!(shown["wiring"]["relayed_at"].is_string(), "{shown}");
    journey.stack.pim.control().clear_faults();
    // The run looks, and looks again after a pause.
    let looks = |journey: &Journey| {
        let requests = journey.stack.org.control().requests().into_iter();
        requests
            .filter(|entry| entry.path.ends_with("/external-credentials/akeneo_pim__Akeneo"))
            .count()
    };
    let (before, began) = (looks(&journey), Instant::now());
    while looks(&journey) < before + 2 {
        assert!(began.elapsed() < Duration::from_secs(30), "no run waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let page = journey.walk.authorize_principal().await.unwrap();
    assert!(page.status.is_success(), "{}", page.text());
    journey.walk.wait_for(&journey.id, &["connected"]).await.unwrap();
    assert_eq!(journey.principal()["status"], "Configured");
}
