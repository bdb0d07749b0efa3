//! The event bus on AWS: EventBridge, one entry at a time.

use async_trait::async_trait;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};

use super::fault::Fault;
use crate::events::{Bus, BusError, Event};

/// The `source` of every entry; rules of receivers match on it.
const SOURCE: &str = "connector-setup";

/// An EventBridge bus.
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: Client,
    name: String,
}

impl EventBridge {
    pub(super) fn new(client: Client, name: &str) -> Self {
        Self {
            client,
            name: name.to_owned(),
        }
    }
}

/// EventBridge answered, and did not take the entry.
#[derive(Debug, thiserror::Error)]
#[error("PutEvents: the entry was refused")]
struct Refused;

#[async_trait]
impl Bus for EventBridge {
    async fn put(&self, event: &Event) -> Result<(), BusError> {
        let detail = serde_json::to_string(event).map_err(|error| BusError(error.into()))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.kind.name())
            .detail(detail)
            .build();
        let answer = self.client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| BusError(Box::new(Fault::of("PutEvents", &error))))?;
        if answer.failed_entry_count() > 0 {
            return Err(BusError(Box::new(Refused)));
        }
        Ok(())
    }
}
