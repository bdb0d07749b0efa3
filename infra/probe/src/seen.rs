//! What a browser was shown, in general terms: no public source says how an org's callback answers, so nothing is taken for granted.
//!
//! Places and codes are quoted, values never: an address may hold a code or a state.

use crate::org::Reply;

/// What an answer amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The person is asked to log in.
    Login,
    /// The code was taken to the token endpoint, where it failed as it had to.
    Exchanged,
    /// An error of any other kind.
    Refused,
    /// Something else: a page, a redirect.
    Other,
}

/// An answer without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kind: Kind,
    status: u16,
    place: Option<String>,
    code: Option<String>,
}

/// Words that only a token request brings about: the made-up client and code are refused there (facts/salesforce 6, 10.2).
const EXCHANGE: [&str; 5] = [
    "oauth token",
    "invalid_client",
    "invalid_grant",
    "token endpoint",
    "token_exchange",
];

impl Seen {
    /// Reads an answer.
    pub(crate) fn of(reply: &Reply) -> Self {
        let to = reply.location.as_ref();
        let query = |name: &str| {
            let found = to?.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            Some(found.1.into_owned())
        };
        let code = query("ErrorCode")
            .or_else(|| query("error"))
            .filter(|code| is_code(code));
        let said = format!("{} {}", reply.text, to.map(ToString::to_string).unwrap_or_default()).to_ascii_lowercase();
        let said = said.replace("%20", " ").replace('+', " ");
        let place = to.map(|to| to.path().chars().take(80).collect::<String>());
        let errs = code.is_some()
            || !(reply.is_ok() || reply.status.is_redirection())
            || place
                .as_deref()
                .is_some_and(|place| place.to_ascii_lowercase().contains("error"));
        let logs_in = place.as_deref().is_some_and(|place| place.starts_with("/login"))
            || query("startURL").is_some()
            || said.contains("name=\"pw\"");
        let kind = if EXCHANGE.iter().any(|words| said.contains(words)) {
            Kind::Exchanged
        } else if logs_in {
            Kind::Login
        } else if errs {
            Kind::Refused
        } else {
            Kind::Other
        };
        Self {
            kind,
            status: reply.status.as_u16(),
            place,
            code,
        }
    }

    /// Not opened, because the address is not Salesforce's.
    pub(crate) fn nothing() -> Self {
        Self {
            kind: Kind::Other,
            status: 0,
            place: None,
            code: None,
        }
    }

    /// Whether it gets no further than this one: same status, same place, same code.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self == other
    }
}

/// A code names a kind of error and nothing of one request.
fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.len() <= 64 && !text.is_empty() && text.bytes().all(fits)
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = match self.kind {
            Kind::Login => "asks to log in",
            Kind::Exchanged => "takes the code to the token endpoint",
            Kind::Refused => "refused",
            Kind::Other => "neither refused nor exchanged",
        };
        write!(f, "{words}: {}", self.status)?;
        if let Some(place) = &self.place {
            write!(f, " to {place}")?;
        }
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use serde_json::Value;

    fn seen(status: u16, location: Option<&str>, text: &str) -> Seen {
        Seen::of(&Reply {
            status: StatusCode::from_u16(status).unwrap(),
            body: Value::Null,
            text: text.to_owned(),
            location: location.map(|to| url::Url::parse(to).unwrap()),
            cookies: Vec::new(),
        })
    }

    #[test]
    fn answers_are_told_apart_and_no_value_is_quoted() {
        let org = "https://acme.my.salesforce.com";
        for (answer, kind, words) in [
            (
                seen(
                    302,
                    Some(&format!("{org}/login?startURL=%2Fservices%2Fauth%2Fx%2Fsecret")),
                    "",
                ),
                Kind::Login,
                "asks to log in: 302 to /login",
            ),
            (
                seen(200, None, "<input type=\"password\" name=\"pw\">"),
                Kind::Login,
                "asks to log in: 200",
            ),
            (
                seen(
                    302,
                    Some(&format!("{org}/_nc/AuthorizationError?ErrorCode=NO_STATE&state=secret")),
                    "",
                ),
                Kind::Refused,
                "refused: 302 to /_nc/AuthorizationError (NO_STATE)",
            ),
            (
                seen(
                    302,
                    Some(&format!(
                        "{org}/x?ErrorCode=Remote_Error&d=Unable+to+fetch+the+OAuth+token"
                    )),
                    "",
                ),
                Kind::Exchanged,
                "takes the code to the token endpoint: 302 to /x (Remote_Error)",
            ),
            (
                seen(302, Some(&format!("{org}/x?error=secret-1")), ""),
                Kind::Other,
                "neither refused nor exchanged: 302 to /x",
            ),
            (
                seen(400, None, "The state parameter is not valid."),
                Kind::Refused,
                "refused: 400",
            ),
        ] {
            assert_eq!((answer.kind, answer.to_string().as_str()), (kind, words));
        }
    }
}
