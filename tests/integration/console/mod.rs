//! The console of Customer Success: who is let in, what they see, and who is written down for what they did.

mod access;
mod work;

use connector_local::stack::{Options, Stack};
use http::Method;
use identity_simulator::Settings;
use serde_json::{Value, json};

use crate::wire::{Answer, send};

const CASEY: &str = "casey@akeneo.example";

/// A stack with a console, and a customer whose name must not leak.
struct Console {
    stack: Stack,
    id: String,
}

impl Console {
    async fn open() -> Self {
        let options = Options {
            console: true,
            ..Options::default()
        };
        let stack = Stack::start(options).await.unwrap();
        let mut console = Self {
            stack,
            id: String::new(),
        };
        let made = console
            .post("invitations", &json!({"customer": "Secretive Corporation"}))
            .await;
        assert_eq!(made.0.status, 201, "{}", made.0.body);
        console.id = made.1["connection"].as_str().unwrap().to_owned();
        console
    }

    /// The token that Casey gets from a provider with these knobs.
    fn token(&self, settings: Settings) -> String {
        let control = self.stack.identity.as_ref().unwrap().control();
        let before = control.settings();
        control.set(settings);
        let token = control.id_token(CASEY).unwrap();
        control.set(before);
        token
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        send(method, self.stack.url.join(path).unwrap(), headers, body).await
    }

    /// A call as the console's script makes it.
    async fn ask(&self, method: Method, path: &str, body: &str) -> (Answer, Value) {
        let bearer = format!("Bearer {}", self.token(Settings::default()));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = self.call(method, &format!("/console/api/{path}"), &headers, body).await;
        let said = serde_json::from_str(&answer.body).unwrap_or_default();
        (answer, said)
    }

    async fn get(&self, path: &str) -> (Answer, Value) {
        self.ask(Method::GET, path, "").await
    }

    async fn post(&self, path: &str, body: &Value) -> (Answer, Value) {
        self.ask(Method::POST, path, &body.to_string()).await
    }
}
