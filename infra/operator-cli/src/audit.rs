//! The export of the audit trail: page by page into one CSV file or one JSON object.

use std::io::Write;

use serde_json::{Value, json};

use crate::arguments::{Audit, Command};
use crate::endpoint::Endpoint;
use crate::fault::Fault;
use crate::request::{Call, call};

/// The most entries that the API answers with at once.
const PAGE: &str = "5000";

fn begin(wanted: &Audit) -> Call {
    call(&Command::Audit(Audit {
        connection: wanted.connection.clone(),
        since: wanted.since.clone(),
        until: wanted.until.clone(),
        format: wanted.format.clone(),
    }))
}

/// Exports all that is wanted.
pub(crate) async fn export(
    endpoint: &Endpoint,
    wanted: &Audit,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Fault> {
    let mut cursor = None::<String>;
    let mut entries: Vec<Value> = Vec::new();
    let mut pages = 0_u32;
    loop {
        let answer = endpoint
            .answer(
                begin(wanted)
                    .asking("limit", Some(PAGE))
                    .asking("cursor", cursor.as_deref()),
            )
            .await?;
        pages += 1;
        if wanted.format == "csv" {
            out.write_all(rows(&answer.text, pages).as_bytes())?;
            cursor = answer.next_cursor;
        } else {
            let mut page: Value = serde_json::from_str(&answer.text).map_err(|_| Fault::NotUnderstood)?;
            let Value::Array(more) = page["entries"].take() else {
                return Err(Fault::NotUnderstood);
            };
            entries.extend(more);
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        if cursor.is_none() {
            break;
        }
        writeln!(notes, "{pages} pages so far")?;
    }
    if wanted.format != "csv" {
        writeln!(out, "{:#}", json!({ "entries": entries }))?;
    }
    Ok(())
}

/// What a page adds to the file: its heading only if it is the first.
fn rows(text: &str, page: u32) -> &str {
    match text.split_once("\r\n") {
        Some((_, rest)) if page > 1 => rest,
        _ => text,
    }
}
