//! How PHP and Symfony read and write query strings and forms, as far as a client can notice (facts/akeneo 1.4, 2, 3.2).
//!
//! The last value of a repeated name wins, `name[]` makes an array, and URLs are built by string rules, not by a URL parser.

/// The parameters of a query string or of a form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(Vec<(String, Value)>);

#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Array,
}

/// A parameter is an array where the framework wants one value; it answers 400 with its own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArrayGiven;

impl Parameters {
    /// Reads `a=b&c[]=d`.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(
            form_urlencoded::parse(encoded)
                .map(|(name, value)| entry(&name, value.into_owned()))
                .collect(),
        )
    }

    /// Takes fields that were read elsewhere.
    pub(crate) fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| entry(&name, value)).collect())
    }

    /// Reads the top level of a JSON object as the body listener would; anything else is no parameters at all.
    pub(crate) fn from_json(body: &[u8]) -> Self {
        let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let value = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Null => Value::Text(String::new()),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Value::Array,
            scalar => Value::Text(scalar.to_string()),
        };
        Self(object.into_iter().map(|(name, json)| (name, value(json))).collect())
    }

    /// One text value, or nothing.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ArrayGiven> {
        match self.0.iter().rev().find(|(known, _)| known == name) {
            Some((_, Value::Text(text))) => Ok(Some(text)),
            Some((_, Value::Array)) => Err(ArrayGiven),
            None => Ok(None),
        }
    }

    /// One text value, or an empty one.
    pub(crate) fn text_or_empty(&self, name: &str) -> Result<&str, ArrayGiven> {
        Ok(self.text(name)?.unwrap_or_default())
    }
}

fn entry(name: &str, value: String) -> (String, Value) {
    match name.split_once('[') {
        Some((base, _)) if !base.is_empty() => (base.to_owned(), Value::Array),
        _ => (name.to_owned(), Value::Text(value)),
    }
}

/// PHP's `empty()`: the text `0` counts as empty too.
pub(crate) fn is_empty(text: &str) -> bool {
    text.is_empty() || text == "0"
}

/// Appends parameters by the rule of facts/akeneo 1.4: `&` when the URL has a non-empty query, else `?`; whatever a fragment makes of it.
pub(crate) fn append_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let before_fragment = url.split('#').next().unwrap_or_default();
    let query = before_fragment.split_once('?').map_or("", |(_, query)| query);
    let glue = if is_empty(query) { '?' } else { '&' };
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    format!("{url}{glue}{}", pairs.join("&"))
}

/// PHP's `urlencode` (RFC 1738): space becomes `+`, only letters, digits and `-_.` stay.
fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_rule_of_the_facts() {
        let check = |url: &str, expect: &str| assert_eq!(append_query(url, &[("code", "C"), ("state", "a b")]), expect);
        check("https://x/cb", "https://x/cb?code=C&state=a+b");
        check("https://x/cb?tenant=1", "https://x/cb?tenant=1&code=C&state=a+b");
        check("https://x/cb?", "https://x/cb??code=C&state=a+b");
        check("https://x/cb#part", "https://x/cb#part?code=C&state=a+b");
        check("https://x/cb?a=1#part", "https://x/cb?a=1#part&code=C&state=a+b");
    }

    #[test]
    fn the_activate_vector_of_the_facts() {
        assert_eq!(
            append_query(
                "http://shopware.example.com/activate",
                &[("pim_url", "http://localhost:8080")]
            ),
            "http://shopware.example.com/activate?pim_url=http%3A%2F%2Flocalhost%3A8080"
        );
    }

    #[test]
    fn the_last_of_repeated_names_wins_and_brackets_make_arrays() {
        let parameters = Parameters::parse(b"code=a&code=b&state[]=x&empty=");
        assert_eq!(parameters.text("code"), Ok(Some("b")));
        assert_eq!(parameters.text("state"), Err(ArrayGiven));
        assert_eq!(parameters.text("empty"), Ok(Some("")));
        assert_eq!(parameters.text("none"), Ok(None));
    }
}
