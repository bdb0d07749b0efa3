//! What a browser shows: pages, and the forms on them as the page fills them in.

use http::{Method, StatusCode};
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::Stuck;

/// A page that a browser shows.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its address.
    pub url: Url,
    /// Status.
    pub status: StatusCode,
    /// Text.
    pub html: String,
}

/// A form on a page, filled in as the page has it.
#[derive(Debug, Clone)]
pub struct Form {
    pub(super) method: Method,
    pub(super) action: Url,
    pub(super) fields: Vec<(String, String)>,
}

fn all(selector: &str) -> Selector {
    match Selector::parse(selector) {
        Ok(selector) => selector,
        Err(error) => unreachable!("a constant selector parses: {error}"),
    }
}

fn text_of(element: ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

impl Page {
    /// The form that has a button with this text, with that button pressed.
    ///
    /// # Errors
    /// [`Stuck::NotThere`].
    pub fn form(&self, button: &str) -> Result<Form, Stuck> {
        let document = Html::parse_document(&self.html);
        for form in document.select(&all("form")) {
            let pressed = form.select(&all("button, input[type=submit]")).find(|found| {
                text_of(*found) == button
                    || found.value().attr("value") == Some(button) && found.value().name() == "input"
            });
            if let Some(pressed) = pressed {
                return Ok(self.fill(form, pressed));
            }
        }
        Err(self.lacks(&format!("a form with the button {button:?}")))
    }

    /// The form that posts to this path, with its first button pressed.
    ///
    /// # Errors
    /// [`Stuck::NotThere`].
    pub fn form_to(&self, path: &str) -> Result<Form, Stuck> {
        let document = Html::parse_document(&self.html);
        let found = document
            .select(&all("form"))
            .find(|form| form.value().attr("action") == Some(path));
        let pressed = found.and_then(|form| Some((form, form.select(&all("button")).next()?)));
        pressed
            .map(|(form, button)| self.fill(form, button))
            .ok_or_else(|| self.lacks(&format!("a form to {path}")))
    }

    fn fill(&self, form: ElementRef<'_>, pressed: ElementRef<'_>) -> Form {
        let method = match form.value().attr("method") {
            Some(method) if method.eq_ignore_ascii_case("post") => Method::POST,
            _ => Method::GET,
        };
        let action = form.value().attr("action").filter(|action| !action.is_empty());
        let action = action
            .and_then(|action| self.url.join(action).ok())
            .unwrap_or_else(|| self.url.clone());
        let mut fields = Vec::new();
        for input in form.select(&all("input, select, textarea")) {
            let attr = |name| input.value().attr(name);
            let kind = attr("type").unwrap_or("text");
            let Some(name) = attr("name") else { continue };
            let skip = matches!(kind, "submit" | "button" | "image" | "reset" | "file")
                || attr("disabled").is_some()
                || matches!(kind, "checkbox" | "radio") && attr("checked").is_none();
            if skip {
                continue;
            }
            let value = match input.value().name() {
                "select" => {
                    let chosen = input
                        .select(&all("option[selected]"))
                        .next()
                        .or_else(|| input.select(&all("option")).next());
                    chosen.map(|option| {
                        option
                            .value()
                            .attr("value")
                            .map_or_else(|| text_of(option), str::to_owned)
                    })
                }
                "textarea" => Some(input.text().collect()),
                _ => attr("value").map(str::to_owned),
            };
            let default = if matches!(kind, "checkbox" | "radio") { "on" } else { "" };
            fields.push((name.to_owned(), value.unwrap_or_else(|| default.to_owned())));
        }
        if let Some(name) = pressed.value().attr("name") {
            fields.push((
                name.to_owned(),
                pressed.value().attr("value").unwrap_or_default().to_owned(),
            ));
        }
        Form { method, action, fields }
    }

    /// The value of the first element that the selector finds.
    #[must_use]
    pub fn value(&self, selector: &str) -> Option<String> {
        let document = Html::parse_document(&self.html);
        let found = document.select(&Selector::parse(selector).ok()?).next()?;
        found.value().attr("value").map(str::to_owned)
    }

    /// An attribute of every element that the selector finds, in order.
    #[must_use]
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let Ok(selector) = Selector::parse(selector) else {
            return Vec::new();
        };
        let document = Html::parse_document(&self.html);
        let found = document.select(&selector);
        found
            .map(|element| element.value().attr(name).unwrap_or_default().to_owned())
            .collect()
    }

    /// The text of every element that the selector finds, in order, white space folded.
    #[must_use]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let Ok(selector) = Selector::parse(selector) else {
            return Vec::new();
        };
        Html::parse_document(&self.html)
            .select(&selector)
            .map(text_of)
            .collect()
    }

    /// The page's text, white space folded.
    #[must_use]
    pub fn text(&self) -> String {
        let document = Html::parse_document(&self.html);
        document.select(&all("body")).next().map(text_of).unwrap_or_default()
    }

    /// That something is missing.
    #[must_use]
    pub fn lacks(&self, what: &str) -> Stuck {
        Stuck::NotThere {
            what: what.to_owned(),
            path: self.url.path().to_owned(),
            status: self.status.as_u16(),
        }
    }
}

impl Form {
    /// The form with a field set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, former)) => *former = value,
            None => self.fields.push((name.to_owned(), value)),
        }
        self
    }

    /// Where it goes.
    #[must_use]
    pub fn action(&self) -> &Url {
        &self.action
    }

    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}
