//! The e-mail that Customer Success sends with a setup link, in the languages of the customers. A template for each language: a letter
//! is a whole, not a list of translated parts.

use askama::Template;
use serde::Serialize;

use crate::clock::Timestamp;

/// A letter. It carries the link, so it is shown to whoever made the link, once, and kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The language's code.
    pub code: &'static str,
    /// The language, by its own name.
    pub language: &'static str,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.code)
    }
}

macro_rules! languages {
    ($($name:ident $path:literal;)+) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a> {
            link: &'a str,
            until: &'a str,
        }
    )+};
}

languages! {
    English "mail/en.txt";
    German "mail/de.txt";
    French "mail/fr.txt";
    Spanish "mail/es.txt";
}

/// The letters for a link that works until `until`.
#[must_use]
pub fn letters(customer: &str, link: &str, until: Timestamp) -> Vec<Letter> {
    let date = |format: &str| until.strftime(format).to_string();
    let (dashed, dotted, slashed) = (
        date("%-d %B %Y, %H:%M UTC"),
        date("%d.%m.%Y, %H:%M UTC"),
        date("%d/%m/%Y, %H:%M UTC"),
    );
    // A template that fails leaves its letter out; there are three others.
    let letter = |code, language, subject: &str, body: Result<String, askama::Error>| {
        let subject = format!("{subject} – {customer}");
        Some(Letter {
            code,
            language,
            subject,
            body: body.ok()?,
        })
    };
    let all = [
        letter(
            "en",
            "English",
            "Connect Akeneo PIM with Salesforce",
            English { link, until: &dashed }.render(),
        ),
        letter(
            "de",
            "Deutsch",
            "Akeneo PIM mit Salesforce verbinden",
            German { link, until: &dotted }.render(),
        ),
        letter(
            "fr",
            "Français",
            "Connecter Akeneo PIM à Salesforce",
            French { link, until: &slashed }.render(),
        ),
        letter(
            "es",
            "Español",
            "Conectar Akeneo PIM con Salesforce",
            Spanish { link, until: &slashed }.render(),
        ),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_has_the_link_and_its_end_and_no_markup() {
        let until = "2026-12-08T14:05:00Z".parse().unwrap();
        let all = letters("Müller & Söhne", "https://setup.example.com/setup/abc", until);
        let codes: Vec<_> = all.iter().map(|letter| letter.code).collect();
        assert_eq!(codes, ["en", "de", "fr", "es"]);
        for letter in &all {
            assert!(letter.subject.ends_with("– Müller & Söhne"), "{}", letter.subject);
            assert!(
                letter.body.contains("\n\nhttps://setup.example.com/setup/abc\n\n"),
                "{letter:?}"
            );
            assert!(letter.body.contains("2026, 14:05 UTC"), "{letter:?}");
            assert!(!letter.body.contains("{{") && !letter.body.contains("&#"), "{letter:?}");
            assert_eq!(
                format!("{letter:?}"),
                format!("Letter({})", letter.code),
                "no link in a log"
            );
        }
    }
}
