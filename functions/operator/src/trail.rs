//! The audit trail: one connection's timeline page by page, and the export of everybody's as JSON or CSV (RFC 4180).

use connector::clock::Timestamp;
use connector::connection::{AuditEntry, Connection, ConnectionId, audit_page, list_connections};
use connector::service::Services;
use connector::web::{Reply, Request, csv, json};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json as object};

use crate::acts;
use crate::list::MOST;
use crate::query::{Query, cursor};
use crate::refusal::Refusal;

/// How many entries of a timeline are answered with, unless told otherwise, and at most.
const ENTRIES: (usize, usize) = (100, 500);
/// After so many entries an export's page ends with the connection that it is at, unless told otherwise, and at most.
const EXPORTED: (usize, usize) = (1000, 5000);
/// How many entries are read at a time.
const BATCH: u32 = 500;
/// Where the export of a CSV goes on.
const NEXT: HeaderName = HeaderName::from_static("next-cursor");

/// GET /operator/connections/{id}/timeline: newest first.
pub(crate) async fn timeline(services: &Services, request: &Request, id: &str) -> Result<Reply, Refusal> {
    let mut query = Query::read(request, &["cursor", "limit"])?;
    let limit = query.limit(ENTRIES.0, ENTRIES.1);
    let after = query.cursor();
    let after = query.end(after)?;
    let connection = acts::load(services, id).await?;
    let limit = u32::try_from(limit).unwrap_or(BATCH);
    let page = audit_page(services, &connection.id, limit, after.as_deref()).await;
    let (entries, next) = page.map_err(|error| {
        if error.is_forged_token() {
            Refusal::NoPage
        } else {
            error.into()
        }
    })?;
    let next = next.map(|next| cursor(&next));
    Ok(json(
        StatusCode::OK,
        &object!({ "timeline": entries, "next_cursor": next }),
    ))
}

/// What an export asks for.
struct Wanted {
    connection: Option<ConnectionId>,
    since: Timestamp,
    until: Timestamp,
    limit: usize,
    after: Option<String>,
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
            after: query.cursor(),
            as_csv: query.choice("format", &[("json", false), ("csv", true)], false),
        };
        query.end(wanted)
    }
}

/// One exported entry.
struct Row<'a> {
    connection: &'a Connection,
    entry: AuditEntry,
}

/// GET /operator/audit: connection by connection in the order of their ids, each one's entries oldest first.
pub(crate) async fn export(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(request)?;
    let connections = match &wanted.connection {
        Some(id) => vec![acts::load(services, id.as_str()).await?],
        None => {
            let all = list_connections(services, MOST).await?;
            let mut all: Vec<_> = all.into_iter().map(|(connection, _)| connection).collect();
            all.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
            all
        }
    };
    let after = wanted.after.as_deref();
    let left: Vec<&Connection> = connections
        .iter()
        .filter(|connection| after.is_none_or(|after| connection.id.as_str() > after))
        .collect();
    let (mut rows, mut next) = (Vec::new(), None);
    for (at, connection) in left.iter().enumerate() {
        for entry in entries(services, connection, &wanted).await? {
            rows.push(Row { connection, entry });
        }
        if rows.len() >= wanted.limit && at + 1 < left.len() {
            next = Some(cursor(connection.id.as_str()));
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

async fn entries(services: &Services, connection: &Connection, wanted: &Wanted) -> Result<Vec<AuditEntry>, Refusal> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let (page, next) = audit_page(services, &connection.id, BATCH, after.as_deref()).await?;
        // Newest first: the first one that is too old ends it.
        let old = page.iter().any(|entry| entry.at < wanted.since);
        found.extend(
            page.into_iter()
                .filter(|entry| (wanted.since..=wanted.until).contains(&entry.at)),
        );
        after = next;
        if old || after.is_none() {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

fn as_object(row: &Row<'_>) -> Value {
    let mut whole = object!(row.entry);
    whole["connection"] = object!(row.connection.id);
    whole["customer"] = object!(row.connection.customer);
    whole
}

fn as_csv(rows: &[Row<'_>], next: Option<&str>) -> Result<Reply, Refusal> {
    let unwritten = |error: ::csv::Error| Refusal::Unwritten(error.to_string());
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer
        .write_record(["at", "connection", "customer", "event", "by", "details"])
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
        let details = if details == object!({}) {
            String::new()
        } else {
            details.to_string()
        };
        let cells = [
            at,
            row.connection.id.to_string(),
            row.connection.customer.clone(),
            event,
            by,
            details,
        ];
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
