//! Bodies of requests: JSON objects, read field by field so that all faults are reported at once.

use connector::web::Request;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The longest body.
const LONGEST: usize = 16 * 1024;

/// A JSON object. A field that comes twice is refused: which of the two was meant is not ours to guess.
pub(crate) struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a field comes twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

impl Fields {
    /// The object in a body.
    pub(crate) fn read(request: &Request) -> Result<Self, Refusal> {
        if request.body.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let kind = request.header("content-type").unwrap_or("application/json");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::NotJson);
        }
        serde_json::from_slice(&request.body).map_err(|_| Refusal::Malformed)
    }

    /// A reader that takes only these fields.
    pub(crate) fn reader(&self, known: &[&str]) -> Reader<'_> {
        let mut reader = Reader {
            fields: &self.0,
            faults: Vec::new(),
        };
        for name in self.0.keys().filter(|name| !known.contains(&name.as_str())) {
            reader
                .faults
                .push(format!("{name:?} is not a field; there are {}", known.join(", ")));
        }
        reader
    }

    /// Whether the field is there, with whatever value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Reads fields and collects what is wrong with them.
pub(crate) struct Reader<'a> {
    fields: &'a Map<String, Value>,
    /// What is wrong, in words.
    pub(crate) faults: Vec<String>,
}

impl Reader<'_> {
    /// What was read, unless something is wrong.
    pub(crate) fn end<T>(self, read: T) -> Result<T, Refusal> {
        if self.faults.is_empty() {
            Ok(read)
        } else {
            Err(Refusal::Faults(self.faults))
        }
    }

    /// A text as it is; none if absent or null.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                self.faults.push(format!("{name} is not a text"));
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = choices
            .iter()
            .find(|(choice, _)| *choice == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
            self.faults.push(format!("{name} is one of {}", names.join(", ")));
        }
        found
    }

    /// A whole number of this range.
    pub(crate) fn number(&mut self, name: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        // 14.0 is a whole number in JSON (RFC 8259 section 6).
        let whole = value.as_u64().or_else(|| {
            let number = value.as_f64()?;
            (number.fract() == 0.0 && number >= 0.0).then(|| format!("{number:.0}").parse().ok())?
        });
        let found = whole.filter(|number| range.contains(number));
        if found.is_none() {
            let (least, most) = (range.start(), range.end());
            self.faults
                .push(format!("{name} is a whole number from {least} to {most}"));
        }
        found
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(_) => {
                self.faults.push(format!("{name} is true or false"));
                None
            }
        }
    }

    /// A host name, if one is given: letters, digits and hyphens in labels, as `infra/openapi.yaml` says.
    pub(crate) fn host(&mut self, name: &str) -> Option<String> {
        let host = self.text(name)?.to_ascii_lowercase();
        if host.len() > 253 || !host.split('.').all(is_label) {
            self.faults.push(format!(
                "{name} is a host name such as acme.cloud.akeneo.com, without https:// and path"
            ));
        }
        Some(host)
    }
}

/// A label of a host name (RFC 1123 section 2.1).
fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
}
