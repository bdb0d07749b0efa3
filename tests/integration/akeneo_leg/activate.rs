//! The Activate URL: what the PIM opens for "Connect" and later for "Open app" (facts/akeneo 2).

use connector_local::stack::Options;
use http::Method;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::journey::{Journey, says};
use crate::wire;

const AUTHORIZE: &str = "/connect/apps/v1/authorize";

fn named(pim: &str) -> String {
    format!("pim_url={}", byte_serialize(pim.as_bytes()).collect::<String>())
}

impl Journey {
    /// Opens the Activate URL in a browser that knows nothing, and expects the page that leads to the setup link.
    async fn only_leads_to_the_link(&self, query: &str) {
        let before = self.shown().await;
        let answer = wire::get(self.activate(query)).await;
        assert_eq!(answer.status, 200, "{query}");
        assert!(answer.body.contains("Almost there"), "{query}: {}", answer.body);
        assert!(
            answer.headers.get("location").is_none() && answer.headers.get("set-cookie").is_none(),
            "{query}"
        );
        assert!(!answer.body.contains("evil.example"), "{query}");
        assert_eq!(self.shown().await, before, "{query}");
    }

    fn sent_to_pim(&self) -> usize {
        self.stack.pim.control().requests_to(AUTHORIZE).len()
    }
}

#[tokio::test]
async fn before_there_are_credentials_it_leads_to_the_setup_link() {
    let journey = Journey::begin().await;
    journey.only_leads_to_the_link(&named(&journey.pim())).await;
    let unknown = wire::get(journey.at(&format!(
        "/akeneo/{}/activate?{}",
        "0".repeat(20),
        named(&journey.pim())
    )))
    .await;
    let malformed = wire::get(journey.at(&format!("/akeneo/x/activate?{}", named(&journey.pim())))).await;
    let known = wire::get(journey.activate(&named(&journey.pim()))).await;
    assert_eq!(
        (unknown.status, unknown.without_reference()),
        (known.status, known.without_reference())
    );
    assert_eq!(
        (malformed.status, malformed.without_reference()),
        (known.status, known.without_reference())
    );
}

#[tokio::test]
async fn it_starts_the_authorization_only_for_this_connections_pim() {
    let mut journey = Journey::begin().await;
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let pim = journey.pim();
    journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    let bare = pim.trim_end_matches('/');
    let before = journey.sent_to_pim();
    for query in [
        String::new(),
        "pim_url=".to_owned(),
        "pim_url".to_owned(),
        named("https://evil.example"),
        named(&format!("{bare}.evil.example")),
        named(&format!("{}@evil.example", bare)),
        named(&format!("{bare}/connect/apps")),
        named(&bare.replace("http:", "https:")),
        named("javascript:alert(1)"),
        format!("{}&{}", named(bare), named(bare)),
        format!("{}&{}", named(bare), named("https://evil.example")),
        format!("pim_url[]={bare}"),
        "pim_url=%zz".to_owned(),
    ] {
        journey.only_leads_to_the_link(&query).await;
    }
    let shown = journey.shown().await;
    let head = wire::send(Method::HEAD, journey.activate(&named(bare)), &[], "").await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    assert_eq!(journey.shown().await, shown, "HEAD starts nothing");
    let posted = wire::send(Method::POST, journey.activate(&named(bare)), &[], "").await;
    assert_eq!(posted.status, 405);
    assert_eq!(journey.sent_to_pim(), before);

    for query in [
        named(bare),
        named(&format!("{bare}/")),
        format!("{}&utm=x", named(bare)),
    ] {
        let answer = wire::get(journey.activate(&query)).await;
        assert_eq!(answer.status, 303, "{query}");
        assert!(
            answer.header("location").starts_with(&format!("{bare}{AUTHORIZE}?")),
            "{query}"
        );
        assert!(
            answer.cookie("__Host-browser").is_some(),
            "{query}: bound to this browser"
        );
        assert!(
            answer.cookie("__Host-setup").is_none(),
            "{query}: the setup is not opened by it"
        );
    }
}

#[tokio::test]
async fn an_admin_of_the_pim_can_finish_from_there_without_the_link() {
    let options = Options {
        unattended: true,
        ..Options::default()
    };
    let mut journey = Journey::with(options, &json!({ "customer": "Acme Corporation" })).await;
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let pim = journey.pim();
    journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    let mut admin = journey.somebody_else();
    let page = admin.browser.open(journey.activate(&named(&pim))).await.unwrap();
    let login = page
        .form("Log in")
        .unwrap()
        .with("_username", "admin")
        .with("_password", "admin");
    let wizard = admin.browser.submit(login).await.unwrap();
    let page = admin.consent(wizard).await.unwrap();
    assert_ne!(journey.shown().await["akeneo"]["proven"], Value::Null);
    // The setup itself stays closed to a browser without the link, and what was done there is not called an error.
    assert_eq!(page.status, 200);
    says(&page, &["This app is connected"]);
    assert!(!page.html.contains("Acme Corporation"));
    assert_eq!(admin.browser.open(journey.at("/setup")).await.unwrap().status, 401);

    // "Open app", again and again: no trip, no loop, and no setup without the link.
    let sent = journey.sent_to_pim();
    let shown = journey.shown().await;
    for _ in 0..3 {
        let page = admin.browser.open(journey.activate(&named(&pim))).await.unwrap();
        assert_eq!(page.status, 200);
        says(
            &page,
            &["This app is connected", "There is nothing for you to do here."],
        );
        assert!(!page.html.contains("Acme Corporation"));
        let page = journey.walk.browser.open(journey.activate(&named(&pim))).await.unwrap();
        assert_eq!(
            (page.status.as_u16(), page.url.path()),
            (200, "/setup"),
            "who holds the link sees the setup"
        );
    }
    assert_eq!(journey.sent_to_pim(), sent);
    assert_eq!(journey.shown().await, shown);
}

#[tokio::test]
async fn a_revoked_connections_app_starts_nothing() {
    let mut journey = Journey::begin().await;
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let pim = journey.pim();
    journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    let revoke = journey.at(&format!("/operator/connections/{}/revoke", journey.id));
    assert_eq!(wire::send(Method::POST, revoke, &[], "").await.status, 200);
    journey.only_leads_to_the_link(&named(&pim)).await;
}
