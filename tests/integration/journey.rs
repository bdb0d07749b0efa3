//! One connection in a stack of its own, with the link that Customer Success sent and a person who walks.

use connector_local::browser::Page;
use connector_local::stack::{Options, Stack};
use connector_local::walk::Walk;
use http::Method;
use serde_json::{Value, json};
use url::Url;

/// The token endpoint of a PIM (facts/akeneo 3).
pub(crate) const TOKEN: &str = "/connect/apps/v1/oauth2/token";
/// The cookie that binds attempts to a browser.
pub(crate) const BROWSER: &str = "__Host-browser";

/// A connection in the making.
pub(crate) struct Journey {
    pub(crate) stack: Stack,
    pub(crate) walk: Walk,
    pub(crate) id: String,
    pub(crate) link: Url,
}

impl Journey {
    /// A connection whose link was opened.
    pub(crate) async fn begin() -> Self {
        Self::with(Options::default(), &json!({ "customer": "Acme Corporation" })).await
    }

    /// [`Self::begin`] in a stack of another kind, from another invitation.
    pub(crate) async fn with(options: Options, invitation: &Value) -> Self {
        let stack = Stack::start(options).await.unwrap();
        let (id, link, walk) = second(&stack, invitation).await;
        Self { stack, walk, id, link }
    }

    /// A person with a browser of their own.
    pub(crate) fn somebody_else(&self) -> Walk {
        Walk::new(&self.stack.url, self.stack.pim.url()).unwrap()
    }

    /// The PIM's base URL.
    pub(crate) fn pim(&self) -> String {
        self.stack.pim.url().to_string()
    }

    /// An address of the service.
    pub(crate) fn at(&self, path: &str) -> Url {
        self.stack.url.join(path).unwrap()
    }

    /// This connection's callback with this raw query.
    pub(crate) fn callback(&self, query: &str) -> Url {
        self.at(&format!("/akeneo/{}/callback?{query}", self.id))
    }

    /// This connection's Activate URL with this raw query.
    pub(crate) fn activate(&self, query: &str) -> Url {
        self.at(&format!("/akeneo/{}/activate?{query}", self.id))
    }

    /// Credentials are entered and the wizard confirmed; the callback's address, not opened yet.
    pub(crate) async fn callback_in_hand(&mut self) -> Url {
        let (client_id, secret) = self.walk.create_app(&self.id).await.unwrap();
        let pim = self.pim();
        let wizard = self.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
        self.walk.confirm(&wizard).await.unwrap().unwrap()
    }

    /// One more trip with what is known, where the PIM asks nothing any more; the callback's address, not opened yet.
    pub(crate) async fn silent_callback(&mut self) -> Url {
        let form = self
            .walk
            .journey()
            .await
            .unwrap()
            .form_to("/setup/akeneo/authorize")
            .unwrap();
        let fields = form.fields().to_vec();
        let (_, to) = self
            .walk
            .browser
            .step(Method::POST, form.action().clone(), Some(fields))
            .await
            .unwrap();
        self.walk
            .browser
            .step(Method::GET, to.unwrap(), None)
            .await
            .unwrap()
            .1
            .unwrap()
    }

    /// Credentials are entered and the PIM has answered. Client id and secret.
    pub(crate) async fn connect_pim(&mut self) -> (String, String) {
        let (client_id, secret) = self.walk.create_app(&self.id).await.unwrap();
        let pim = self.pim();
        let wizard = self.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
        self.walk.consent(wizard).await.unwrap();
        (client_id, secret)
    }

    /// The whole way to `connected`. Client id and secret.
    pub(crate) async fn connect(&mut self) -> (String, String) {
        self.walk.connect_salesforce("production", "Allow").await.unwrap();
        let app = self.connect_pim().await;
        self.walk.wait_for(&self.id, &["authorize_principal"]).await.unwrap();
        self.walk.authorize_principal().await.unwrap();
        self.walk.wait_for(&self.id, &["connected"]).await.unwrap();
        app
    }

    /// What Customer Success sees.
    pub(crate) async fn shown(&self) -> Value {
        self.walk.show(&self.id).await.unwrap()
    }

    /// How often the PIM's token endpoint was asked.
    pub(crate) fn token_requests(&self) -> usize {
        self.stack.pim.control().requests_to(TOKEN).len()
    }

    /// The tokens that the PIM accepts now.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.stack
            .pim
            .control()
            .state()
            .live_tokens
            .into_iter()
            .map(|token| token.value)
            .collect()
    }

    /// The journey page's text.
    pub(crate) async fn text(&mut self) -> String {
        self.walk.journey().await.unwrap().text()
    }
}

/// One more connection in a stack: its id, its link, and a person who opened it.
pub(crate) async fn second(stack: &Stack, invitation: &Value) -> (String, Url, Walk) {
    let mut walk = Walk::new(&stack.url, stack.pim.url()).unwrap();
    let made = walk.invite(invitation).await.unwrap();
    let link = Url::parse(made["link"].as_str().unwrap()).unwrap();
    walk.start(&link).await.unwrap();
    (made["connection"].as_str().unwrap().to_owned(), link, walk)
}

/// The page's text has all of these.
pub(crate) fn says(page: &Page, words: &[&str]) {
    let text = page.text();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}
