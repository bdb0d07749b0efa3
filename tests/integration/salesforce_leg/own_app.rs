//! The customer's own External Client App, where ours is not let in or not wanted (facts/salesforce 10.3).

use salesforce_simulator::{Action, Preset};
use serde_json::json;

use crate::attended::Attended;

const KEY: &str = "3MVG9.the-customer-s-own-app";
const SECRET: &str = "the-customer-s-own-secret";
const PAGE: &str = "/setup/org/client";

impl Attended {
    /// Somebody makes the app with the callback that the page shows.
    async fn make_app(&mut self, secret: &str) {
        let page = self
            .walk
            .browser
            .open(self.stack.url.join(PAGE).unwrap())
            .await
            .unwrap();
        let redirect_uri = page.value("#client-callback").unwrap();
        for words in ["Manage user data via APIs (api)", "refresh_token", "Proof Key"] {
            assert!(page.text().contains(words), "{words}");
        }
        self.act(&Action::MakeLocalApp {
            client_id: KEY.to_owned(),
            client_secret: secret.to_owned(),
            redirect_uri,
        });
    }

    async fn enter_own_app(&mut self, secret: &str) -> connector_local::browser::Page {
        let org = self.stack.org.url().to_string();
        let fields = [
            ("client_id", KEY),
            ("client_secret", secret),
            ("my_domain", org.as_str()),
        ];
        self.walk.press_on(PAGE, PAGE, &fields).await.unwrap()
    }

    /// The consumer keys with which the token endpoint was asked, in order.
    fn keys(&self) -> Vec<String> {
        let requests = self.org().requests();
        let tokens = requests.iter().filter(|entry| entry.path == "/services/oauth2/token");
        let key = |body: &str| {
            let mut fields = url::form_urlencoded::parse(body.as_bytes());
            fields.find(|(name, _)| name == "client_id").unwrap().1.into_owned()
        };
        tokens.map(|entry| key(&entry.body)).collect()
    }
}

#[tokio::test]
async fn an_org_that_does_not_let_us_in_is_connected_with_an_app_of_its_own() {
    for preset in [Preset::OwnApp, Preset::AppNotInstalled] {
        let mut attended = Attended::begin(preset).await;
        let page = attended.walk.connect_salesforce("production", "Allow").await.unwrap();
        assert!(
            page.text().contains("does not know this service yet"),
            "{}",
            page.text()
        );
        assert!(attended.page().await.contains("Use your own External Client App"));
        attended.make_app(SECRET).await;
        let back = attended.enter_own_app(SECRET).await;
        assert_eq!(back.url.path(), "/setup");
        attended.connect_pim().await;
        attended.finish().await;
        attended.must_be_wired();
        // Refreshes go with the same app, and the org's rotated token is kept.
        for _ in 0..2 {
            attended.act(&Action::ExpireSessions {});
            attended.reconcile().await.unwrap();
            attended.must_be("connected").await;
        }
        assert_eq!(attended.keys(), [KEY, KEY, KEY]);
        let shown = attended.show().await;
        assert_eq!(shown["salesforce"]["client"]["client_id"], KEY);
        assert!(!shown.to_string().contains(SECRET) && !attended.walk.journey().await.unwrap().html.contains(SECRET));
    }
}

#[tokio::test]
async fn an_app_that_is_refused_replaces_nothing_that_works() {
    let mut attended = Attended::connected().await;
    let ours = attended.stack.services.config.salesforce_client_id.clone();
    attended.make_app(SECRET).await;
    let page = attended.enter_own_app("a-wrong-secret").await;
    assert!(page.text().contains("does not accept your own app"), "{}", page.text());
    let page = attended.page().await;
    assert!(page.contains("Salesforce did not accept the Consumer Key"), "{page}");
    attended.act(&Action::ExpireSessions {});
    attended.reconcile().await.unwrap();
    attended.must_be("connected").await;
    assert_eq!(
        attended.keys(),
        [ours.as_str(), KEY, ours.as_str()],
        "the grant belongs to our app still"
    );

    attended.enter_own_app(SECRET).await;
    attended.wire().await;
    attended.must_be("connected").await;
    attended.act(&Action::ExpireSessions {});
    attended.reconcile().await.unwrap();
    assert_eq!(attended.keys()[3..], [KEY, KEY]);

    // And back: the next connect goes with ours again.
    let form = [("use", "standard")];
    attended.walk.press_on(PAGE, PAGE, &form).await.unwrap();
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.must_be("connected").await;
    assert_eq!(attended.keys().last(), Some(&ours));
    assert_eq!(attended.show().await["salesforce"]["client"], json!(null));
}

#[tokio::test]
async fn a_secret_that_was_renewed_in_the_org_is_asked_for_again() {
    let mut attended = Attended::begin(Preset::OwnApp).await;
    attended.make_app(SECRET).await;
    attended.enter_own_app(SECRET).await;
    attended.connect_pim().await;
    attended.finish().await;
    attended.make_app("the-next-secret").await;
    attended.act(&Action::ExpireSessions {});
    attended.reconcile().await.unwrap();
    let shown = attended.must_be("connect_salesforce").await;
    assert_eq!(shown["health"], "org_grant_lost");
    attended.enter_own_app("the-next-secret").await;
    attended.wire().await;
    attended.must_be("connected").await;
}

#[tokio::test]
async fn what_cannot_be_an_app_is_said_at_its_field_and_kept_nowhere() {
    let mut attended = Attended::begin(Preset::OwnApp).await;
    let org = attended.stack.org.url().to_string();
    for (fields, words) in [
        (
            [
                ("client_id", KEY),
                ("client_secret", SECRET),
                ("my_domain", "https://evil.example"),
            ],
            "not a Salesforce address",
        ),
        (
            [
                ("client_id", KEY),
                ("client_secret", SECRET),
                ("my_domain", "login.salesforce.com"),
            ],
            "My Domain",
        ),
        (
            [
                ("client_id", ""),
                ("client_secret", SECRET),
                ("my_domain", org.as_str()),
            ],
            "Copy the Consumer Key",
        ),
        (
            [("client_id", KEY), ("client_secret", ""), ("my_domain", org.as_str())],
            "Copy the Consumer Secret",
        ),
    ] {
        let page = attended.walk.press_on(PAGE, PAGE, &fields).await.unwrap();
        assert_eq!(page.status, 422);
        assert!(page.text().contains(words), "{words}: {}", page.text());
        assert!(!page.html.contains(SECRET));
    }
    assert_eq!(attended.show().await["salesforce"]["client"], json!(null));
}
