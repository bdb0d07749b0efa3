//! What an answer of the PIM's API says about our token and our way to the PIM (facts/akeneo 7.3).
//!
//! The status comes first, the text second: the envelopes of some answers are not documented (facts/akeneo 12). Pure.

use http::{StatusCode, header};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::outbound::{Answer, CallError, retry_after};

/// What is known about one scope, or why the probing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The PIM let us do what the scope is for.
    Granted,
    /// There is no harmless way to try; the exchange said that it is granted (facts/akeneo 7.1, last row).
    Inferred,
    /// The scope is not granted, or was taken away.
    Missing,
    /// The PIM does not know the token: another scope set superseded it, or it is the token of another PIM (facts/akeneo 4).
    TokenInvalid,
    /// Somebody disconnected the app in the PIM (facts/akeneo 4).
    Disconnected,
    /// Too many calls.
    RateLimited {
        /// How long the PIM asks us to wait, if it says so.
        retry_after_seconds: Option<u64>,
    },
    /// Something between us and the PIM's API is set up wrongly.
    Misconfigured(Misconfiguration),
    /// The PIM does not answer, or has a fault of its own.
    Unreachable,
    /// An answer that none of this explains.
    Unknown,
}

/// What is set up wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misconfiguration {
    /// The API redirects, for example to the login page (facts/akeneo 9).
    Redirect,
    /// A page instead of the API: not a PIM, or another one.
    NotAnApi,
    /// The web server takes our `Authorization` header away (facts/akeneo 9, Apache).
    TokenNotSeen,
    /// A password is asked for in front of the PIM.
    Guarded,
    /// The certificate is not trusted.
    Certificate,
}

impl Verdict {
    /// Whether asking on makes no sense: the next answer will be the same.
    #[must_use]
    pub fn ends_the_probing(self) -> bool {
        !matches!(self, Self::Granted | Self::Inferred | Self::Missing | Self::Unknown)
    }

    /// What it means, for people.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Granted => "works",
            Self::Inferred => "was granted by the PIM",
            Self::Missing => "is not granted in the PIM",
            Self::TokenInvalid => "The PIM no longer accepts our token. Connect the PIM again.",
            Self::Disconnected => "The app was disconnected in the PIM. Connect the PIM again.",
            Self::RateLimited { .. } => "The PIM wants fewer calls at the moment. We try again later.",
            Self::Misconfigured(how) => how.in_words(),
            Self::Unreachable => "The PIM does not answer at the moment.",
            Self::Unknown => "The PIM gave an answer that we do not understand.",
        }
    }
}

impl Misconfiguration {
    /// What is wrong and who can put it right.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Redirect => {
                "The PIM's API redirects instead of answering. Ask whoever runs the PIM's web server to check the address."
            }
            Self::NotAnApi => "There is a web page where the PIM's API should be. Check the address of the PIM.",
            Self::TokenNotSeen => {
                "Our token does not arrive at the PIM. Ask whoever runs the PIM's web server to pass the Authorization header on, \
                 or connect the PIM again."
            }
            Self::Guarded => {
                "The web server in front of the PIM asks for a password. Ask whoever runs it to let API calls through."
            }
            Self::Certificate => {
                "The PIM's certificate is not trusted. Ask whoever runs the PIM's web server to renew it."
            }
        }
    }
}

/// The verdict on a list endpoint's answer.
pub(super) fn verdict(outcome: &Result<Answer, CallError>) -> Verdict {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(CallError::Tls(_)) => return Verdict::Misconfigured(Misconfiguration::Certificate),
        Err(CallError::TooLarge) => return Verdict::Misconfigured(Misconfiguration::NotAnApi),
        Err(_) => return Verdict::Unreachable,
    };
    match answer.status {
        StatusCode::OK => on_success(answer),
        StatusCode::UNAUTHORIZED => unauthorized(answer),
        // Without the API's envelope it is a firewall's page, and says nothing about the scope (facts/akeneo 7.1).
        StatusCode::FORBIDDEN => envelope(answer).map_or(Verdict::Unknown, |_| Verdict::Missing),
        StatusCode::NOT_FOUND => envelope(answer).map_or(not_an_api(), |_| Verdict::Unknown),
        StatusCode::TOO_MANY_REQUESTS => Verdict::RateLimited {
            retry_after_seconds: retry_after(&answer.headers).map(|wait| wait.as_secs()),
        },
        StatusCode::REQUEST_TIMEOUT => Verdict::Unreachable,
        status if status.is_redirection() => Verdict::Misconfigured(Misconfiguration::Redirect),
        status if status.is_server_error() => Verdict::Unreachable,
        _ => Verdict::Unknown,
    }
}

fn not_an_api() -> Verdict {
    Verdict::Misconfigured(Misconfiguration::NotAnApi)
}

/// The shape of a list. Nothing of it is kept: an answer may be as long as the longest that is read, and as many as a sweep looks at
/// side by side must fit into memory.
#[derive(Deserialize)]
struct List {
    #[serde(rename = "_embedded")]
    embedded: Embedded,
}

#[derive(Deserialize)]
struct Embedded {
    #[expect(dead_code, reason = "only that there are items counts")]
    items: Vec<IgnoredAny>,
}

fn on_success(answer: &Answer) -> Verdict {
    match answer.json::<List>() {
        Ok(List {
            embedded: Embedded { .. },
        }) => Verdict::Granted,
        Err(_) if answer.json::<IgnoredAny>().is_ok() => Verdict::Unknown,
        Err(_) => not_an_api(),
    }
}

fn unauthorized(answer: &Answer) -> Verdict {
    let asks_for = |scheme: &str| {
        let challenges = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
        challenges
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.to_ascii_lowercase().starts_with(scheme))
    };
    match envelope(answer) {
        Some(message) if message.contains("disconnected") => Verdict::Disconnected,
        // We did send a token; both bodies of facts/akeneo 7.3, row 1.
        Some(message) if message == "Authentication is required" || message == "OAuth2 authentication required" => {
            Verdict::Misconfigured(Misconfiguration::TokenNotSeen)
        }
        Some(_) => Verdict::TokenInvalid,
        None if asks_for("basic") || asks_for("digest") => Verdict::Misconfigured(Misconfiguration::Guarded),
        // A page for people, of a proxy or for the time of a maintenance: the PIM's API has not spoken.
        None if is_a_page(answer) => not_an_api(),
        None => Verdict::TokenInvalid,
    }
}

fn is_a_page(answer: &Answer) -> bool {
    let typed = answer
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let html = typed.is_some_and(|value| value.to_ascii_lowercase().starts_with("text/html"));
    html && !answer.body.is_empty() || answer.body.trim_ascii_start().starts_with(b"<")
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Envelope {
    Api { code: u16, message: String },
    OAuth { error: String, error_description: String },
}

/// The longest envelope that is looked at; a PIM's are some hundred bytes.
const LONGEST_ENVELOPE: usize = 64 * 1024;

/// The message of an error, if its body is one that a PIM sends (facts/akeneo 7, 7.3).
pub(super) fn envelope(answer: &Answer) -> Option<String> {
    if answer.body.len() > LONGEST_ENVELOPE {
        return None;
    }
    match answer.json().ok()? {
        Envelope::Api { code, message } => (code == answer.status.as_u16()).then_some(message),
        Envelope::OAuth {
            error,
            error_description,
        } => (!error.is_empty()).then_some(error_description),
    }
}

#[cfg(test)]
mod tests;
