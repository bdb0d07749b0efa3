//! One leg by another person in another browser.

use connector_local::browser::Page;
use connector_local::walk::Walk;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::journey::{Journey, says};
use crate::wire;

impl Journey {
    /// Makes a hand-off link for a leg; it is shown once.
    async fn hand_over(&mut self, leg: &str) -> Url {
        let csrf = self.walk.journey().await.unwrap().value("input[name=csrf]").unwrap();
        let page = self
            .walk
            .post(
                "/setup/handoff",
                &[("csrf", csrf), ("leg", leg.to_owned())],
                &self.stack.url,
            )
            .await;
        assert_eq!(page.status, 200);
        let link: Url = page.value("#hand-off-link").unwrap().parse().unwrap();
        assert!(
            !self.walk.journey().await.unwrap().html.contains(link.as_str()),
            "shown once"
        );
        link
    }
}

trait Post {
    async fn post(&mut self, path: &str, fields: &[(&str, String)], service: &Url) -> Page;
}

impl Post for Walk {
    async fn post(&mut self, path: &str, fields: &[(&str, String)], service: &Url) -> Page {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        self.browser
            .step(Method::POST, service.join(path).unwrap(), Some(fields))
            .await
            .unwrap()
            .0
    }
}

#[tokio::test]
async fn a_colleague_connects_the_pim_and_can_do_nothing_else() {
    let mut journey = Journey::begin().await;
    let link = journey.hand_over("akeneo").await;
    let mut colleague = journey.somebody_else();
    let page = colleague.start(&link).await.unwrap();
    says(&page, &["This is the only step that is asked of you."]);
    assert!(page.form_to("/setup/salesforce").is_err() && page.form_to("/setup/handoff").is_err());
    let csrf = page.value("input[name=csrf]").unwrap();
    let before = journey.shown().await;
    for path in [
        "/setup/salesforce",
        "/setup/principal",
        "/setup/check",
        "/setup/legacy",
        "/setup/access",
        "/setup/handoff",
    ] {
        for leg in ["akeneo", "salesforce"] {
            let page = colleague
                .post(
                    path,
                    &[("csrf", csrf.clone()), ("leg", leg.to_owned())],
                    &journey.stack.url,
                )
                .await;
            assert_eq!(page.status, 403, "{path}");
            says(&page, &["Your link opens another step"]);
        }
    }
    assert_eq!(journey.shown().await, before);

    let (client_id, secret) = colleague.create_app(&journey.id).await.unwrap();
    let wizard = colleague
        .enter_akeneo(&journey.pim(), &client_id, &secret)
        .await
        .unwrap();
    let page = colleague.consent(wizard).await.unwrap();
    says(&page, &["Thank you, your step is done"]);
    assert_ne!(journey.shown().await["akeneo"]["proven"], Value::Null);
    assert!(
        journey.text().await.contains("permissions granted"),
        "the one who sent the link sees it"
    );
}

#[tokio::test]
async fn a_colleague_connects_the_org_and_never_sees_the_credentials_form() {
    let mut journey = Journey::begin().await;
    let link = journey.hand_over("salesforce").await;
    let mut colleague = journey.somebody_else();
    let page = colleague.start(&link).await.unwrap();
    let csrf = page.value("input[name=csrf]").unwrap();
    assert!(page.form_to("/setup/akeneo").is_err());
    for path in ["/setup/akeneo", "/setup/akeneo/authorize"] {
        let fields = [
            ("csrf", csrf.clone()),
            ("base_url", journey.pim()),
            ("client_id", "a".into()),
            ("client_secret", "b".into()),
        ];
        let page = colleague.post(path, &fields, &journey.stack.url).await;
        assert_eq!(page.status, 403, "{path}");
    }
    assert_eq!(journey.shown().await["akeneo"]["credentials"], Value::Null);
    colleague.connect_salesforce("production", "Allow").await.unwrap();
    assert_ne!(journey.shown().await["org_id"], Value::Null);
}

#[tokio::test]
async fn a_hand_off_dies_with_the_invitation_it_came_from() {
    let mut journey = Journey::begin().await;
    let link = journey.hand_over("akeneo").await;
    let mut colleague = journey.somebody_else();
    colleague.start(&link).await.unwrap();
    assert_eq!(colleague.journey().await.unwrap().status, 200);
    journey
        .walk
        .invite(&json!({ "customer": "Acme", "connection": journey.id }))
        .await
        .unwrap();
    assert_eq!(wire::get(link.clone()).await.status, 404, "superseded");
    assert_eq!(colleague.journey().await.unwrap().status, 401, "its sessions too");
    assert_eq!(
        journey.walk.journey().await.unwrap().status,
        401,
        "and those of the former link"
    );
}

#[tokio::test]
async fn only_legs_can_be_handed_over() {
    let mut journey = Journey::begin().await;
    let csrf = journey.walk.journey().await.unwrap().value("input[name=csrf]").unwrap();
    for leg in ["", "principal", "AKENEO", "akeneo "] {
        let page = journey
            .walk
            .post(
                "/setup/handoff",
                &[("csrf", csrf.clone()), ("leg", leg.to_owned())],
                &journey.stack.url,
            )
            .await;
        assert_eq!(page.status, 404, "{leg:?}");
    }
}
