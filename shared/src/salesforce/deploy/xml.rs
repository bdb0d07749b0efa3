//! The XML of a component, put together element by element so that no text can break out of its element.

use serde_json::{Map, Value};

/// A component's document around its elements.
#[must_use]
pub fn document(root: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{inside}</{root}>\n"
    )
}

/// An element around elements.
#[must_use]
pub fn parent(name: &str, inside: &str) -> String {
    format!("<{name}>{inside}</{name}>")
}

/// An element with text.
#[must_use]
pub fn text(name: &str, text: &str) -> String {
    parent(name, &escape(text))
}

/// The fields of a Tooling row's compound `Metadata`, which have the names of the elements (facts/salesforce 1.3). Null is left out.
#[must_use]
pub fn fields(fields: &Map<String, Value>) -> String {
    fields.iter().map(|(name, value)| field(name, value)).collect()
}

fn field(name: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(value) => text(name, value),
        Value::Bool(_) | Value::Number(_) => text(name, &value.to_string()),
        Value::Array(all) => all.iter().map(|one| field(name, one)).collect(),
        Value::Object(inside) => parent(name, &fields(inside)),
    }
}

/// Text as the inside of an element.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            other => safe.push(other),
        }
    }
    safe
}
