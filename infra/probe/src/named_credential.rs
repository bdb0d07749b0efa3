//! Writes of the packaged Named Credential: may they switch callouts, and do they switch them off by themselves (facts/salesforce 5.3)?
//!
//! The endpoint changes its path only, never its host: what the org sends with a callout goes nowhere else.

use connector::salesforce::capability::Capability;
use serde_json::{Value, json};

use crate::org::CallFault;
use crate::question::{Probing, Question, Write, verdict, withheld};
use crate::records::{NO_RECORD, principal, principal_lost};
use crate::undo::Way;

const STATUS: Question = Question {
    point: "16 (1)",
    name: "callout_status_by_tooling",
    text: "Does Tooling PATCH change calloutStatus of a managed Named Credential?",
};
const SUCCESS: Question = Question {
    point: "1.3",
    name: "tooling_patch_success",
    text: "What does a successful Tooling PATCH answer?",
};
const FLIPPED: Question = Question {
    point: "16 (6)",
    name: "callouts_flipped_by_write",
    text: "Does a write of ours that moves the URL switch callouts off?",
};
const AFTER_MOVE: Question = Question {
    point: "16 (5)",
    name: "principal_after_endpoint",
    text: "Does the stored token stay when the Named Credential's URL changes and comes back?",
};

/// There is no such record.
pub(crate) fn absent(probing: &mut Probing<'_>) {
    for question in [&STATUS, &FLIPPED, &AFTER_MOVE] {
        probing.open(question, NO_RECORD);
    }
}

fn left(status: &str) -> String {
    format!(
        "the packaged Named Credential could not be put back. Its callouts were {status}: compare URL and “Enabled for Callouts” in Setup > \
         Security > Named Credentials."
    )
}

/// Switches callouts over and back.
pub(crate) async fn callout_status(probing: &mut Probing<'_>, id: &str) -> Result<(), CallFault> {
    let row = format!("tooling/sobjects/NamedCredential/{id}");
    let Some(before) = probing.org.metadata(&row).await? else {
        probing.open(&STATUS, "the record cannot be read over Tooling");
        return Ok(());
    };
    let present = status(&before);
    let other = if present == "Enabled" { "Disabled" } else { "Enabled" };
    let mut switched = before.clone();
    switched["calloutStatus"] = json!(other);
    let there = json!({ "Metadata": switched });
    let write = Write {
        name: "callout-status",
        what: format!("Callouts are {present}; they are {other} for about a second and then {present} again."),
        calls: there_and_back(probing, &row, &there, &before),
    };
    if !probing.agreed(&write, &STATUS).await {
        return Ok(());
    }
    let metadata = before.clone();
    let way = Way::Metadata {
        row: row.clone(),
        before: metadata,
    };
    probing.undo.note(way, left(&present));
    let reply = probing.org.call("PATCH", &row, Some(&there)).await?;
    let seen = probing.org.metadata(&row).await?.unwrap_or_default();
    let changed = seen["calloutStatus"] == other;
    probing
        .report
        .learn(Capability::ToolingCalloutStatus, reply.is_ok() && changed);
    let said = if reply.is_ok() && !changed {
        "accepted, but not in place".to_owned()
    } else {
        verdict(&reply)
    };
    probing.note(&STATUS, said);
    if reply.is_ok() {
        probing.note(&SUCCESS, reply.status.as_u16().to_string());
    }
    probing.put_back().await;
    Ok(())
}

/// Gives the URL another path and takes it back.
pub(crate) async fn endpoint(probing: &mut Probing<'_>, id: &str) -> Result<(), CallFault> {
    let row = format!("tooling/sobjects/NamedCredential/{id}");
    let before = probing.org.metadata(&row).await?.unwrap_or_default();
    let (present, moved) = (status(&before), moved(&before));
    let (Some(moved), "Enabled") = (moved, present.as_str()) else {
        let why = "callouts are off, so they cannot be seen to go off; wire the org and ask again";
        probing.open(&FLIPPED, why);
        probing.open(&AFTER_MOVE, why);
        return Ok(());
    };
    let there = json!({ "Metadata": moved });
    let write = Write {
        name: "endpoint",
        what: "The URL has /connector-probe at its end for about a second: transfers that run meanwhile fail. If the org drops the stored \
               token because of it, the principal has to be authorized again."
            .to_owned(),
        calls: there_and_back(probing, &row, &there, &before),
    };
    if !probing.agreed(&write, &FLIPPED).await {
        probing.open(&AFTER_MOVE, "not agreed to");
        return Ok(());
    }
    let token = principal(probing.org, probing.records).await?;
    let way = Way::Metadata {
        row: row.clone(),
        before: before.clone(),
    };
    probing.undo.note(way, left(&present));
    let reply = probing.org.call("PATCH", &row, Some(&there)).await?;
    let seen = probing.org.metadata(&row).await?.unwrap_or_default();
    let said = match status(&seen).as_str() {
        _ if !reply.is_ok() => format!("open: the URL cannot be changed ({})", reply.brief()),
        _ if url(&seen) != url(&moved) => "open: accepted, but not in place".to_owned(),
        "Enabled" => "no: they stayed on".to_owned(),
        other => format!("yes: they were {other} afterwards"),
    };
    probing.note(&FLIPPED, said);
    probing.put_back().await;
    if reply.is_ok() {
        principal_lost(probing, &AFTER_MOVE, &token).await
    } else {
        probing.open(&AFTER_MOVE, "the URL cannot be changed");
        Ok(())
    }
}

fn there_and_back(
    probing: &Probing<'_>,
    row: &str,
    there: &Value,
    before: &Value,
) -> Vec<(&'static str, String, Value)> {
    let back = json!({ "Metadata": before });
    [there, &back]
        .map(|body| ("PATCH", probing.org.path(row), withheld(body)))
        .to_vec()
}

fn status(metadata: &Value) -> String {
    metadata["calloutStatus"].as_str().unwrap_or("Disabled").to_owned()
}

fn url(metadata: &Value) -> Option<&str> {
    let rows = metadata["namedCredentialParameters"].as_array()?;
    rows.iter().find(|row| row["parameterType"] == "Url")?["parameterValue"].as_str()
}

/// The same with another path.
fn moved(metadata: &Value) -> Option<Value> {
    let to = format!("{}/connector-probe", url(metadata)?.trim_end_matches('/'));
    let mut moved = metadata.clone();
    let rows = moved["namedCredentialParameters"].as_array_mut()?;
    let row = rows.iter_mut().find(|row| row["parameterType"] == "Url")?;
    row["parameterValue"] = json!(to);
    Some(moved)
}
