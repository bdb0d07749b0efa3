//! Health over time: what a sweep finds and heals, what people are told once, and what other systems hear of it.

mod bus;
mod events;
mod incidents;
pub(crate) mod receiver;
mod reminders;
mod scenarios;
mod sweep;

use connector::events::{Event, Kind};

use crate::attended::{Attended, minute};

/// The events since the last call, delivered now, in the order in which they happened.
async fn heard(attended: &Attended) -> Vec<Event> {
    let delivered = connector::events::deliver_due(&attended.stack.services, minute())
        .await
        .unwrap();
    assert_eq!((delivered.failed, delivered.given_up), (0, 0));
    let mut events = attended.stack.events.take();
    events.sort_by_key(|event| event.time);
    events
}

/// Their kinds.
async fn heard_kinds(attended: &Attended) -> Vec<Kind> {
    heard(attended).await.iter().map(|event| event.kind).collect()
}
