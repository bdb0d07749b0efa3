//! All connections at once: how the sweep keeps up, and the one command that ends every link.

use std::collections::BTreeMap;

use connector::clock::Deadline;
use connector::connection::list_connections;
use connector::health::sweep_status;
use connector::service::Services;
use connector::store::Queue;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::json as object;

use crate::acts;
use crate::body::Fields;
use crate::list::MOST;
use crate::query::Query;
use crate::refusal::Refusal;

/// The word that a person has to type to end everything.
const WORD: &str = "REVOKE-ALL";
/// For one call; what is left is for the next one.
const BUDGET: std::time::Duration = std::time::Duration::from_secs(15);

/// GET /operator/sweep: the latest sweep, and what waits in each queue.
pub(crate) async fn sweep(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    Query::read(request, &[])?.end(())?;
    let now = services.clock.now();
    let mut queues = BTreeMap::new();
    for queue in Queue::CONNECTIONS {
        queues.insert(queue.as_str(), (0_usize, 0_usize, None));
    }
    for (_, due) in list_connections(services, MOST).await? {
        let entry = queues.entry(due.queue.as_str()).or_insert((0, 0, None));
        entry.0 += 1;
        let acts = matches!(due.queue, Queue::Health | Queue::Wiring);
        entry.1 += usize::from(acts && due.at <= now);
        entry.2 = entry.2.map_or(Some(due.at), |earliest| Some(due.at.min(earliest)));
    }
    let queues: BTreeMap<_, _> = queues
        .into_iter()
        .map(|(name, (size, due, earliest))| (name, object!({ "size": size, "due": due, "earliest": earliest })))
        .collect();
    let body = object!({ "now": now, "latest": sweep_status(services).await?, "queues": queues });
    Ok(json(StatusCode::OK, &body))
}

/// POST /operator/revoke-all: every link and session stops working. A call does what its time allows and says what is left.
pub(crate) async fn revoke_all(services: &Services, request: &Request, by: Option<String>) -> Result<Reply, Refusal> {
    let fields = Fields::read(request)?;
    let mut reader = fields.reader(&["confirm"]);
    if reader.text("confirm").as_deref() != Some(WORD) {
        reader.faults.push(format!(
            "confirm is {WORD}, which ends every link and session of every customer"
        ));
    }
    reader.end(())?;
    let deadline = Deadline::after(BUDGET);
    let mut open: Vec<_> = list_connections(services, MOST)
        .await?
        .into_iter()
        .filter(|(connection, _)| connection.revoked_at.is_none())
        .map(|(connection, _)| connection.id)
        .collect();
    let mut revoked = 0_usize;
    while let Some(id) = open.pop() {
        acts::revoke(services, id.as_str(), by.clone()).await?;
        revoked += 1;
        if deadline.has_passed() {
            break;
        }
    }
    Ok(json(
        StatusCode::OK,
        &object!({ "revoked": revoked, "remaining": open.len() }),
    ))
}
