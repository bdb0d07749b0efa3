//! The operator's command line: every operation of the operator's API (`infra/openapi.yaml`) from a terminal, signed with the
//! credentials that the AWS SDK finds.
//!
//! It talks to the API and to nothing else: no table, no secret, no org. What people or other systems wrote is shown without
//! control characters, so that a customer's name cannot drive somebody's terminal.

pub mod arguments;
mod audit;
pub mod endpoint;
pub mod fault;
mod request;
mod signature;
mod table;

use std::io::Write;

use clap::CommandFactory as _;
use serde_json::{Value, json};

use crate::arguments::{Arguments, Command};
use crate::endpoint::Endpoint;
pub use crate::fault::Fault;
use crate::request::{Call, call};

/// Does what the command line says. `out` is for what was asked for, `notes` for what a person may like to know besides.
///
/// # Errors
/// [`Fault`]; [`Fault::code`] is what the process ends with.
pub async fn run(arguments: Arguments, out: &mut dyn Write, notes: &mut dyn Write) -> Result<(), Fault> {
    if let Command::Completions { shell } = arguments.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "connector", &mut script);
        return Ok(out.write_all(&script)?);
    }
    let endpoint = Endpoint::open(&arguments).await?;
    match &arguments.command {
        Command::List(_) | Command::Timeline { .. } => {
            let whole = pages(&endpoint, &arguments.command).await?;
            show(&arguments, &whole, out)
        }
        Command::Audit(wanted) => audit::export(&endpoint, wanted, out, notes).await,
        Command::RevokeAll { yes } => {
            let done = revoke_all(&endpoint, yes, notes).await?;
            show(&arguments, &done, out)
        }
        other => {
            let answer = endpoint.send(call(other)).await?;
            show(&arguments, &answer, out)
        }
    }
}

fn show(arguments: &Arguments, answer: &Value, out: &mut dyn Write) -> Result<(), Fault> {
    if arguments.json {
        writeln!(out, "{answer:#}")?;
    } else {
        out.write_all(table::render(&arguments.command, answer).as_bytes())?;
    }
    Ok(())
}

/// All pages of a list as one, up to the number of rows that was asked for.
async fn pages(endpoint: &Endpoint, command: &Command) -> Result<Value, Fault> {
    let (rows, limit) = match command {
        Command::List(list) => ("connections", list.limit),
        Command::Timeline { limit, .. } => ("timeline", *limit),
        _ => return Err(Fault::NotUnderstood),
    };
    let mut whole: Option<Value> = None;
    let mut found: Vec<Value> = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let left = limit.map(|limit| limit.saturating_sub(found.len()));
        let mut page = endpoint
            .send(call(command).page(left.unwrap_or(usize::MAX), cursor.as_deref()))
            .await?;
        let Some(Value::Array(more)) = page.get_mut(rows).map(Value::take) else {
            return Err(Fault::NotUnderstood);
        };
        found.extend(more);
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        whole.get_or_insert(page);
        if cursor.is_none() || limit.is_some_and(|limit| found.len() >= limit) {
            break;
        }
    }
    let mut whole = whole.unwrap_or_default();
    whole[rows] = Value::Array(found);
    whole["next_cursor"] = json!(cursor);
    Ok(whole)
}

/// Each call does what its time allows; the next one goes on where it stopped, until nothing remains.
async fn revoke_all(endpoint: &Endpoint, word: &str, notes: &mut dyn Write) -> Result<Value, Fault> {
    let (mut revoked, mut cursor) = (0, Value::Null);
    loop {
        let body = json!({ "confirm": word, "cursor": cursor });
        let answer = endpoint
            .send(Call::post("/operator/revoke-all").with(body))
            .await
            .map_err(|fault| fault.after(revoked))?;
        let (Some(some), Some(remaining)) = (answer["revoked"].as_u64(), answer["remaining"].as_u64()) else {
            return Err(Fault::NotUnderstood.after(revoked));
        };
        revoked += some;
        if remaining == 0 {
            return Ok(json!({ "revoked": revoked, "remaining": 0 }));
        }
        let next = answer["next_cursor"].clone();
        if some == 0 && next == cursor {
            return Err(Fault::NoProgress { remaining });
        }
        cursor = next;
        writeln!(notes, "{revoked} connections revoked, going on")?;
    }
}
