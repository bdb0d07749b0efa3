//! The end of a connection: taken apart with a certificate, or our access given back once everything is verified.

mod blank;
mod crash;
mod retention;

use connector::store::{SecretName, Side, Stage};
use http::Method;
use serde_json::{Value, json};

use crate::attended::Attended;
use crate::wire::send;

impl Attended {
    /// A request to the operator's API.
    pub(crate) async fn operate(&self, method: Method, act: &str, body: &Value) -> (u16, Value) {
        let path = format!("/operator/connections/{}/{act}", self.id);
        let headers = [("content-type", "application/json")];
        let answer = send(method, self.stack.url.join(&path).unwrap(), &headers, body.to_string()).await;
        (
            answer.status.as_u16(),
            serde_json::from_str(&answer.body).unwrap_or_default(),
        )
    }

    pub(crate) async fn offboard(&self, body: &Value) -> Value {
        let (status, answer) = self.operate(Method::POST, "offboard", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn certificate(&self) -> Value {
        let (status, answer) = self.operate(Method::GET, "certificate", &Value::Null).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Whether a side's secret exists, in whatever version.
    async fn has_secret(&self, side: Side) -> bool {
        let name = SecretName::Connection {
            connection: self.id.clone(),
            side,
        };
        let secrets = &self.stack.services.secrets;
        let current = secrets.read(&name, Stage::Current).await.unwrap();
        current.is_some() || secrets.read(&name, Stage::Pending).await.unwrap().is_some()
    }

    /// The org's refresh tokens that still work.
    fn live_grants(&self) -> usize {
        let families = self.org().state()["oauth"]["refresh_families"].clone();
        let families = families.as_array().unwrap();
        families.iter().filter(|family| family["revoked"] == false).count()
    }

    /// How often an event is in the trail.
    async fn told(&self, event: &str) -> usize {
        let shown = self.show().await;
        let trail = shown["timeline"].as_array().unwrap();
        trail.iter().filter(|entry| entry["event"] == event).count()
    }

    /// Proves that nothing that we wrote is in the org, and no secret with us.
    pub(crate) async fn must_be_gone(&self) {
        let (named, provider, state) = (self.named_credential(), self.provider(), self.org().state());
        assert_eq!(
            (&named["url"], &named["callout_status"]),
            (&json!("https://example.com"), &json!("Disabled"))
        );
        assert_eq!(
            provider["authorize_url"],
            "https://example.com/connect/apps/v1/authorize"
        );
        assert_eq!(
            provider["token_url"],
            "https://example.com/connect/apps/v1/oauth2/token"
        );
        assert_eq!(provider["credentials"]["client_id"], "SET_DURING_AKENEO_SETUP");
        for name in ["code_identifier", "code_challenge"] {
            let rows = provider["parameters"].as_array().unwrap();
            let mut rows = rows.iter().filter(|row| row["name"] == name);
            assert_eq!(rows.next().unwrap()["value"], "SET_DURING_AKENEO_SETUP", "{name}");
            assert_eq!(rows.next(), None, "{name}");
        }
        let sets = state["permission_sets"].as_array().unwrap();
        assert!(
            sets.iter().all(|set| set["name"] != "Akeneo_Onboarding_Access"),
            "{sets:?}"
        );
        assert_eq!(self.live_grants(), 0);
        assert!(!self.has_secret(Side::Salesforce).await && !self.has_secret(Side::Akeneo).await);
    }
}

/// What a certificate says of a thing: none if it is gone.
fn left<'a>(certificate: &'a Value, thing: &str) -> &'a Value {
    let items = certificate["items"].as_array().unwrap();
    let mut items = items.iter().filter(|item| item["thing"] == thing);
    let found = items.next().unwrap_or_else(|| panic!("{thing}: {certificate}"));
    assert_eq!(items.next(), None, "{thing}");
    &found["left"]
}

const THINGS: [&str; 9] = [
    "links",
    "callouts",
    "named_credential",
    "provider",
    "provider_credentials",
    "permission_set",
    "grant",
    "salesforce_secret",
    "akeneo_secret",
];
