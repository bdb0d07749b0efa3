//! The outbox: every public entry of the trail reaches every destination at least once, under one id, signed, without a secret;
//! a destination that fails holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use connector::clock::SteppedClock;
use connector::config::Config;
use connector::connection::{
    AuditEvent, ConnectionId, HealthState, Leg, NewInvitation, Terms, invite, record_audit, update_connection,
};
use connector::events::{Delivered, LocalBus, deliver, deliver_due};
use connector::secret::SecretDocument;
use connector::service::Services;
use connector::store::embedded::EmbeddedStore;
use connector::store::{Key, Queue};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::json;

use super::receiver::{Got, Receiver};
use crate::attended::minute;

const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Longer than an event that is being delivered is hidden, and than the first pauses.
const LATER: Duration = Duration::from_secs(300);

/// A service with both further destinations, and one connection.
struct Bench {
    services: Services,
    clock: SteppedClock,
    bus: LocalBus,
    webhook: Receiver,
    slack: Receiver,
    id: ConnectionId,
}

impl Bench {
    async fn new() -> Self {
        let (webhook, slack) = (Receiver::start().await, Receiver::start().await);
        let origin = |receiver: &Receiver| receiver.url.as_str().trim_end_matches('/').to_owned();
        let pairs = [
            ("CONNECTOR_PUBLIC_URL", "https://connect.example.com".to_owned()),
            ("CONNECTOR_STORE", "embedded:unused".to_owned()),
            ("CONNECTOR_WEBHOOK_URL", format!("{}/hooks/connector", origin(&webhook))),
            ("CONNECTOR_WEBHOOK_SECRET", "webhook".to_owned()),
            ("CONNECTOR_SLACK_SECRET", "slack".to_owned()),
            (
                "CONNECTOR_OUTBOUND_PERMIT",
                format!("{},{}", origin(&webhook), origin(&slack)),
            ),
        ];
        let config = Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value))).unwrap();
        let store = Arc::new(EmbeddedStore::in_memory().unwrap());
        let give = async |name: &str, document: String| store.give(name, &SecretDocument::new(document)).await.unwrap();
        give("webhook", json!({ "secret": format!("whsec_{KEY}") }).to_string()).await;
        give(
            "slack",
            json!({ "url": format!("{}/services/T0/B0/channel-canary", origin(&slack)) }).to_string(),
        )
        .await;
        let mut services = Services::with_stores(config, (store.clone(), store)).unwrap();
        let clock = SteppedClock::at("2026-11-24T10:00:00Z".parse::<Timestamp>().unwrap());
        let bus = LocalBus::default();
        services.clock = Arc::new(clock.clone());
        services.bus = Arc::new(bus.clone());
        let new = NewInvitation {
            customer: "Acme <!channel> & Co".to_owned(),
            terms: Terms::default(),
            life: Duration::from_secs(14 * 24 * 3600),
            connection: None,
            by: None,
        };
        let (connection, _) = invite(&services, new).await.unwrap();
        Self {
            services,
            clock,
            bus,
            webhook,
            slack,
            id: connection.id,
        }
    }

    async fn deliver(&self) -> Delivered {
        deliver_due(&self.services, minute()).await.unwrap()
    }

    async fn later(&self) -> Delivered {
        self.clock.advance(LATER);
        self.deliver().await
    }
}

/// The signature as a receiver would check it, written down once more from the specification.
fn verified(got: &Got) -> bool {
    let (id, timestamp) = (got.header("webhook-id"), got.header("webhook-timestamp"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&STANDARD.decode(KEY).unwrap()).unwrap();
    mac.update(format!("{id}.{timestamp}.{}", got.body).as_bytes());
    let signature = got.header("webhook-signature");
    let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
    mac.verify_slice(&signature).is_ok()
}

#[tokio::test]
async fn an_event_reaches_all_three_once_with_everything_that_a_receiver_needs() {
    let bench = Bench::new().await;
    assert_eq!(bench.deliver().await.delivered, 1);
    let [event] = bench.bus.take().try_into().unwrap();
    let [got] = bench.webhook.got().try_into().unwrap();
    assert_eq!(got.json(), serde_json::to_value(&event).unwrap());
    assert!(verified(&got));
    assert_eq!(got.header("webhook-id"), event.id);
    assert_eq!(got.header("webhook-timestamp"), "1795514400");
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.path, "/hooks/connector");
    let expect = json!({
        "id": event.id, "type": "invited", "time": "2026-11-24T10:00:00Z", "connection": bench.id, "customer": "Acme <!channel> & Co",
        "stage": "connect_salesforce", "health": "unknown", "whose_turn": "salesforce_admin", "what": "Connect the Salesforce org.",
        "detail": { "event": "invited" },
    });
    assert_eq!(got.json(), expect);
    let [line] = bench.slack.got().try_into().unwrap();
    let text = line.json()["text"].as_str().unwrap().to_owned();
    assert!(
        text.starts_with("*Acme &lt;!channel&gt; &amp; Co* was invited"),
        "{text}"
    );
    assert!(text.contains("your Salesforce administrator"), "{text}");
    // Nothing is left, and nothing comes twice.
    assert_eq!(bench.later().await, Delivered::default());
    let due = bench
        .services
        .records
        .due(Queue::Events, Timestamp::MAX, 10, None)
        .await;
    assert!(due.unwrap().records.is_empty());
    assert!(bench.webhook.got().is_empty() && bench.bus.take().is_empty());
}

#[tokio::test]
async fn a_destination_that_fails_is_tried_again_and_holds_up_nobody() {
    let bench = Bench::new().await;
    bench.webhook.answers(503, "no");
    assert_eq!(bench.deliver().await.failed, 1);
    let [first] = bench.webhook.got().try_into().unwrap();
    assert_eq!((bench.bus.take().len(), bench.slack.got().len()), (1, 1));
    // Not before its pause is over.
    assert_eq!(bench.deliver().await, Delivered::default());
    assert_eq!(bench.later().await.failed, 1);
    bench.webhook.answers(200, "");
    assert_eq!(bench.later().await.delivered, 1);
    let again = bench.webhook.got();
    assert_eq!(again.len(), 2);
    for got in &again {
        assert_eq!(
            (got.header("webhook-id"), &got.body),
            (first.header("webhook-id"), &first.body)
        );
        assert!(verified(got), "signed anew at each try");
        assert_ne!(got.header("webhook-timestamp"), first.header("webhook-timestamp"));
    }
    assert!(
        bench.bus.take().is_empty() && bench.slack.got().is_empty(),
        "the others have it"
    );
}

#[tokio::test]
async fn a_redirect_is_no_delivery_and_is_not_followed() {
    let bench = Bench::new().await;
    bench.slack.got();
    bench.webhook.answers(307, "");
    assert_eq!(bench.deliver().await.failed, 1);
    assert_eq!(bench.webhook.got().len(), 1);
}

#[tokio::test]
async fn a_destination_that_never_answers_is_given_up_after_three_days() {
    let bench = Bench::new().await;
    bench.webhook.answers(500, "");
    assert_eq!(bench.deliver().await.failed, 1);
    let mut given_up = 0;
    for _ in 0..80 {
        bench.clock.advance(Duration::from_secs(3601));
        given_up += bench.deliver().await.given_up;
    }
    assert_eq!(given_up, 1);
    let tries = bench.webhook.got().len();
    assert!((60..=75).contains(&tries), "{tries}");
}

#[tokio::test]
async fn two_deliverers_at_once_send_once() {
    let bench = Bench::new().await;
    let (one, other) = tokio::join!(bench.deliver(), bench.deliver());
    assert_eq!(one.delivered + other.delivered, 1);
    assert_eq!((bench.webhook.got().len(), bench.bus.take().len()), (1, 1));
}

#[tokio::test]
async fn the_stream_delivers_what_is_due_and_leaves_the_rest() {
    let bench = Bench::new().await;
    let page = bench
        .services
        .records
        .due(Queue::Events, Timestamp::MAX, 10, None)
        .await;
    let [entry] = page.unwrap().records.try_into().unwrap();
    let delivered = deliver(&bench.services, &entry.key, minute()).await.unwrap();
    assert_eq!(delivered.delivered, 1);
    for key in [entry.key, Key::new("connection#x", "audit#nothing")] {
        assert_eq!(
            deliver(&bench.services, &key, minute()).await.unwrap(),
            Delivered::default()
        );
    }
}

#[tokio::test]
async fn a_degradation_is_told_as_it_was_even_if_it_is_over() {
    let bench = Bench::new().await;
    bench.deliver().await;
    assert_eq!(bench.bus.take().len(), 1);
    let changed = |state, from| AuditEvent::HealthChanged {
        state,
        from,
        repeated: false,
    };
    let (off, fine) = (HealthState::CalloutsOff, HealthState::Healthy);
    for what in [changed(off, fine), changed(fine, off), AuditEvent::PimConnected] {
        record_audit(&bench.services, &bench.id, what).await.unwrap();
    }
    update_connection(&bench.services, &bench.id, |connection| connection.health.state = fine)
        .await
        .unwrap();
    assert_eq!(bench.deliver().await.delivered, 2);
    let mut told: Vec<_> = bench
        .bus
        .take()
        .iter()
        .map(|event| (event.kind.name(), event.health))
        .collect();
    told.sort_by_key(|(kind, _)| *kind);
    assert_eq!(told, [("degraded", off), ("recovered", fine)]);
}

#[tokio::test]
async fn what_failed_is_told_with_its_code_and_nothing_else() {
    let bench = Bench::new().await;
    bench.deliver().await;
    bench.webhook.got();
    let failed = AuditEvent::Failed {
        leg: Leg::Akeneo,
        code: "denied".to_owned(),
    };
    record_audit(&bench.services, &bench.id, failed).await.unwrap();
    bench.deliver().await;
    let [got] = bench.webhook.got().try_into().unwrap();
    assert_eq!(
        got.json()["detail"],
        json!({ "event": "failed", "leg": "akeneo", "code": "denied" })
    );
}

#[tokio::test]
async fn without_further_destinations_only_the_bus_hears() {
    let bench = Bench::new().await;
    let mut services = bench.services.clone();
    let mut config = (*services.config).clone();
    (config.webhook, config.slack_secret) = (None, None);
    services.config = Arc::new(config);
    assert_eq!(deliver_due(&services, minute()).await.unwrap().delivered, 1);
    assert_eq!(bench.bus.take().len(), 1);
    assert!(bench.webhook.got().is_empty() && bench.slack.got().is_empty());
}
