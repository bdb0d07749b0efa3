//! Reminders: who has been waited for too long, and what ends soon; each told once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use connector::clock::Timestamp;
use connector::connection::{ConnectionId, load_connection, remind};
use connector::events::Kind;
use connector::store::{Claim, Expect, Key, Page, Queue, Record, Records, StoreError};
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

/// A table in whose writes the process dies: at the one with this number, before it is done or right after.
#[derive(Debug)]
struct Dying {
    inner: Arc<dyn Records>,
    puts: AtomicUsize,
    at: usize,
    done: bool,
}

#[async_trait]
impl Records for Dying {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.inner.get(key).await
    }

    async fn put(&self, record: &Record, expect: Expect) -> Result<u64, StoreError> {
        let number = self.puts.fetch_add(1, Ordering::SeqCst);
        let died = || StoreError::Unavailable("the process died".into());
        if number > self.at || (number == self.at && !self.done) {
            return Err(died());
        }
        let version = self.inner.put(record, expect).await?;
        if number == self.at { Err(died()) } else { Ok(version) }
    }

    async fn claim(&self, key: &Key, now: Timestamp) -> Result<Claim, StoreError> {
        self.inner.claim(key, now).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.inner.delete(key).await
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        newest: bool,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page, StoreError> {
        self.inner.list(pk, prefix, newest, limit, after).await
    }

    async fn due(&self, queue: Queue, until: Timestamp, limit: u32, after: Option<&str>) -> Result<Page, StoreError> {
        self.inner.due(queue, until, limit, after).await
    }
}

#[tokio::test]
async fn a_reminder_survives_a_crash_after_any_of_its_writes_and_is_told_once() {
    // What is being told is noted, the entry is written, the note is taken away.
    const WRITES: usize = 3;
    for (at, done) in (0..WRITES).flat_map(|at| [(at, false), (at, true)]) {
        let attended = Attended::begin(Preset::Ready).await;
        heard(&attended).await;
        attended.clock.advance(4 * DAY);
        let id = ConnectionId::parse(&attended.id).unwrap();
        let mut dying = attended.stack.services.clone();
        dying.records = Arc::new(Dying {
            inner: attended.stack.services.records.clone(),
            puts: AtomicUsize::new(0),
            at,
            done,
        });
        remind(&dying, &id).await.unwrap_err();
        // It is due again, without anybody's doing.
        attended.clock.advance(Duration::from_secs(600));
        attended.sweep().await;
        let events = heard(&attended).await;
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [Kind::Stuck], "died at {at}, done: {done}");
        assert_eq!((attended.sweep().await.reminded, heard(&attended).await.len()), (0, 0));
        let found = load_connection(&attended.stack.services, &id).await.unwrap().unwrap();
        assert!(found.standing.telling.is_empty() && found.standing.stuck_told);
    }
}
