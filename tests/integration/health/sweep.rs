//! The sweep: one at a time, who is paused is left alone, and each connection has its own rhythm.

use std::time::Duration;

use connector::connection::{ConnectionId, due, load_connection, update_connection};
use connector::health::{SweepTurn, sweep_status};
use connector::store::Queue;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::json;

use crate::attended::Attended;

#[tokio::test]
async fn two_sweeps_are_never_under_way_at_once() {
    let attended = Attended::connected().await;
    let services = &attended.stack.services;
    attended.clock.advance(crate::attended::LONG);
    let turn = SweepTurn::take(services, Duration::from_secs(280))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(attended.sweep().await, health_check::Sweep::default());
    turn.end(services, health_check::Sweep::default()).await;
    assert_eq!(attended.sweep().await.checked, 1);
    let status = sweep_status(services).await.unwrap().unwrap();
    assert_eq!((status.did.checked, status.runs_until), (1, None));
    // One that was cut off ends by itself.
    SweepTurn::take(services, Duration::from_secs(280))
        .await
        .unwrap()
        .unwrap();
    attended.clock.advance(crate::attended::LONG);
    assert_eq!(attended.sweep().await.checked, 1);
}

#[tokio::test]
async fn a_paused_connection_is_left_alone() {
    let attended = Attended::connected().await;
    let (services, id) = (&attended.stack.services, ConnectionId::parse(&attended.id).unwrap());
    let now = services.clock.now();
    update_connection(services, &id, |connection| connection.paused_at = Some(now))
        .await
        .unwrap();
    let asked = attended.org().requests().len();
    attended.sweep_later().await;
    assert_eq!(attended.org().requests().len(), asked);
    assert_eq!(due(services, &id).await.unwrap().unwrap().queue, Queue::Idle);
}

#[tokio::test]
async fn a_connection_may_have_a_rhythm_of_its_own() {
    let attended = Attended::connected().await;
    let (services, id) = (&attended.stack.services, ConnectionId::parse(&attended.id).unwrap());
    update_connection(services, &id, |connection| {
        connection.terms.health_period_seconds = Some(4 * 3600);
    })
    .await
    .unwrap();
    attended.sweep_later().await;
    let next = due(services, &id).await.unwrap().unwrap().at;
    let wait = next.as_second() - services.clock.now().as_second();
    assert!((1440..=15_840).contains(&wait), "{wait} seconds");
    let health = load_connection(services, &id).await.unwrap().unwrap().health;
    assert!(health.checked_at.is_some());
}

#[tokio::test]
async fn the_handler_delivers_what_the_stream_tells_and_sweeps_for_the_schedule() {
    let attended = Attended::connected().await;
    let services = &attended.stack.services;
    let page = services
        .records
        .due(Queue::Events, services.clock.now(), 10, None)
        .await;
    let entry = page.unwrap().records.remove(0);
    let record = json!({ "eventName": "INSERT", "dynamodb": { "SequenceNumber": "1",
        "Keys": { "pk": { "S": entry.key.pk }, "sk": { "S": entry.key.sk } } } });
    let call = async |payload| health_check::handle(services, LambdaEvent::new(payload, Context::default())).await;
    let answer = call(json!({ "Records": [record] })).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(attended.stack.events.take().len(), 1);
    attended.clock.advance(crate::attended::LONG);
    assert_eq!(call(json!({ "source": "aws.scheduler" })).await.unwrap()["checked"], 1);
    assert_eq!(
        attended.stack.events.take().len(),
        2,
        "what the stream did not bring, the schedule does"
    );
    assert_eq!(call(json!({ "connection": attended.id })).await.unwrap()["checked"], 1);
}

#[tokio::test]
async fn a_sweep_does_not_wait_for_a_host_in_trouble() {
    let attended = Attended::connected().await;
    let (pim, org) = (attended.pim(), attended.org());
    // It asks for a pause of 15 seconds.
    pim.add_fault(akeneo_simulator::Fault {
        status: Some(429),
        ..akeneo_simulator::Fault::new(akeneo_simulator::FaultKind::Status, "/api/")
    });
    pim.clear_requests();
    assert_eq!(attended.sweep_later().await.checked, 1);
    assert_eq!(pim.requests().len(), 1, "it wants fewer calls, not the same again");
    let silent = salesforce_simulator::Fault {
        delay_ms: Some(600_000),
        count: 1000,
        ..salesforce_simulator::Fault::new(salesforce_simulator::FaultKind::Delay, "/services/data")
    };
    org.add_fault(silent);
    org.clear_requests();
    assert_eq!(attended.sweep_later().await.checked, 1);
    assert_eq!(org.requests().len(), 1, "the next look is the repetition");
}
