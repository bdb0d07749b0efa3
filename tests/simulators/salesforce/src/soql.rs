//! A small, honest part of SOQL: what the connector's queries need and clear errors for the rest (facts/salesforce 2.1, 6, 9, 12.2).
//!
//! Understood: SELECT of plain and dotted fields, FROM one object, WHERE with `= != <> < > <= >= IN NOT IN LIKE AND OR NOT` and
//! parentheses, text, numbers, booleans and null, one level of semi-join, ORDER BY, LIMIT. Everything else is MALFORMED_QUERY, never a
//! wrong answer.

mod evaluate;
mod parse;
mod rows;
pub(crate) mod schema;
mod token;

use serde_json::{Map, Value, json};

use crate::api::gate::Caller;
use crate::identifier::same;
use crate::refusal::Refusal;
use crate::world::World;
use schema::{Field, Kind, Table};

/// Which of the two APIs is asked; they know different objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Data,
    Tooling,
}

/// The result of a query.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) object: &'static str,
    pub(crate) records: Vec<Value>,
}

/// Everything that a query runs against.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    api: Api,
    pub(crate) world: &'a World,
    pub(crate) caller: &'a Caller,
}

/// Runs a query.
pub(crate) fn run(text: &str, api: Api, world: &World, caller: &Caller) -> Result<Found, Refusal> {
    let query = parse::parse(text)?;
    let scene = Scene { api, world, caller };
    let table = schema::table(&query.object, scene)?;
    let fields: Vec<Vec<&'static Field>> = query
        .fields
        .iter()
        .map(|name| schema::resolve(table, name))
        .collect::<Result<_, _>>()?;
    let rows = evaluate::select(&query, table, scene)?;
    let needs_one = fields
        .iter()
        .any(|path| path.iter().any(|field| matches!(field.name, "Metadata" | "FullName")));
    if needs_one && rows.len() > 1 {
        let message = format!(
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. Result size: {}",
            rows.len()
        );
        return Err(Refusal::bad("MALFORMED_QUERY", message));
    }
    let records = rows.iter().map(|row| project(table, row, &fields, scene)).collect();
    Ok(Found {
        object: table.name,
        records,
    })
}

/// One record with all its fields, by id.
pub(crate) fn record(object: &str, id: &str, api: Api, world: &World, caller: &Caller) -> Result<Value, Refusal> {
    let scene = Scene { api, world, caller };
    let table = schema::table(object, scene).map_err(|_| Refusal::not_found())?;
    let rows = rows::rows(table, scene);
    let row = rows
        .iter()
        .find(|row| row.get("Id").and_then(Value::as_str).is_some_and(|own| same(own, id)));
    let row = row.ok_or_else(Refusal::not_found)?;
    let fields: Vec<Vec<&'static Field>> = table
        .fields
        .iter()
        .filter(|field| !matches!(field.kind, Kind::Parent(_)))
        .map(|field| vec![field])
        .collect();
    Ok(project(table, row, &fields, scene))
}

fn attributes(table: &Table, row: &Value, scene: Scene<'_>) -> Value {
    let tooling = if scene.api == Api::Tooling { "/tooling" } else { "" };
    let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
    json!({ "type": table.name, "url": format!("{}{tooling}/sobjects/{}/{id}", scene.caller.root(), table.name) })
}

/// The selected fields of a row, each parent with attributes of its own.
fn project(table: &Table, row: &Value, fields: &[Vec<&'static Field>], scene: Scene<'_>) -> Value {
    let mut record = Map::new();
    record.insert("attributes".to_owned(), attributes(table, row, scene));
    for path in fields {
        let [first, rest @ ..] = path.as_slice() else { continue };
        let value = row.get(first.name).unwrap_or(&Value::Null);
        match first.kind {
            Kind::Parent(parent) if !rest.is_empty() => {
                let below: Vec<Vec<&'static Field>> = fields
                    .iter()
                    .filter(|other| other.first().is_some_and(|field| field.name == first.name))
                    .map(|other| other[1..].to_vec())
                    .collect();
                let nested = match schema::named(parent) {
                    Some(parent) if !value.is_null() => project(parent, value, &below, scene),
                    _ => Value::Null,
                };
                record.insert(first.name.to_owned(), nested);
            }
            _ => {
                record.insert(first.name.to_owned(), value.clone());
            }
        }
    }
    Value::Object(record)
}
