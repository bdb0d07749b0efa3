//! The list of customers, filtered, sorted and page by page, and the funnel of all of them.
//!
//! Everything is counted and a page is kept: how many customers there are is no matter of memory. What one request has no time for is
//! said, never left out in silence.

use connector::clock::Deadline;
use connector::connection::{Connection, Who, call_roll, next_action, stage};
use connector::service::Services;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::json as object;

use super::answers::row;
use super::funnel::{Funnel, MILESTONES, reached};
use super::words;
use crate::leading::Leading;
use crate::list::{BUDGET, Sort, mentions, place};
use crate::query::{Query, cursor};
use crate::refusal::Refusal;

/// How many customers are answered with, unless told otherwise, and at most.
const ROWS: (usize, usize) = (100, 500);
/// The parameters.
const KNOWN: [&str; 7] = ["cursor", "health", "limit", "milestone", "order", "text", "who"];

/// Health as people ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wellness {
    Any,
    Trouble,
    Good,
    Unknown,
}

impl Wellness {
    fn takes(self, badge: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Trouble => matches!(badge, "bad" | "wait"),
            Self::Good => badge == "good",
            Self::Unknown => badge == "none",
        }
    }
}

/// Which customers are wanted.
struct Filter {
    text: String,
    who: Vec<Who>,
    health: Wellness,
    milestone: Option<usize>,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        let healths = [
            ("any", Wellness::Any),
            ("trouble", Wellness::Trouble),
            ("good", Wellness::Good),
            ("none", Wellness::Unknown),
        ];
        Self {
            text: query
                .text("text")
                .map(|text| text.trim().to_lowercase())
                .unwrap_or_default(),
            who: query.several("who", "salesforce_admin"),
            health: query.choice("health", &healths, Wellness::Any),
            milestone: query.number("milestone", MILESTONES.len() - 1),
        }
    }

    fn takes(&self, connection: &Connection) -> bool {
        let stopped = |milestone| connection.revoked_at.is_none() && reached(connection) == milestone;
        let said = || words::stage(stage(connection)).to_lowercase().contains(&self.text);
        (self.who.is_empty() || self.who.contains(&next_action(connection).who))
            && self.health.takes(words::health(connection.health.state).1)
            && self.milestone.is_none_or(stopped)
            && (self.text.is_empty() || mentions(connection, &self.text) || said())
    }
}

/// GET /console/api/connections.
pub(super) async fn overview(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let mut query = Query::read(request, &KNOWN)?;
    let filter = Filter::read(&mut query);
    let orders = [
        ("new", (Sort::Created, true)),
        ("waiting", (Sort::Since, false)),
        ("name", (Sort::Customer, false)),
    ];
    let (sort, descending) = query.choice("order", &orders, (Sort::Created, true));
    let limit = query.limit(ROWS.0, ROWS.1);
    let after = query.cursor()?;
    let mut leading = Leading::new(limit, descending, query.end(after)?);
    let (mut funnel, mut total, mut found) = (Funnel::default(), 0_usize, 0_usize);
    let all = call_roll(services, Deadline::after(BUDGET), |connection, _| {
        total += 1;
        funnel.count(&connection);
        if filter.takes(&connection) {
            found += 1;
            leading.put(place(&connection, sort), || row(&connection));
        }
    });
    let complete = all.await?;
    let (rows, more) = leading.end();
    let next = rows.last().filter(|_| more).map(|(place, _)| cursor(place));
    let body = object!({
        "now": services.clock.now(),
        "connections": rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>(),
        "next_cursor": next,
        "found": found,
        "total": total,
        "funnel": funnel.steps(),
        "complete": complete,
    });
    Ok(json(StatusCode::OK, &body))
}
