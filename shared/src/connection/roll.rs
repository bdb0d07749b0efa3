//! The roll of all connections, page by page. No number is the last one: what is in memory is one page, and whoever reads on for long
//! says where to stop.
//!
//! The table has one order of connections, by queue and due time, and it is read while connections move. One that moves meanwhile
//! may be met twice, or not at all; who must not miss any reads again until nothing new is found.

use super::{Connection, LedgerError};
use crate::clock::{Deadline, Timestamp};
use crate::service::Services;
use crate::store::{Due, Queue};

/// How many are read at a time where nobody says; DynamoDB ends a page after a megabyte anyway.
const PAGE: u32 = 500;

/// How far the roll was read: a queue, and the store's own token in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollPlace {
    queue: usize,
    after: Option<String>,
}

impl RollPlace {
    /// The beginning.
    #[must_use]
    pub fn start() -> Self {
        Self { queue: 0, after: None }
    }

    /// The place as text, for a cursor.
    #[must_use]
    pub fn to_text(&self) -> String {
        let queue = Queue::CONNECTIONS.get(self.queue).map_or("", |queue| queue.as_str());
        format!("{queue}:{}", self.after.as_deref().unwrap_or_default())
    }

    /// The place that [`Self::to_text`] wrote; `None` for other texts. The store looks at its own part when it reads on.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, after) = text.split_once(':')?;
        let queue = Queue::CONNECTIONS.iter().position(|queue| queue.as_str() == name)?;
        let after = (!after.is_empty()).then(|| after.to_owned());
        Some(Self { queue, after })
    }
}

/// A page of the roll.
#[derive(Debug)]
pub struct RollPage {
    /// Connections, each with its place in the queue. Fewer than were asked for, or none, does not mean the end.
    pub connections: Vec<(Connection, Due)>,
    /// Where the next page begins; none at the end.
    pub next: Option<RollPlace>,
}

/// At most `limit` connections from a place on.
///
/// # Errors
/// [`LedgerError::Store`]; a place whose token is forged is [`crate::store::StoreError::is_forged_token`].
pub async fn roll_page(services: &Services, place: &RollPlace, limit: u32) -> Result<RollPage, LedgerError> {
    let mut connections = Vec::new();
    let Some(queue) = Queue::CONNECTIONS.get(place.queue) else {
        return Ok(RollPage {
            connections,
            next: None,
        });
    };
    let page = services
        .records
        .due(*queue, Timestamp::MAX, limit, place.after.as_deref())
        .await?;
    for record in &page.records {
        if let Some(due) = record.due {
            connections.push((record.parse()?, due));
        }
    }
    let next = match page.next {
        Some(after) => Some((place.queue, Some(after))),
        None => Some((place.queue + 1, None)).filter(|(queue, _)| *queue < Queue::CONNECTIONS.len()),
    };
    let next = next.map(|(queue, after)| RollPlace { queue, after });
    Ok(RollPage { connections, next })
}

/// Calls the roll until its end or until the deadline, and says whether it came to the end.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn call_roll(
    services: &Services,
    deadline: Deadline,
    mut each: impl FnMut(Connection, Due),
) -> Result<bool, LedgerError> {
    let mut place = Some(RollPlace::start());
    while let Some(here) = place {
        if deadline.has_passed() {
            return Ok(false);
        }
        let page = roll_page(services, &here, PAGE).await?;
        for (connection, due) in page.connections {
            each(connection, due);
        }
        place = page.next;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is_one() {
        for place in [
            RollPlace::start(),
            RollPlace {
                queue: 3,
                after: Some("eyJ9".to_owned()),
            },
        ] {
            assert_eq!(RollPlace::parse(&place.to_text()), Some(place));
        }
        for text in ["", "wiring", "events:", "nothing:x", ":"] {
            assert_eq!(RollPlace::parse(text), None, "{text}");
        }
    }
}
