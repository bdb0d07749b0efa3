//! The outbox: takes events from the queue and brings each to every destination, one failing destination not disturbing the others.
//!
//! Whoever delivers an event first moves its due time a little into the future by one conditional write, so that two
//! deliverers do not send the same. A crash in between means that it is sent again, under the same id.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::Instrument as _;

use super::{Event, Kind, slack, webhook};
use crate::clock::{Deadline, Timestamp, plus};
use crate::connection::{AuditEntry, ConnectionId, LedgerError, load_connection};
use crate::outbound::{Call, CallError};
use crate::secret::{SecretDocument, Sensitive};
use crate::service::Services;
use crate::store::{Due, Expect, Key, Queue, Record, SecretName, Stage, StoreError};
use crate::telemetry::{Metric, causes, count};

/// How long an event that is being delivered is hidden from others.
const HIDDEN: Duration = Duration::from_secs(60);
/// For one destination.
const EACH: Duration = Duration::from_secs(10);
/// What is left of an invocation when no other event is begun.
const SPARE: Duration = Duration::from_secs(15);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// After this a destination is given up.
const PATIENCE: Duration = Duration::from_secs(3 * 24 * 3600);
/// How many events are read at a time.
const BATCH: u32 = 50;

/// Where events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The event bus; always.
    Bus,
    /// The signed webhook, if one is configured.
    Webhook,
    /// The Slack channel, if one is configured.
    Slack,
}

impl Destination {
    /// Stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bus => "bus",
            Self::Webhook => "webhook",
            Self::Slack => "slack",
        }
    }
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// Events that every destination has.
    pub delivered: usize,
    /// Events that some destination did not take; they are tried again.
    pub failed: usize,
    /// Destinations that were given up for an event.
    pub given_up: usize,
}

/// Why a destination did not take an event. Names no address and shows no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeliveryError {
    #[error("the event cannot be written as a request")]
    Unsendable,
    #[error("the destination's secret is missing or has another shape")]
    Secret,
    #[error("the destination answered {0}")]
    Refused(u16),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Bus(#[from] super::BusError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the outbox notes beside the entry of the trail.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    /// As it was made for the first try.
    event: Event,
    /// Who does not have it yet.
    left: BTreeSet<Destination>,
    tries: u32,
}

/// Delivers what is due, until the deadline.
///
/// # Errors
/// [`StoreError`] when the queue cannot be read.
pub async fn deliver_due(services: &Services, deadline: Deadline) -> Result<Delivered, StoreError> {
    let mut all = Delivered::default();
    let mut after = None;
    loop {
        let now = services.clock.now();
        let page = services
            .records
            .due(Queue::Events, now, BATCH, after.as_deref())
            .await?;
        for record in page.records {
            if deadline.remaining() < SPARE {
                return Ok(all);
            }
            // One event that cannot be read or written must not hold up the others.
            if let Err(error) = one(services, record, deadline, &mut all).await {
                tracing::error!(name: "events.failed", error = causes(&error));
                all.failed += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// Delivers one event, if it is due.
///
/// # Errors
/// [`StoreError`].
pub async fn deliver(services: &Services, key: &Key, deadline: Deadline) -> Result<Delivered, StoreError> {
    let mut all = Delivered::default();
    let soon = plus(services.clock.now(), Duration::from_millis(500));
    let is_due = |due: Due| due.queue == Queue::Events && due.at <= soon;
    if let Some(record) = services.records.get(key).await?
        && record.due.is_some_and(is_due)
    {
        one(services, record, deadline, &mut all).await?;
    }
    Ok(all)
}

/// Delivers one event under the id of the work that it happened in.
async fn one(services: &Services, record: Record, deadline: Deadline, all: &mut Delivered) -> Result<(), StoreError> {
    let entry: AuditEntry = record.parse()?;
    let services = services.carrying(entry.trace.clone());
    let delivery = bring(&services, record, &entry, deadline, all);
    delivery.instrument(services.span()).await
}

async fn bring(
    services: &Services,
    mut record: Record,
    entry: &AuditEntry,
    deadline: Deadline,
    all: &mut Delivered,
) -> Result<(), StoreError> {
    let now = services.clock.now();
    let progress = match progress(services, &record, entry).await? {
        Some(progress) => progress,
        // The connection is gone, or the entry is not public after all.
        None => return settle(services, &mut record, None).await.map(drop),
    };
    record.due = Some(hidden(now));
    if !settle(services, &mut record, Some(&progress)).await? {
        return Ok(());
    }
    let mut after = send(services, progress, deadline).await;
    after.tries += 1;
    let late = now >= plus(entry.at, PATIENCE);
    if late && !after.left.is_empty() {
        for destination in std::mem::take(&mut after.left) {
            all.given_up += 1;
            tracing::error!(name: "events.given_up", event = %after.event.id, destination = destination.name());
            count(services, Metric::EventGivenUp(destination));
        }
    }
    if after.left.is_empty() {
        all.delivered += 1;
        record.due = None;
    } else {
        all.failed += 1;
        record.due = Some(later(now, after.tries));
    }
    settle(services, &mut record, Some(&after)).await.map(drop)
}

/// Where the delivery of an entry stands. `None` if there is nothing to deliver.
async fn progress(services: &Services, record: &Record, entry: &AuditEntry) -> Result<Option<Progress>, StoreError> {
    let wanted = wanted(services);
    if let Some(mut begun) = record
        .body
        .get("outbox")
        .and_then(|noted| Progress::deserialize(noted).ok())
    {
        // A destination that is configured no longer is not waited for.
        begun.left.retain(|destination| wanted.contains(destination));
        return Ok(Some(begun));
    }
    if Kind::of(&entry.what).is_none() {
        return Ok(None);
    }
    let Some(id) = record.key.pk.strip_prefix("connection#").and_then(ConnectionId::parse) else {
        return Ok(None);
    };
    let connection = load_connection(services, &id).await.map_err(|error| match error {
        LedgerError::Store(error) => error,
        LedgerError::Contended => StoreError::Conflict,
    })?;
    let event = connection.and_then(|connection| Event::of(&record.key, entry, &connection));
    Ok(event.map(|event| Progress {
        event,
        left: wanted,
        tries: 0,
    }))
}

fn wanted(services: &Services) -> BTreeSet<Destination> {
    let config = &services.config;
    let webhook = config.webhook.as_ref().map(|_| Destination::Webhook);
    let slack = config.slack_secret.as_ref().map(|_| Destination::Slack);
    [Some(Destination::Bus), webhook, slack].into_iter().flatten().collect()
}

/// Writes the record with what is noted. False when somebody else was faster.
async fn settle(services: &Services, record: &mut Record, progress: Option<&Progress>) -> Result<bool, StoreError> {
    if let (Some(progress), Some(body)) = (progress, record.body.as_object_mut()) {
        body.insert("outbox".to_owned(), json!(progress));
    } else {
        record.due = None;
    }
    match services.records.put(record, Expect::Version(record.version)).await {
        Ok(version) => {
            record.version = version;
            Ok(true)
        }
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn send(services: &Services, mut progress: Progress, deadline: Deadline) -> Progress {
    let config = services.config.clone();
    for destination in progress.left.clone() {
        let (event, deadline) = (&progress.event, deadline.within(EACH));
        let sent = match destination {
            Destination::Bus => services.bus.put(event).await.map_err(DeliveryError::from),
            Destination::Webhook => match &config.webhook {
                Some(to) => webhook::send(services, to, event, deadline).await,
                None => Ok(()),
            },
            Destination::Slack => match &config.slack_secret {
                Some(secret) => slack::send(services, secret, event, deadline).await,
                None => Ok(()),
            },
        };
        count(services, Metric::EventSent(destination, sent.is_ok()));
        match sent {
            Ok(()) => {
                tracing::info!(name: "events.sent", event = %event.id, connection = %event.connection, kind = event.kind.name(),
                    destination = destination.name());
                progress.left.remove(&destination);
            }
            Err(error) => {
                tracing::warn!(name: "events.undelivered", event = %event.id, connection = %event.connection,
                    destination = destination.name(), tries = progress.tries, error = %error);
            }
        }
    }
    progress
}

/// A call that counts as done when it is answered 2xx.
pub(super) async fn post(services: &Services, call: &Call, deadline: Deadline) -> Result<(), DeliveryError> {
    let answer = services.outbound.send(call, deadline).await?;
    if answer.status.is_success() {
        return Ok(());
    }
    Err(DeliveryError::Refused(answer.status.as_u16()))
}

/// The document of a secret that operators made.
pub(super) async fn given<T: DeserializeOwned>(services: &Services, name: &str) -> Result<T, DeliveryError> {
    let name = SecretName::Given(name.to_owned());
    let document: Option<SecretDocument> = services.secrets.read(&name, Stage::Current).await?;
    let document = document.ok_or(DeliveryError::Secret)?;
    // The error of serde_json can quote a value, so it does not travel on.
    serde_json::from_str(document.expose()).map_err(|_| DeliveryError::Secret)
}

fn hidden(now: Timestamp) -> Due {
    Due {
        queue: Queue::Events,
        at: plus(now, HIDDEN),
    }
}

/// Twice as long after each failure.
fn later(now: Timestamp, tries: u32) -> Due {
    let pause = Duration::from_secs(10 * 2_u64.pow(tries.clamp(1, 10) - 1)).min(LONGEST_PAUSE);
    Due {
        queue: Queue::Events,
        at: plus(now, pause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_outbox_notes_does_not_disturb_the_trail() {
        let entry =
            json!({ "at": "2026-11-24T10:00:00Z", "event": "opened", "outbox": { "tries": 3, "event": "opened" } });
        let read = AuditEntry::deserialize(&entry).unwrap();
        assert_eq!(read.what, crate::connection::AuditEvent::Opened);
    }

    #[test]
    fn pauses_grow_to_an_hour() {
        let now = Timestamp::UNIX_EPOCH;
        let seconds = |tries| later(now, tries).at.as_second();
        assert_eq!([1, 2, 5, 9, 10, 99].map(seconds), [10, 20, 160, 2560, 3600, 3600]);
    }
}
