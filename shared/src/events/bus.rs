//! The event bus that always hears of everything: a small trait, EventBridge behind it on AWS, a list in memory locally.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::Event;

/// The bus did not take an event. Trying again later may help.
#[derive(Debug, thiserror::Error)]
#[error("the event bus did not take the event")]
pub struct BusError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Takes events.
#[async_trait]
pub trait Bus: Send + Sync + std::fmt::Debug {
    /// Puts one event on the bus.
    ///
    /// # Errors
    /// [`BusError`].
    async fn put(&self, event: &Event) -> Result<(), BusError>;
}

/// How many events are kept until somebody takes them.
const MOST: usize = 10_000;

/// A bus without subscribers: keeps the newest events in memory, for the local stack and for tests.
#[derive(Debug, Clone, Default)]
pub struct LocalBus(Arc<Mutex<VecDeque<Event>>>);

impl LocalBus {
    /// Takes the events since the last call, in the order in which they came.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn put(&self, event: &Event) -> Result<(), BusError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back(event.clone());
        Ok(())
    }
}
