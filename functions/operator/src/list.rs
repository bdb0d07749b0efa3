//! GET /operator/connections: who is stuck, where, and whose turn it is; filtered, sorted, page by page.
//!
//! The table has one index, by queue and due time. A page in any other order is cut out of all connections, which are read one
//! after the other and not kept. In the order of the index a page is read and no more, so that works for any number of them.

use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::{
    Connection, HealthState, OrgType, RollPlace, Stage, Who, call_roll, next_action, roll_page, stage,
};
use connector::service::Services;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::{Value, json as object};

use crate::connections::summary;
use crate::leading::Leading;
use crate::query::{Query, cursor};
use crate::refusal::Refusal;

/// For reading in one request, which has 29 seconds.
pub(crate) const BUDGET: Duration = Duration::from_secs(20);
/// How many are answered with, unless told otherwise, and at most.
const ROWS: (usize, usize) = (100, 500);
/// The parameters.
const KNOWN: [&str; 11] = [
    "cursor", "customer", "health", "limit", "order", "org_type", "paused", "sort", "stage", "text", "who",
];

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Not sorted: as they are read.
    Queue,
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
pub(crate) fn mentions(connection: &Connection, text: &str) -> bool {
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
pub(crate) fn place(connection: &Connection, sort: Sort) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let instant =
        |at: Option<connector::clock::Timestamp>| format!("{:020}", at.map_or(0, |at| at.as_microsecond().max(0)));
    let key = match sort {
        Sort::Queue => String::new(),
        Sort::Created => instant(Some(connection.created_at)),
        Sort::Customer => connection.customer.to_lowercase(),
        Sort::Stage => word(object!(stage(connection))),
        Sort::Health => word(object!(connection.health.state)),
        Sort::Since => instant(connection.standing.since),
        Sort::Checked => instant(connection.health.checked_at),
    };
    format!("{key}\u{1f}{}", connection.id)
}

/// What a request for a list asks for.
struct Wanted {
    filter: Filter,
    sort: Sort,
    descending: bool,
    limit: usize,
    after: Option<String>,
}

impl Wanted {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let mut query = Query::read(request, &KNOWN)?;
        let sorts = [
            ("created", Sort::Created),
            ("customer", Sort::Customer),
            ("stage", Sort::Stage),
            ("health", Sort::Health),
            ("since", Sort::Since),
            ("checked", Sort::Checked),
            ("queue", Sort::Queue),
        ];
        let wanted = Self {
            filter: Filter::read(&mut query),
            sort: query.choice("sort", &sorts, Sort::Created),
            descending: query.choice("order", &[("asc", false), ("desc", true)], false),
            limit: query.limit(ROWS.0, ROWS.1),
            after: query.cursor()?,
        };
        query.end(wanted)
    }
}

/// GET /operator/connections.
pub(crate) async fn list(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(request)?;
    let body = if wanted.sort == Sort::Queue {
        as_read(services, &wanted).await?
    } else {
        sorted(services, wanted).await?
    };
    Ok(json(StatusCode::OK, &body))
}

/// A page of all that the filter lets through, in order, and how many those are.
async fn sorted(services: &Services, wanted: Wanted) -> Result<Value, Refusal> {
    let mut leading = Leading::new(wanted.limit, wanted.descending, wanted.after);
    let mut found = 0_usize;
    let all = call_roll(services, Deadline::after(BUDGET), |connection, due| {
        if wanted.filter.takes(&connection) {
            found += 1;
            let place = place(&connection, wanted.sort);
            leading.put(place, || summary(&connection, Some(due)));
        }
    });
    if !all.await? {
        return Err(Refusal::TooMany);
    }
    let (rows, more) = leading.end();
    let next = rows.last().filter(|_| more).map(|(place, _)| cursor(place));
    let shown: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    Ok(object!({ "connections": shown, "found": found, "next_cursor": next }))
}

/// As many as fit into a page, read on from where the page before ended. A page can be short, or empty, and not be the last one.
async fn as_read(services: &Services, wanted: &Wanted) -> Result<Value, Refusal> {
    let deadline = Deadline::after(BUDGET);
    let mut place = match &wanted.after {
        Some(text) => Some(RollPlace::parse(text).ok_or(Refusal::NoPage)?),
        None => Some(RollPlace::start()),
    };
    let mut rows = Vec::new();
    while let Some(here) = place.clone() {
        let left = wanted.limit - rows.len();
        if left == 0 || deadline.has_passed() {
            break;
        }
        let page = roll_page(services, &here, u32::try_from(left).unwrap_or(u32::MAX)).await?;
        let taken = page
            .connections
            .iter()
            .filter(|(connection, _)| wanted.filter.takes(connection));
        rows.extend(taken.map(|(connection, due)| summary(connection, Some(*due))));
        place = page.next;
    }
    let next = place.map(|place| cursor(&place.to_text()));
    Ok(object!({ "connections": rows, "found": null, "next_cursor": next }))
}
