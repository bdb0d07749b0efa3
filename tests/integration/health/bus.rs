//! The bus on AWS: one entry for each event, and an entry that EventBridge refuses is no delivery.

use connector::events::{Bus, Event};
use connector::store::aws::bus_with_config;
use connector_tests::moto::{self, Moto};
use serde_json::{Value, json};

use super::receiver::Receiver;

fn event() -> Event {
    serde_json::from_value(json!({
        "id": "evt_1", "type": "degraded", "time": "2026-11-24T10:00:00Z", "connection": "0123456789abcdef0123", "customer": "Acme",
        "stage": "degraded", "health": "callouts_off", "whose_turn": "service", "what": "Nothing.", "detail": { "event": "opened" },
    }))
    .unwrap()
}

#[tokio::test]
async fn the_server_takes_it() {
    let config = moto::config(Moto::shared().unwrap().endpoint()).await;
    bus_with_config(&config, "default").put(&event()).await.unwrap();
}

#[tokio::test]
async fn it_is_one_entry_whose_detail_is_the_event() {
    let aws = Receiver::start().await;
    aws.answers(200, r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    let bus = bus_with_config(&moto::config(aws.url.as_str()).await, "operations");
    bus.put(&event()).await.unwrap();
    let [got] = aws.got().try_into().unwrap();
    assert_eq!(got.header("x-amz-target"), "AWSEvents.PutEvents");
    let [entry] = <[Value; 1]>::try_from(got.json()["Entries"].as_array().unwrap().clone()).unwrap();
    let named = ["EventBusName", "Source", "DetailType"].map(|name| entry[name].as_str().unwrap());
    assert_eq!(named, ["operations", "connector-setup", "degraded"]);
    let detail: Event = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail, event());
    aws.answers(
        200,
        r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure"}]}"#,
    );
    assert!(bus.put(&event()).await.is_err());
}
