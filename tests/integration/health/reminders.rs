//! Reminders: who has been waited for too long, and what ends soon; each told once.

use std::time::Duration;

use connector::events::Kind;
use salesforce_simulator::Preset;
use serde_json::json;

use super::{heard, heard_kinds};
use crate::attended::Attended;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn a_person_who_is_waited_for_is_told_of_once_for_each_stage() {
    let mut attended = Attended::begin(Preset::Ready).await;
    heard(&attended).await;
    attended.clock.advance(2 * DAY);
    assert_eq!(attended.sweep().await.reminded, 0);
    attended.clock.advance(2 * DAY);
    assert_eq!(attended.sweep().await.reminded, 1);
    let [event] = heard(&attended).await.try_into().unwrap();
    assert_eq!(
        (event.kind, json!(event.stage)),
        (Kind::Stuck, json!("connect_salesforce"))
    );
    assert_eq!(json!(event.whose_turn), "salesforce_admin");
    attended.clock.advance(2 * DAY);
    assert_eq!((attended.sweep().await.reminded, heard(&attended).await.len()), (0, 0));
    attended.walk.start(&attended.link.clone()).await.unwrap();
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.clock.advance(4 * DAY);
    attended.sweep().await;
    let [event] = heard(&attended).await.try_into().unwrap();
    assert_eq!((event.kind, json!(event.stage)), (Kind::Stuck, json!("enter_akeneo")));
}

#[tokio::test]
async fn a_link_that_ends_tomorrow_is_told_once() {
    let terms = json!({ "customer": "Acme", "expires_in_days": 3 });
    let attended = Attended::invited(Preset::Ready, &terms).await;
    heard(&attended).await;
    attended.clock.advance(2 * DAY + Duration::from_secs(60));
    assert_eq!(attended.sweep().await.reminded, 1);
    let [event] = heard(&attended).await.try_into().unwrap();
    assert_eq!(
        (event.kind, &json!(event.detail)["what"]),
        (Kind::Expiring, &json!("invitation"))
    );
    assert_eq!(attended.sweep().await.reminded, 0);
}

#[tokio::test]
async fn a_grant_is_used_each_week_even_if_its_session_never_ends() {
    let attended = Attended::connected().await;
    let renewals = |attended: &Attended| {
        let requests = attended.org().requests();
        requests
            .iter()
            .filter(|entry| entry.path.ends_with("/oauth2/token"))
            .count()
    };
    let before = renewals(&attended);
    attended.sweep_later().await;
    assert_eq!(renewals(&attended), before, "the session is used as long as it may be");
    attended.clock.advance(8 * DAY);
    attended.sweep().await;
    assert_eq!(renewals(&attended), before + 1);
    attended.sweep_later().await;
    assert_eq!(renewals(&attended), before + 1);
    assert!(!heard_kinds(&attended).await.contains(&Kind::Expiring));
}

#[tokio::test]
async fn a_grant_that_nobody_uses_is_told_before_it_ends() {
    let attended = Attended::connected().await;
    let id = connector::connection::ConnectionId::parse(&attended.id).unwrap();
    let now = attended.stack.services.clock.now();
    connector::connection::update_and_queue(
        &attended.stack.services,
        &id,
        |connection| connection.paused_at = Some(now),
        |_, _| connector::store::Due {
            queue: connector::store::Queue::Idle,
            at: now,
        },
    )
    .await
    .unwrap();
    heard(&attended).await;
    attended.clock.advance(19 * DAY);
    assert_eq!(attended.sweep().await.reminded, 0);
    attended.clock.advance(2 * DAY);
    assert_eq!(attended.sweep().await.reminded, 1);
    let [event] = heard(&attended).await.try_into().unwrap();
    assert_eq!(
        (event.kind, &json!(event.detail)["what"]),
        (Kind::Expiring, &json!("grant"))
    );
    assert_eq!(attended.sweep().await.reminded, 0);
}
