//! A browser put together by hand: its cookies and the form's token are in plain sight.

use connector_local::stack::Stack;
use connector_local::walk::Walk;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::wire::{Answer, FORM, send};

/// An open setup, and what opened it.
pub(crate) struct Visitor {
    pub(crate) stack: Stack,
    pub(crate) walk: Walk,
    pub(crate) id: String,
    pub(crate) link: Url,
    /// `Cookie` of the session.
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Visitor {
    pub(crate) async fn open() -> Self {
        let stack = Stack::start(connector_local::stack::Options::default()).await.unwrap();
        Self::of(stack, "Acme Corporation").await
    }

    pub(crate) async fn of(stack: Stack, customer: &str) -> Self {
        let walk = Walk::new(&stack.url, stack.pim.url()).unwrap();
        let made = walk.invite(&json!({ "customer": customer })).await.unwrap();
        let link: Url = made["link"].as_str().unwrap().parse().unwrap();
        let id = made["connection"].as_str().unwrap().to_owned();
        let cookie = enter(&link).await;
        let mut visitor = Self {
            stack,
            walk,
            id,
            link,
            cookie,
            csrf: String::new(),
        };
        let page = visitor.get("/setup").await;
        assert_eq!(page.status, StatusCode::OK);
        visitor.csrf = field(&page.body, "csrf");
        visitor
    }

    pub(crate) fn at(&self, path: &str) -> Url {
        self.stack.url.join(path).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(Method::GET, self.at(path), &[("cookie", &self.cookie)], "").await
    }

    /// A form of the setup page, with these headers instead of the usual ones.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
        let headers = [&[("cookie", self.cookie.as_str())], headers].concat();
        send(Method::POST, self.at(path), &headers, body).await
    }

    /// The body of the credentials form as our page would send it.
    pub(crate) fn credentials(&self) -> String {
        format!(
            "csrf={}&base_url={}&client_id=an-id&client_secret=a-secret",
            self.csrf,
            self.stack.pim.url()
        )
    }

    pub(crate) async fn operator(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> (Answer, Value) {
        let answer = send(method, self.at(path), headers, body).await;
        let json = serde_json::from_str(&answer.body).unwrap_or_default();
        (answer, json)
    }

    /// What Customer Success sees.
    pub(crate) async fn shown(&self) -> Value {
        self.walk.show(&self.id).await.unwrap()
    }
}

/// Presses Start on a link; the session's cookie.
pub(crate) async fn enter(link: &Url) -> String {
    let answer = send(Method::POST, link.clone(), FORM, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    format!("__Host-setup={}", answer.cookie("__Host-setup").unwrap())
}

/// The value of the first field of this name on a page.
pub(crate) fn field(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!(r#"name="{name}" value=""#)).unwrap();
    rest.split('"').next().unwrap().to_owned()
}
