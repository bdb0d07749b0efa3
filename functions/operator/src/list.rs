//! GET /operator/connections: who is stuck, where, and whose turn it is; filtered, sorted, page by page.
//!
//! The table has one index, by queue and due time, so every connection is read and the rest happens here: thousands of
//! connections are a few megabytes, and people look at them a few times an hour.

use std::cmp::Ordering;

use connector::connection::{Connection, HealthState, OrgType, Stage, Who, list_connections, next_action, stage};
use connector::service::Services;
use connector::store::Due;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::json as object;

use crate::connections::summary;
use crate::query::{Query, cursor};
use crate::refusal::Refusal;

/// How many connections of each queue are read at most.
pub(crate) const MOST: u32 = 20_000;
/// How many are answered with, unless told otherwise, and at most.
const ROWS: (usize, usize) = (100, 500);
/// The parameters.
const KNOWN: [&str; 11] = [
    "cursor", "customer", "health", "limit", "order", "org_type", "paused", "sort", "stage", "text", "who",
];

/// What the list is sorted by.
#[derive(Debug, Clone, Copy)]
enum Sort {
    Created,
    Customer,
    Stage,
    Health,
    Since,
    Checked,
}

/// Which connections are wanted.
struct Filter {
    stages: Vec<Stage>,
    healths: Vec<HealthState>,
    who: Vec<Who>,
    org_types: Vec<OrgType>,
    paused: Option<bool>,
    customer: Option<String>,
    text: Option<String>,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        Self {
            stages: query.several("stage", "wiring_blocked"),
            healths: query.several("health", "callouts_off"),
            who: query.several("who", "salesforce_admin"),
            org_types: query.several("org_type", "sandbox"),
            paused: query.flag("paused"),
            customer: query.text("customer").map(str::to_lowercase),
            text: query.text("text").map(str::to_lowercase),
        }
    }

    fn takes(&self, connection: &Connection) -> bool {
        fn one_of<T: PartialEq>(wanted: &[T], found: &T) -> bool {
            wanted.is_empty() || wanted.contains(found)
        }
        let org_type = org_type(connection);
        one_of(&self.stages, &stage(connection))
            && one_of(&self.healths, &connection.health.state)
            && one_of(&self.who, &next_action(connection).who)
            && (self.org_types.is_empty() || org_type.is_some_and(|found| self.org_types.contains(&found)))
            && self
                .paused
                .is_none_or(|wanted| wanted == connection.paused_at.is_some())
            && self
                .customer
                .as_ref()
                .is_none_or(|name| connection.customer.to_lowercase() == *name)
            && self.text.as_ref().is_none_or(|text| mentions(connection, text))
    }
}

/// The org's type, else the one that the invitation pins.
fn org_type(connection: &Connection) -> Option<OrgType> {
    let org = connection.salesforce.org.as_ref().map(|org| org.org_type);
    org.or(connection.terms.org_type)
}

/// Whether a text occurs where people look for a connection: names, hosts, ids.
fn mentions(connection: &Connection, text: &str) -> bool {
    let org = connection.salesforce.org.as_ref();
    let places = [
        Some(connection.customer.clone()),
        Some(connection.id.to_string()),
        connection.terms.pim_host.clone(),
        connection
            .wanted_credentials()
            .map(|credentials| credentials.pim.as_str().to_owned()),
        org.map(|org| org.name.clone()),
        org.map(|org| org.org_id.clone()),
        org.map(|org| org.username.clone()),
        org.map(|org| org.instance.host().to_owned()),
    ];
    places
        .into_iter()
        .flatten()
        .any(|place| place.to_lowercase().contains(text))
}

/// Where a connection stands in the order. Text, so that it can be carried by a cursor; the id makes it one place.
fn place(connection: &Connection, sort: Sort) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let instant =
        |at: Option<connector::clock::Timestamp>| format!("{:020}", at.map_or(0, |at| at.as_microsecond().max(0)));
    let key = match sort {
        Sort::Created => instant(Some(connection.created_at)),
        Sort::Customer => connection.customer.to_lowercase(),
        Sort::Stage => word(object!(stage(connection))),
        Sort::Health => word(object!(connection.health.state)),
        Sort::Since => instant(connection.standing.since),
        Sort::Checked => instant(connection.health.checked_at),
    };
    format!("{key}\u{1f}{}", connection.id)
}

/// GET /operator/connections.
pub(crate) async fn list(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let mut query = Query::read(request, &KNOWN)?;
    let filter = Filter::read(&mut query);
    let sorts = [
        ("created", Sort::Created),
        ("customer", Sort::Customer),
        ("stage", Sort::Stage),
        ("health", Sort::Health),
        ("since", Sort::Since),
        ("checked", Sort::Checked),
    ];
    let sort = query.choice("sort", &sorts, Sort::Created);
    let descending = query.choice("order", &[("asc", false), ("desc", true)], false);
    let limit = query.limit(ROWS.0, ROWS.1);
    let after = query.cursor();
    let (filter, after) = query.end((filter, after))?;

    let all = list_connections(services, MOST).await?;
    let mut rows: Vec<(String, Connection, Due)> = all
        .into_iter()
        .filter(|(connection, _)| filter.takes(connection))
        .map(|(connection, due)| (place(&connection, sort), connection, due))
        .collect();
    let order = |a: &str, b: &str| if descending { b.cmp(a) } else { a.cmp(b) };
    rows.sort_by(|a, b| order(&a.0, &b.0));
    let found = rows.len();
    if let Some(after) = &after {
        rows.retain(|(place, ..)| order(place, after) == Ordering::Greater);
    }
    let next = (rows.len() > limit).then(|| rows.get(limit - 1).map(|(place, ..)| cursor(place)));
    rows.truncate(limit);
    let shown: Vec<_> = rows
        .iter()
        .map(|(_, connection, due)| summary(connection, Some(*due)))
        .collect();
    let body = object!({ "connections": shown, "found": found, "next_cursor": next.flatten() });
    Ok(json(StatusCode::OK, &body))
}
