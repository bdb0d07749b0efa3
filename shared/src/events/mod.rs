//! Events: what happens to a connection, told to other systems while it happens.
//!
//! The audit trail is the outbox. An entry of a public kind is written with a place in the queue [`Queue::Events`]; the
//! table's stream and the schedule start the delivery, and the place is cleared when every destination has taken the event.
//! So nothing is told that did not happen, and what happened is told at least once, under an id that stays the same. Order
//! is not promised. No event holds a secret: it is made of the trail and of facts about the connection.
//!
//! [`Queue::Events`]: crate::store::Queue::Events

mod bus;
mod event;
mod outbox;
mod slack;
mod webhook;

pub use bus::{Bus, BusError, LocalBus};
pub use event::{Event, Kind};
pub use outbox::{Delivered, Destination, deliver, deliver_due};
pub use webhook::signature;
