//! The audit trail: one connection's timeline page by page, and the export of everybody's as JSON or CSV (RFC 4180).
//!
//! An export goes connection by connection in the order of their ids, which never change: whoever reads on for an hour misses nothing
//! and meets nothing twice, however the connections move meanwhile. A page may end in the middle of a long trail.

use connector::clock::{Deadline, Timestamp};
use connector::connection::{AuditEntry, ConnectionId, TrailOrder, audit_page, call_roll};
use connector::service::Services;
use connector::web::{Reply, Request, csv, json};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json as object};

use crate::acts;
use crate::leading::Leading;
use crate::list::BUDGET;
use crate::query::{Query, cursor};
use crate::refusal::Refusal;

/// How many entries of a timeline are answered with, unless told otherwise, and at most.
const ENTRIES: (usize, usize) = (100, 500);
/// How many entries a page of an export has at most, unless told otherwise, and whatever is told.
const EXPORTED: (usize, usize) = (1000, 5000);
/// How many connections of a page are looked into; most have some entries.
const AHEAD: usize = 1000;
/// How many entries are read at a time.
const BATCH: usize = 500;
/// Where the export of a CSV goes on.
const NEXT: HeaderName = HeaderName::from_static("next-cursor");

/// GET /operator/connections/{id}/timeline: newest first.
pub(crate) async fn timeline(services: &Services, request: &Request, id: &str) -> Result<Reply, Refusal> {
    let (entries, next) = timeline_page(services, request, id).await?;
    Ok(json(
        StatusCode::OK,
        &object!({ "timeline": entries, "next_cursor": next }),
    ))
}

/// The page of a timeline that a request asks for, and the cursor of the next one.
pub(crate) async fn timeline_page(
    services: &Services,
    request: &Request,
    id: &str,
) -> Result<(Vec<AuditEntry>, Option<String>), Refusal> {
    let mut query = Query::read(request, &["cursor", "limit"])?;
    let limit = query.limit(ENTRIES.0, ENTRIES.1);
    let after = query.cursor()?;
    let after = query.end(after)?;
    let connection = acts::load(services, id).await?;
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let page = audit_page(
        services,
        &connection.id,
        TrailOrder::NewestFirst,
        limit,
        after.as_deref(),
    );
    let (entries, next) = page.await?;
    Ok((entries, next.map(|next| cursor(&next))))
}

/// Where an export goes on: behind a connection, or in the middle of its trail at the store's own token.
struct Position {
    connection: String,
    within: Option<String>,
}

impl Position {
    fn parse(text: &str) -> Self {
        match text.split_once(':') {
            Some((connection, within)) => Self {
                connection: connection.to_owned(),
                within: Some(within.to_owned()),
            },
            None => Self {
                connection: text.to_owned(),
                within: None,
            },
        }
    }

    fn cursor(connection: &ConnectionId, within: Option<&str>) -> String {
        match within {
            Some(within) => cursor(&format!("{connection}:{within}")),
            None => cursor(connection.as_str()),
        }
    }
}

/// What an export asks for.
struct Wanted {
    connection: Option<ConnectionId>,
    since: Timestamp,
    until: Timestamp,
    limit: usize,
    after: Option<Position>,
    as_csv: bool,
}

impl Wanted {
    fn read(request: &Request) -> Result<Self, Refusal> {
        const KNOWN: [&str; 6] = ["connection", "cursor", "format", "limit", "since", "until"];
        let mut query = Query::read(request, &KNOWN)?;
        let named = query
            .text("connection")
            .map(|id| ConnectionId::parse(id).ok_or(Refusal::NoConnection));
        let wanted = Self {
            connection: named.transpose()?,
            since: query.instant("since").unwrap_or(Timestamp::MIN),
            until: query.instant("until").unwrap_or(Timestamp::MAX),
            limit: query.limit(EXPORTED.0, EXPORTED.1),
            after: query.cursor()?.as_deref().map(Position::parse),
            as_csv: query.choice("format", &[("json", false), ("csv", true)], false),
        };
        query.end(wanted)
    }

    /// Whether something of a connection may be left to export, and from which place on.
    fn begins(&self, id: &str) -> Option<Option<String>> {
        match &self.after {
            None => Some(None),
            Some(after) if id > after.connection.as_str() => Some(None),
            Some(after) if id == after.connection => after.within.clone().map(Some),
            Some(_) => None,
        }
    }
}

/// A connection as an export names it.
struct Named {
    id: ConnectionId,
    customer: String,
    /// Where its trail goes on; none for its beginning.
    from: Option<String>,
}

/// One exported entry.
struct Row {
    id: ConnectionId,
    customer: String,
    entry: AuditEntry,
}

/// GET /operator/audit: connection by connection in the order of their ids, each one's entries oldest first.
pub(crate) async fn export(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(request)?;
    let deadline = Deadline::after(BUDGET);
    let (connections, more) = connections(services, &wanted, deadline).await?;
    let last = connections.last().map(|last| last.id.clone());
    let (mut rows, mut next) = (Vec::new(), None);
    for named in connections {
        let id = named.id.clone();
        let ended = entries(services, named, &wanted, deadline, &mut rows).await?;
        let is_last = last.as_ref() == Some(&id);
        next = match &ended {
            Some(within) => Some(Position::cursor(&id, Some(within))),
            None if is_last && !more => None,
            None => Some(Position::cursor(&id, None)),
        };
        if ended.is_some() || rows.len() >= wanted.limit || deadline.has_passed() {
            break;
        }
    }
    if wanted.as_csv {
        as_csv(&rows, next.as_deref())
    } else {
        let rows: Vec<_> = rows.iter().map(as_object).collect();
        Ok(json(StatusCode::OK, &object!({ "entries": rows, "next_cursor": next })))
    }
}

/// The next connections in the order of their ids, and whether there are more.
async fn connections(services: &Services, wanted: &Wanted, deadline: Deadline) -> Result<(Vec<Named>, bool), Refusal> {
    if let Some(id) = &wanted.connection {
        let found = acts::load(services, id.as_str()).await?;
        let named = wanted.begins(id.as_str()).map(|from| Named {
            id: found.id,
            customer: found.customer,
            from,
        });
        return Ok((named.into_iter().collect(), false));
    }
    let mut leading = Leading::new(AHEAD, false, None);
    let all = call_roll(services, deadline, |connection, _| {
        if let Some(from) = wanted.begins(connection.id.as_str()) {
            let (id, customer) = (connection.id, connection.customer);
            leading.put(id.to_string(), || Named { id, customer, from });
        }
    });
    if !all.await? {
        return Err(Refusal::TooMany);
    }
    let (rows, more) = leading.end();
    Ok((rows.into_iter().map(|(_, named)| named).collect(), more))
}

/// Adds the entries of one connection until its end, the end of the page or the deadline. Where its trail goes on comes back.
async fn entries(
    services: &Services,
    named: Named,
    wanted: &Wanted,
    deadline: Deadline,
    rows: &mut Vec<Row>,
) -> Result<Option<String>, Refusal> {
    let mut after = named.from;
    loop {
        let limit = u32::try_from((wanted.limit - rows.len()).min(BATCH)).unwrap_or(1);
        let page = audit_page(services, &named.id, TrailOrder::OldestFirst, limit, after.as_deref());
        let (page, next) = page.await?;
        // Oldest first: the first one that is too new ends it.
        let ends = next.is_none() || page.iter().any(|entry| entry.at > wanted.until);
        let fit = page
            .into_iter()
            .filter(|entry| (wanted.since..=wanted.until).contains(&entry.at));
        rows.extend(fit.map(|entry| Row {
            id: named.id.clone(),
            customer: named.customer.clone(),
            entry,
        }));
        if ends {
            return Ok(None);
        }
        after = next;
        if rows.len() >= wanted.limit || deadline.has_passed() {
            return Ok(after);
        }
    }
}

fn as_object(row: &Row) -> Value {
    let mut whole = object!(row.entry);
    whole["connection"] = object!(row.id);
    whole["customer"] = object!(row.customer);
    whole
}

fn as_csv(rows: &[Row], next: Option<&str>) -> Result<Reply, Refusal> {
    let unwritten = |error: ::csv::Error| Refusal::Unwritten(error.to_string());
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer
        .write_record(["at", "connection", "customer", "event", "by", "details", "trace"])
        .map_err(unwritten)?;
    for row in rows {
        let mut details = object!(row.entry);
        let mut take = |name: &str| details.as_object_mut().and_then(|all| all.remove(name));
        let text = |value: Option<Value>| {
            value
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        let (at, event, by) = (text(take("at")), text(take("event")), text(take("by")));
        let trace = text(take("trace"));
        let details = if details == object!({}) {
            String::new()
        } else {
            details.to_string()
        };
        let cells = [at, row.id.to_string(), row.customer.clone(), event, by, details, trace];
        writer.write_record(cells.map(harmless)).map_err(unwritten)?;
    }
    let text = writer
        .into_inner()
        .map_err(|error| Refusal::Unwritten(error.to_string()))?;
    let mut reply = csv(String::from_utf8_lossy(&text).into_owned());
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(next).ok()) {
        reply.headers_mut().insert(NEXT, next);
    }
    Ok(reply)
}

/// A cell that a spreadsheet does not take for a formula (OWASP, "CSV Injection").
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}
