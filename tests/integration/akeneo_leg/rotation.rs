//! A secret that is replaced while the connection works: rotation is the same way as set-up (design section 6, "Stores").

use salesforce_simulator::Action;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::journey::{Journey, says};

impl Journey {
    /// The org's provider, as the org itself holds it.
    fn provider(&self) -> Value {
        self.stack.org.control().state()["external_auth_identity_providers"][0].clone()
    }

    /// The value of one of the provider's request parameters.
    fn parameter(&self, name: &str) -> String {
        let provider = self.provider();
        let rows = provider["parameters"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name);
        row.and_then(|row| row["value"].as_str()).unwrap_or_default().to_owned()
    }

    fn challenge_proves(&self, secret: &str) -> bool {
        let digest = Sha256::digest(format!("{}{secret}", self.parameter("code_identifier")));
        self.parameter("code_challenge") == hex::encode(digest)
    }

    fn org_has_secret(&self, secret: &str) -> bool {
        self.provider()["credentials"]["client_secret_sha256"] == hex::encode(Sha256::digest(secret))
    }
}

#[tokio::test]
async fn a_new_secret_is_proven_and_brought_to_the_org_without_a_screen() {
    let mut journey = Journey::begin().await;
    let (client_id, former) = journey.connect().await;
    assert!(journey.challenge_proves(&former) && journey.org_has_secret(&former));
    let (tokens, consents) = (journey.tokens(), journey.stack.pim.control().state().consents);
    assert_eq!(tokens.len(), 1, "the service's token and Salesforce's are one");
    let generation = journey.shown().await["akeneo"]["proven"]["credentials"]["generation"].clone();

    let secret = journey.stack.pim.control().regenerate_secret(&client_id).unwrap();
    let pim = journey.pim();
    let page = journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    assert_eq!(page.url.path(), "/setup", "Akeneo asks nothing: {}", page.text());
    journey.walk.wait_for(&journey.id, &["connected"]).await.unwrap();
    let shown = journey.shown().await;
    assert_ne!(shown["akeneo"]["proven"]["credentials"]["generation"], generation);
    assert_eq!(shown["wiring"]["findings"], serde_json::json!([]));
    assert!(
        journey.challenge_proves(&secret) && journey.org_has_secret(&secret),
        "the org was patched again"
    );
    assert_eq!(journey.tokens(), tokens, "the token is the same");
    assert_eq!(
        journey.stack.pim.control().state().consents,
        consents,
        "nobody was asked"
    );
}

#[tokio::test]
async fn a_secret_that_is_not_accepted_does_not_replace_the_one_that_works() {
    let mut journey = Journey::begin().await;
    let (client_id, secret) = journey.connect().await;
    let pim = journey.pim();
    let page = journey
        .walk
        .enter_akeneo(&pim, &client_id, "a-wrong-secret")
        .await
        .unwrap();
    says(&page, &["Akeneo did not accept the Client ID or the Client Secret."]);
    assert!(journey.challenge_proves(&secret) && journey.org_has_secret(&secret));

    // The org loses its settings: they come back from the credentials that work.
    let broken = Action::SetParameter {
        name: "code_challenge".to_owned(),
        value: "broken".to_owned(),
    };
    journey.stack.org.control().act(&broken).unwrap();
    assert!(!journey.challenge_proves(&secret));
    journey.ask_for_a_look().await;
    assert!(journey.challenge_proves(&secret) && journey.org_has_secret(&secret));

    let page = journey.walk.enter_akeneo(&pim, &client_id, &secret).await.unwrap();
    assert_eq!(page.url.path(), "/setup");
    journey.walk.wait_for(&journey.id, &["connected"]).await.unwrap();
}

impl Journey {
    /// "Check again", and waits until somebody looked.
    async fn ask_for_a_look(&mut self) {
        let before = self.shown().await["wiring"]["looked_at"].clone();
        let csrf = self.walk.journey().await.unwrap().value("input[name=csrf]").unwrap();
        let fields = vec![("csrf".to_owned(), csrf)];
        self.walk
            .browser
            .step(http::Method::POST, self.at("/setup/check"), Some(fields))
            .await
            .unwrap();
        for _ in 0..300 {
            let wiring = self.shown().await["wiring"].clone();
            if wiring["looked_at"] != before && wiring["requested_at"] == Value::Null {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("nobody looked");
    }
}
