//! Answers as tables for people. Missing values are a dash; control characters are never printed.

use comfy_table::{Table, presets};
use serde_json::Value;

use crate::arguments::Command;

/// A text without the characters that drive a terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect()
}

/// An instant without the fraction of its second; any other text as it is.
fn to_the_second(text: &str) -> String {
    let begin = text
        .get(..19)
        .filter(|begin| begin.as_bytes()[10] == b'T' && text.ends_with('Z'));
    let fraction = text
        .get(19..)
        .and_then(|rest| rest.strip_prefix('.')?.strip_suffix('Z'));
    match (begin, fraction) {
        (Some(begin), Some(fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => format!("{begin}Z"),
        _ => text.to_owned(),
    }
}

/// A value in one cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => to_the_second(&harmless(text)),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => harmless(&other.to_string()),
    }
}

fn table<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.map(str::to_uppercase));
    table.add_rows(rows);
    format!("{}\n", table.trim_fmt())
}

/// Names and values, one below the other.
fn facts(rows: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.add_rows(rows.into_iter().map(|(name, value)| [name.to_owned(), value]));
    format!("{}\n", table.trim_fmt())
}

/// The answer to a command.
pub(crate) fn render(command: &Command, answer: &Value) -> String {
    match command {
        Command::Invite(new) => link(answer, new.letter.as_deref()),
        Command::Resend { letter, .. } => link(answer, letter.as_deref()),
        Command::List(_) => connections(answer),
        Command::Show(one) => {
            let more = answer["timeline_next_cursor"].is_string();
            let more = if more {
                format!("older entries: timeline {}\n", one.connection)
            } else {
                String::new()
            };
            format!("{}\n{}{more}", connection(answer), timeline(answer))
        }
        Command::Timeline { .. } => timeline(answer),
        Command::Sweep => sweep(answer),
        Command::Offboard { .. } | Command::Certificate(_) => certificate(answer),
        Command::RevokeAll { .. } => format!("{} connections revoked, none remain\n", answer["revoked"]),
        _ => connection(answer),
    }
}

fn link(answer: &Value, letter: Option<&str>) -> String {
    let mut text = facts([
        ("connection", cell(&answer["connection"])),
        ("customer", cell(&answer["customer"])),
        ("works until", cell(&answer["expires_at"])),
        ("link", cell(&answer["link"])),
    ]);
    let letters = answer["letters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(found) = letters
        .iter()
        .find(|found| letter.is_some_and(|code| found["code"] == code))
    {
        text.push_str(&format!("\n{}\n\n", cell(&found["subject"])));
        for line in found["body"].as_str().unwrap_or_default().lines() {
            text.push_str(&format!("{}\n", harmless(line)));
        }
    }
    text
}

fn connections(answer: &Value) -> String {
    let rows = answer["connections"].as_array().map(Vec::as_slice).unwrap_or_default();
    let headings = [
        "connection",
        "customer",
        "stage",
        "since",
        "whose turn",
        "health",
        "next action",
    ];
    let lines = rows.iter().map(|row| {
        let turn = &row["next_action"];
        [
            cell(&row["connection"]),
            cell(&row["customer"]),
            stage(row),
            cell(&row["since"]),
            cell(&turn["who"]),
            cell(&row["health"]),
            cell(&turn["what"]),
        ]
    });
    let shown = rows.len();
    let found = answer["found"]
        .as_u64()
        .map_or_else(|| shown.to_string(), |found| found.to_string());
    format!("{}{shown} of {found} connections\n", table(headings, lines))
}

fn stage(row: &Value) -> String {
    let stage = cell(&row["stage"]);
    if row["paused_at"].is_null() {
        stage
    } else {
        format!("{stage} (paused)")
    }
}

fn connection(answer: &Value) -> String {
    let turn = &answer["next_action"];
    let named = [
        ("created", "created_at"),
        ("link opened", "opened_at"),
        ("link works until", "invitation_expires_at"),
        ("revoked", "revoked_at"),
        ("paused", "paused_at"),
        ("new secret asked for", "rotation_asked_at"),
        ("PIM", "pim"),
        ("org", "org_id"),
        ("org type", "org_type"),
        ("health", "health"),
        ("looked at", "checked_at"),
        ("next look", "due_at"),
    ];
    let mut rows = vec![
        ("connection", cell(&answer["connection"])),
        ("customer", cell(&answer["customer"])),
        ("stage", stage(answer)),
        ("whose turn", cell(&turn["who"])),
        ("next action", cell(&turn["what"])),
    ];
    rows.extend(
        named
            .into_iter()
            .filter(|(_, field)| !answer[*field].is_null())
            .map(|(name, field)| (name, cell(&answer[field]))),
    );
    for (name, field) in [
        ("mends by itself", "heal"),
        ("looks every (s)", "health_period_seconds"),
        ("gives the token up", "drop_salesforce_token"),
        ("expected PIM", "pim_host"),
        ("expected org type", "org_type"),
    ] {
        let value = &answer["terms"][field];
        if !value.is_null() {
            rows.push((name, cell(value)));
        }
    }
    facts(rows)
}

/// Entries; what belongs to an event beside its name and time is told as `name=value`.
fn timeline(answer: &Value) -> String {
    let entries = answer["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = entries.iter().map(|entry| {
        let fields = entry.as_object().into_iter().flatten();
        let details: Vec<_> = fields
            .filter(|(name, _)| !["at", "event", "by", "trace"].contains(&name.as_str()))
            .map(|(name, value)| format!("{}={}", harmless(name), cell(value)))
            .collect();
        [
            cell(&entry["at"]),
            cell(&entry["event"]),
            cell(&entry["by"]),
            cell(&entry["trace"]),
            details.join(" "),
        ]
    });
    table(["at", "event", "by", "reference", "details"], lines)
}

/// What became of each thing, and what stays because it is the customer's.
fn certificate(answer: &Value) -> String {
    let head = facts([
        ("connection", cell(&answer["connection"])),
        ("customer", cell(&answer["customer"])),
        ("org", cell(&answer["org_id"])),
        ("PIM", cell(&answer["pim"])),
        ("asked for", cell(&answer["asked_at"])),
        ("complete", cell(&answer["ended_at"])),
        ("waits for", cell(&answer["waiting"])),
    ]);
    let rows = |field: &str| answer[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = rows("items").iter().map(|item| {
        let left = &item["left"];
        let became = if left.is_null() {
            "gone".to_owned()
        } else {
            format!("left: {}", cell(left))
        };
        [cell(&item["at"]), cell(&item["thing"]), became]
    });
    let stays: Vec<_> = rows("stays")
        .iter()
        .map(|text| format!("stays: {}\n", cell(text)))
        .collect();
    format!(
        "{head}\n{}\n{}",
        table(["at", "thing", "what became of it"], lines),
        stays.concat()
    )
}

fn sweep(answer: &Value) -> String {
    let latest = &answer["latest"];
    let did = latest["did"].as_object().into_iter().flatten();
    let counts: Vec<_> = did
        .map(|(name, count)| format!("{}={}", harmless(name), cell(count)))
        .collect();
    let head = facts([
        ("now", cell(&answer["now"])),
        ("latest sweep began", cell(&latest["started_at"])),
        ("ended", cell(&latest["ended_at"])),
        (
            "it did",
            if counts.is_empty() {
                "-".to_owned()
            } else {
                counts.join(" ")
            },
        ),
        (
            "queues are counted",
            if answer["counted"] == false {
                "in part: there are more connections than one request can count".to_owned()
            } else {
                "to the end".to_owned()
            },
        ),
    ]);
    let queues = answer["queues"].as_object().into_iter().flatten();
    let lines = queues.map(|(name, queue)| {
        [
            harmless(name),
            cell(&queue["size"]),
            cell(&queue["due"]),
            cell(&queue["earliest"]),
        ]
    });
    format!("{head}\n{}", table(["queue", "size", "due", "earliest"], lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_to_the_second() {
        let check = |text: &str, expect: &str| assert_eq!(to_the_second(text), expect);
        check("2026-11-24T16:53:53.759480011Z", "2026-11-24T16:53:53Z");
        check("2026-11-24T16:53:53Z", "2026-11-24T16:53:53Z");
        check("0123456789Tärzte 89.5Z", "0123456789Tärzte 89.5Z");
        check("a.5Z", "a.5Z");
        check("", "");
    }
}
