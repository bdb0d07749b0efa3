//! Form bodies and query strings, read with the WHATWG rules.
//!
//! Keeps every pair, because an OAuth parameter that appears twice is an error, not a choice.

/// The decoded pairs of a query or of a form body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value with this name; an empty one counts as absent, as Salesforce treats blank parameters.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The first name that appears more than once.
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.0.iter().enumerate().find_map(|(index, (key, _))| {
            self.0[..index]
                .iter()
                .any(|(earlier, _)| earlier == key)
                .then_some(key.as_str())
        })
    }
}

/// Only what stays on this origin: a path that cannot be read as another host.
pub(crate) fn local_path(text: &str) -> Option<&str> {
    let second = text.as_bytes().get(1);
    (text.starts_with('/') && !matches!(second, Some(b'/' | b'\\'))).then_some(text)
}
