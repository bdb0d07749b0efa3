//! One correlation id: what a customer or an operator reads leads to every log line, to the entry of the trail and to the event.

use std::collections::BTreeSet;
use std::sync::Arc;

use connector::config::Webhook;
use connector::events::deliver_due;
use connector::secret::SecretDocument;
use connector::service::Services;
use connector::store::embedded::EmbeddedStore;
use http::Method;
use salesforce_simulator::{Action, FaultKind};
use serde_json::{Value, json};

use crate::attended::{Attended, minute, org_fault};
use crate::health::receiver::Receiver;
use crate::listening::{self, lines_with};
use crate::wire::{get, send};

/// The reference that a page shows.
fn reference(page: &str) -> String {
    let (_, after) = page
        .split_once("Reference: ")
        .unwrap_or_else(|| panic!("no reference: {page}"));
    let id: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(id.len(), 16, "{page}");
    id
}

/// The names of log lines; each has the id as its `trace`.
fn names(lines: &[Value], id: &str) -> BTreeSet<String> {
    for line in lines {
        assert_eq!(line["trace"], id, "the id stands where one looks for it: {line}");
    }
    let names = lines.iter().filter_map(|line| line["name"].as_str());
    names.map(str::to_owned).collect()
}

/// The id of an entry of the trail.
fn entry<'a>(shown: &'a Value, event: &str) -> &'a Value {
    let trail = shown["timeline"].as_array().unwrap();
    let found = trail.iter().find(|entry| entry["event"] == event);
    &found.unwrap_or_else(|| panic!("no {event}: {shown}"))["trace"]
}

/// A connection that worked, in an org where somebody changed the address and which lets us write nothing.
async fn broken() -> Attended {
    let attended = Attended::connected().await;
    attended.set(&json!({ "writes": {
        "tooling_named_credential": "reject", "connect_named_credential": "reject", "deploy_named_credential": "reject",
    } }));
    attended.act(&Action::EditUrl {
        url: "https://elsewhere.example.com".to_owned(),
    });
    attended
}

/// The stack's services with a webhook of their own, which is not configured where pages are made.
async fn with_webhook(attended: &Attended, receiver: &Receiver) -> Services {
    let mut services = attended.stack.services.clone();
    let store = EmbeddedStore::in_memory().unwrap();
    let document = SecretDocument::new(r#"{"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}"#);
    store.give("webhook", &document).await.unwrap();
    let mut config = (*services.config).clone();
    config.webhook = Some(Webhook {
        url: receiver.url.clone(),
        secret: "webhook".to_owned(),
    });
    (services.secrets, services.config) = (Arc::new(store), Arc::new(config));
    services
}

#[tokio::test]
async fn what_a_customer_reads_on_the_page_of_a_failed_wiring_leads_to_everything() {
    listening::begin();
    let receiver = Receiver::start().await;
    let origin = receiver.url.origin().ascii_serialization();
    let mut attended = Attended::permitted(
        salesforce_simulator::Preset::Ready,
        &json!({ "customer": "Acme Corporation" }),
        vec![origin],
    )
    .await;
    attended.connect_both().await;
    attended.finish().await;
    let outbox = with_webhook(&attended, &receiver).await;
    deliver_due(&outbox, minute()).await.unwrap();
    receiver.got();
    attended.set(&json!({ "writes": {
        "tooling_named_credential": "reject", "connect_named_credential": "reject", "deploy_named_credential": "reject",
    } }));
    attended.act(&Action::EditUrl {
        url: "https://elsewhere.example.com".to_owned(),
    });
    // A first look is not believed yet; the customer asks once more.
    for _ in 0..2 {
        attended.check_again().await;
        assert_eq!(attended.wire().await, 1);
    }
    let page = attended.page().await;
    let id = reference(&page);
    assert_eq!(deliver_due(&outbox, minute()).await.unwrap().failed, 0);

    let lines = lines_with(&id);
    let found = names(&lines, &id);
    for name in [
        "request",
        "outbound.call",
        "wiring.refused",
        "wiring.run",
        "events.sent",
    ] {
        assert!(found.contains(name), "{name}: {found:?}");
    }
    let named = |name: &'static str| lines.iter().filter(move |line| line["name"] == name);
    let asked: Vec<_> = named("request").collect();
    assert_eq!(asked.len(), 1, "one request is behind it: {asked:?}");
    assert_eq!(
        (&asked[0]["method"], &asked[0]["route"], &asked[0]["status"]),
        (&json!("POST"), &json!("/setup/check"), &json!(303))
    );
    let hosts: BTreeSet<_> = named("outbound.call")
        .map(|line| line["span"]["host"].to_string())
        .collect();
    assert!(
        hosts.len() == 1 && named("outbound.call").count() > 10,
        "calls to org, PIM and webhook: {hosts:?}"
    );
    let told: BTreeSet<_> = named("events.sent")
        .map(|line| line["destination"].as_str().unwrap())
        .collect();
    assert_eq!(told, BTreeSet::from(["bus", "webhook"]));

    let shown = attended.show().await;
    assert_eq!(entry(&shown, "health_changed"), &json!(id));
    assert_eq!(
        (&shown["wiring"]["run_under"], &shown["wiring"]["asked_under"]),
        (&json!(id), &Value::Null)
    );
    let got: Vec<_> = receiver.got().iter().map(|got| got.json()).collect();
    let event = got.iter().find(|event| event["type"] == "degraded").unwrap();
    assert_eq!(event["trace"], json!(id));
}

#[tokio::test]
async fn a_run_that_is_tried_again_goes_on_under_the_id_of_the_request() {
    let mut attended = Attended::connected().await;
    attended
        .org()
        .add_fault(org_fault(FaultKind::ResetBefore, None, "/services/", 10_000));
    attended.check_again().await;
    attended.wire().await;
    let waits = attended.show().await["wiring"].clone();
    assert_eq!(waits["waiting"], "org");
    assert_eq!(waits["asked_under"], waits["run_under"]);
    assert_eq!(reference(&attended.page().await), waits["run_under"]);
    attended.org().clear_faults();
    assert_eq!(attended.wire_later().await, 1);
    let done = attended.show().await["wiring"].clone();
    assert_eq!(
        (&done["run_under"], &done["asked_under"]),
        (&waits["run_under"], &Value::Null)
    );
    assert!(
        !attended.page().await.contains("Reference: "),
        "nothing is wrong any more"
    );
}

#[tokio::test]
async fn every_scheduled_look_has_an_id_of_its_own() {
    let mut attended = broken().await;
    let mut ids = BTreeSet::new();
    for _ in 0..3 {
        attended.sweep_later().await;
        ids.insert(attended.show().await["wiring"]["run_under"].to_string());
    }
    assert_eq!(ids.len(), 3, "{ids:?}");
    let id = reference(&attended.page().await);
    assert!(ids.contains(&json!(id).to_string()), "the page shows the latest look's");
}

#[tokio::test]
async fn what_failed_in_a_callback_is_shown_with_the_id_of_that_request() {
    listening::begin();
    let mut attended = Attended::begin(salesforce_simulator::Preset::Ready).await;
    attended.walk.connect_salesforce("production", "Deny").await.unwrap();
    let id = reference(&attended.page().await);
    let lines = lines_with(&id);
    names(&lines, &id);
    assert!(
        lines.iter().any(|line| line["route"] == "/salesforce/callback"),
        "{lines:?}"
    );
    assert_eq!(entry(&attended.show().await, "failed"), &json!(id));
}

#[tokio::test]
async fn pages_of_trouble_and_problems_of_the_api_name_their_request() {
    listening::begin();
    let attended = Attended::begin(salesforce_simulator::Preset::Ready).await;
    let at = |path: &str| attended.stack.url.join(path).unwrap();
    // Whatever a stranger sends is not taken for the id.
    let theirs = [
        ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("connector-trace", "0123456789abcdef"),
    ];
    let page = send(Method::GET, at("/setup/no-such-invitation"), &theirs, "").await;
    let text = page.body.replace("<code>", "");
    let id = reference(&text);
    let found = names(&lines_with(&id), &id);
    assert_eq!(found, BTreeSet::from(["problem".to_owned(), "request".to_owned()]));

    let refused = send(Method::GET, at("/operator/connections/x"), &theirs, "").await;
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    let id = problem["reference"].as_str().unwrap();
    assert_eq!((refused.header("connector-trace"), id.len()), (id, 16));
    let lines = lines_with(id);
    let found = names(&lines, id);
    assert_eq!(
        found,
        BTreeSet::from(["operator.refusal".to_owned(), "request".to_owned()])
    );
    assert!(
        lines.iter().any(|line| line["route"] == "/operator/connections/*"),
        "{lines:?}"
    );
    let (one, other) = (get(at("/operator/sweep")).await, get(at("/operator/sweep")).await);
    assert_ne!(one.header("connector-trace"), other.header("connector-trace"));
    for value in ["5759e988", "0af7651916cd43dd", "0123456789abcdef"] {
        assert!(!page.body.contains(value) && !refused.body.contains(value), "{value}");
    }
}
