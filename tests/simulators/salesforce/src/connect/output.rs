//! What all Connect answers have in common: null keys (a switch) and addresses.

use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::api::gate::Caller;
use crate::refusal::json_answer;
use crate::settings::{NullKeys, Settings};

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.').remove(b'~');

/// The `url` of a resource.
pub(crate) fn url(caller: &Caller, collection: &str, name: &str) -> String {
    format!(
        "{}/named-credentials/{collection}/{}",
        caller.root(),
        utf8_percent_encode(name, SEGMENT)
    )
}

/// An answer with null keys as the switch says.
pub(crate) fn answer(status: StatusCode, mut body: Value, settings: &Settings) -> Response {
    if settings.null_keys == NullKeys::Omit {
        drop_nulls(&mut body);
    }
    json_answer(status, &body)
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
