//! Query strings: each parameter once, and only those that are understood; all faults at once.

use connector::clock::Timestamp;
use connector::web::Request;

use crate::refusal::Refusal;

/// The longest query.
const LONGEST: usize = 4096;

/// Reads parameters and collects what is wrong with them.
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    faults: Vec<String>,
}

impl Query {
    /// The query of a request that takes only these parameters.
    pub(crate) fn read(request: &Request, known: &[&str]) -> Result<Self, Refusal> {
        if request.query.len() > LONGEST {
            return Err(Refusal::Faults(vec!["the query is longer than 4 KiB".to_owned()]));
        }
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(request.query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut faults = Vec::new();
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let there = if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                };
                faults.push(format!("{name:?} is not a parameter; there are {there}"));
            } else if pairs[..at].iter().any(|(former, _)| former == name) {
                faults.push(format!("{name} comes twice"));
            }
        }
        Ok(Self { pairs, faults })
    }

    /// What was read, unless something is wrong.
    pub(crate) fn end<T>(self, read: T) -> Result<T, Refusal> {
        if self.faults.is_empty() {
            Ok(read)
        } else {
            Err(Refusal::Faults(self.faults))
        }
    }

    /// A parameter's text, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// One of a few words, or the first of them.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], usual: T) -> T {
        let Some(text) = self.text(name) else {
            return usual;
        };
        let found = choices.iter().find(|(choice, _)| *choice == text);
        let found = found.map(|(_, value)| *value);
        found.unwrap_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
            self.faults.push(format!("{name} is one of {}", names.join(", ")));
            usual
        })
    }

    /// Values of an enumeration, separated by commas; none for all.
    pub(crate) fn several<T: serde::de::DeserializeOwned>(&mut self, name: &str, example: &str) -> Vec<T> {
        let Some(words) = self.text(name).map(str::to_owned) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for word in words.split(',') {
            match serde_json::from_value(serde_json::Value::String(word.to_owned())) {
                Ok(value) => found.push(value),
                Err(_) => self
                    .faults
                    .push(format!("{name}: {word:?} is none of its values; one is {example}")),
            }
        }
        found
    }

    /// Yes or no, if given.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.text(name)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.faults.push(format!("{name} is true or false"));
                None
            }
        }
    }

    /// A whole number from 0 on, if given.
    pub(crate) fn number(&mut self, name: &str, most: usize) -> Option<usize> {
        let found = self.text(name)?.parse().ok().filter(|number| *number <= most);
        if found.is_none() {
            self.faults.push(format!("{name} is a whole number from 0 to {most}"));
        }
        found
    }

    /// How many to answer with at most.
    pub(crate) fn limit(&mut self, usual: usize, most: usize) -> usize {
        let Some(text) = self.text("limit") else {
            return usual;
        };
        let found = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        found.unwrap_or_else(|| {
            self.faults.push(format!("limit is a whole number from 1 to {most}"));
            usual
        })
    }

    /// An instant, if given.
    pub(crate) fn instant(&mut self, name: &str) -> Option<Timestamp> {
        let parsed = self.text(name)?.parse();
        if parsed.is_err() {
            self.faults
                .push(format!("{name} is an instant such as 2026-11-24T16:00:00Z (RFC 3339)"));
        }
        parsed.ok()
    }

    /// Where the page before ended. Any text in hex is a place in a sorted list; one that nobody was given is as good as any.
    ///
    /// # Errors
    /// [`Refusal::NoPage`] for bytes that are no text.
    pub(crate) fn cursor(&mut self) -> Result<Option<String>, Refusal> {
        let Some(text) = self.text("cursor") else {
            return Ok(None);
        };
        match place_of(text) {
            Some(place) => place.map(Some),
            None => {
                self.faults.push(CURSOR.to_owned());
                Ok(None)
            }
        }
    }
}

/// What a cursor is.
pub(crate) const CURSOR: &str = "cursor is the “next_cursor” of the page before";

/// The cursor for a place.
pub(crate) fn cursor(place: &str) -> String {
    hex::encode(place)
}

/// The place of a cursor; `None` if it is none.
pub(crate) fn place_of(cursor: &str) -> Option<Result<String, Refusal>> {
    let bytes = hex::decode(cursor).ok().filter(|bytes| !bytes.is_empty())?;
    Some(String::from_utf8(bytes).map_err(|_| Refusal::NoPage))
}
