//! All connections at once: how the sweep keeps up, and the one command that ends every link.

use std::collections::BTreeMap;
use std::time::Duration;

use connector::clock::{Deadline, Timestamp};
use connector::connection::{Connection, RollPlace, call_roll, load_connection, roll_page};
use connector::health::sweep_status;
use connector::service::Services;
use connector::store::{Due, Queue};
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json as object};

use crate::acts;
use crate::body::Fields;
use crate::query::{CURSOR, Query, cursor, place_of};
use crate::refusal::Refusal;

/// The word that a person has to type to end everything.
const WORD: &str = "REVOKE-ALL";
/// For one call; what is left is for the next one.
const BUDGET: Duration = Duration::from_secs(15);
/// How many connections are read at a time.
const PAGE: u32 = 500;

/// What waits in a queue.
#[derive(Default)]
struct Waiting {
    size: usize,
    due: usize,
    earliest: Option<Timestamp>,
}

impl Waiting {
    fn count(&mut self, due: Due, now: Timestamp) {
        self.size += 1;
        let acts = matches!(due.queue, Queue::Health | Queue::Wiring);
        self.due += usize::from(acts && due.at <= now);
        self.earliest = Some(self.earliest.map_or(due.at, |earliest| earliest.min(due.at)));
    }

    fn shown(&self) -> Value {
        object!({ "size": self.size, "due": self.due, "earliest": self.earliest })
    }
}

/// GET /operator/sweep: the latest sweep, and what waits in each queue.
pub(crate) async fn sweep(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    Query::read(request, &[])?.end(())?;
    let now = services.clock.now();
    let mut queues: BTreeMap<_, _> = Queue::CONNECTIONS
        .map(|queue| (queue.as_str(), Waiting::default()))
        .into();
    let counted = call_roll(services, Deadline::after(BUDGET), |_, due| {
        queues.entry(due.queue.as_str()).or_default().count(due, now);
    });
    let counted = counted.await?;
    let queues: BTreeMap<_, _> = queues.iter().map(|(name, waiting)| (name, waiting.shown())).collect();
    let body = object!({ "now": now, "latest": sweep_status(services).await?, "queues": queues, "counted": counted });
    Ok(json(StatusCode::OK, &body))
}

/// How far everything is revoked: a walk through all connections, and whether it has met any that was still open. Connections move
/// while they are read, so only a walk that met none is the last one.
struct Walk {
    met: bool,
    place: RollPlace,
}

impl Walk {
    fn start() -> Self {
        Self {
            met: false,
            place: RollPlace::start(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (met, place) = text.split_once('/')?;
        let met = match met {
            "open" => true,
            "none" => false,
            _ => return None,
        };
        let place = RollPlace::parse(place)?;
        Some(Self { met, place })
    }

    fn cursor(&self) -> String {
        let met = if self.met { "open" } else { "none" };
        cursor(&format!("{met}/{}", self.place.to_text()))
    }

    /// Where to go on after a page; none when all is done.
    fn after(self, next: Option<RollPlace>) -> Option<Self> {
        match next {
            Some(place) => Some(Self { place, ..self }),
            None if self.met => Some(Self::start()),
            None => None,
        }
    }
}

/// What a call of [`revoke_some`] has done.
#[derive(Debug, Default, Serialize)]
pub struct Revoked {
    /// Connections that it revoked.
    pub revoked: usize,
    /// Connections that it read.
    pub looked_at: usize,
    /// How many are left at least; 0 when all is done.
    pub remaining: usize,
    /// Where the next call goes on; none when all is done.
    pub next_cursor: Option<String>,
}

/// POST /operator/revoke-all: every link and session stops working. A call does what its time allows, says how far it came, and can be
/// repeated, with its cursor or from the beginning.
pub(crate) async fn revoke_all(services: &Services, request: &Request, by: Option<String>) -> Result<Reply, Refusal> {
    let place = asked(request)?;
    let done = revoke_some(services, place.as_deref(), by.as_ref(), Deadline::after(BUDGET)).await?;
    Ok(json(StatusCode::OK, &object!(done)))
}

/// Revokes connections until none is left or the time is up, one at least, from the place in a cursor on.
///
/// # Errors
/// [`Refusal::NoPage`] for a place that nobody was given; [`Refusal::Store`].
pub async fn revoke_some(
    services: &Services,
    place: Option<&str>,
    by: Option<&String>,
    deadline: Deadline,
) -> Result<Revoked, Refusal> {
    let begin = place.map_or(Some(Walk::start()), Walk::parse);
    let (mut walk, mut did) = (Some(begin.ok_or(Refusal::NoPage)?), Revoked::default());
    while let Some(mut here) = walk.take() {
        let page = roll_page(services, &here.place, PAGE).await?;
        let mut left = page
            .connections
            .iter()
            .filter(|(connection, _)| connection.revoked_at.is_none());
        did.looked_at += page.connections.len();
        let mut is_up = deadline.has_passed() && did.revoked > 0;
        while !is_up && let Some((connection, _)) = left.next() {
            if end(services, connection, by).await? {
                (did.revoked, here.met) = (did.revoked + 1, true);
            }
            is_up = deadline.has_passed();
        }
        did.remaining = left.count();
        // A page that was not finished is read again: what is revoked by now is passed over.
        walk = if did.remaining > 0 {
            Some(here)
        } else {
            here.after(page.next)
        };
        if is_up || deadline.has_passed() {
            break;
        }
    }
    did.next_cursor = walk.as_ref().map(Walk::cursor);
    did.remaining = did.remaining.max(usize::from(walk.is_some()));
    Ok(did)
}

/// The place where a call begins; none for the beginning.
fn asked(request: &Request) -> Result<Option<String>, Refusal> {
    let fields = Fields::read(request)?;
    let mut reader = fields.reader(&["confirm", "cursor"]);
    if reader.text("confirm").as_deref() != Some(WORD) {
        reader.faults.push(format!(
            "confirm is {WORD}, which ends every link and session of every customer"
        ));
    }
    let place = match reader.text("cursor").map(|text| place_of(&text)) {
        None => None,
        Some(Some(place)) => Some(place),
        Some(None) => {
            reader.faults.push(CURSOR.to_owned());
            None
        }
    };
    reader.end(place)?.transpose()
}

/// Revokes one connection. False if it is revoked by now: the index tells of it a little later.
async fn end(services: &Services, connection: &Connection, by: Option<&String>) -> Result<bool, Refusal> {
    let present = load_connection(services, &connection.id).await?;
    if present.is_none_or(|present| present.revoked_at.is_some()) {
        return Ok(false);
    }
    match acts::revoke(services, connection.id.as_str(), by.cloned()).await {
        // Somebody works on it; the next walk meets it again.
        Ok(_) | Err(Refusal::Contended) => Ok(true),
        Err(refusal) => Err(refusal),
    }
}
