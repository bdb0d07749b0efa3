//! Reading request bodies as strictly as Salesforce does (facts/salesforce 12.2).
//!
//! The parser's own position is reported, so that messages read like the recorded one:
//! `Unrecognized field "id" at [line:4, column:12]`.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::gate::Caller;
use crate::refusal::Refusal;

/// A record's name in the address.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: String,
}

/// The kinds of principals that inputs name (facts/salesforce 4.3).
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) enum PrincipalType {
    #[serde(rename = "NamedPrincipal")]
    Named,
    #[serde(rename = "PerUserPrincipal")]
    PerUser,
    #[serde(rename = "AwsStsPrincipal")]
    AwsSts,
}

impl PrincipalType {
    /// The row type.
    pub(crate) fn row_type(self) -> &'static str {
        match self {
            Self::Named => "NamedPrincipal",
            Self::PerUser => "PerUserPrincipal",
            Self::AwsSts => "AwsStsPrincipal",
        }
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Refusal::unsupported_media_type())
    }
}

/// The name between the first pair of backticks of a parser message.
fn quoted(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or_default()
}

/// Reads a JSON body of a Connect or Tooling resource.
pub(crate) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Refusal> {
    check_content_type(headers)?;
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        let place = format!("at [line:{}, column:{}]", error.line(), error.column());
        if message.starts_with("unknown field") {
            Refusal::bad(
                "JSON_PARSER_ERROR",
                format!("Unrecognized field \"{}\" {place}", quoted(&message)),
            )
        } else if message.starts_with("missing field") {
            Refusal::bad(
                "INVALID_API_INPUT",
                format!("Required input parameter is missing: {}", quoted(&message)),
            )
        } else if message.starts_with("unknown variant") {
            Refusal::bad(
                "POST_BODY_PARSE_ERROR",
                format!("Invalid value \"{}\" {place}", quoted(&message)),
            )
        } else {
            Refusal::bad(
                "JSON_PARSER_ERROR",
                format!("The HTTP entity body is not valid JSON {place}"),
            )
        }
    })
}

/// Reads the columns of a record for the data API, which words its errors differently.
pub(crate) fn read_columns<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes, object: &str) -> Result<T, Refusal> {
    check_content_type(headers)?;
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        if message.starts_with("unknown field") {
            Refusal::bad(
                "INVALID_FIELD",
                format!("No such column '{}' on sobject of type {object}", quoted(&message)),
            )
        } else {
            Refusal::bad(
                "JSON_PARSER_ERROR",
                format!("Unexpected input at [line:{}, column:{}]", error.line(), error.column()),
            )
        }
    })
}

/// Refuses a key that this version of the API does not know yet.
pub(crate) fn since(caller: &Caller, version: u32, present: bool, key: &str, body: &Bytes) -> Result<(), Refusal> {
    if !present || caller.version >= version {
        return Ok(());
    }
    let text = String::from_utf8_lossy(body);
    let before = text.find(&format!("\"{key}\"")).map_or("", |at| &text[..at]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + key.len() + 2;
    Err(Refusal::bad(
        "JSON_PARSER_ERROR",
        format!("Unrecognized field \"{key}\" at [line:{line}, column:{column}]"),
    ))
}
