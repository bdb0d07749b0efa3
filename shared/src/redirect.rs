//! What comes back on an OAuth redirect: `code` and `state`, or an error (RFC 6749 sections 4.1.2 and 4.1.2.1).
//!
//! Both sides send the browser back to us with a query string that anybody can make up. It is read strictly and once,
//! before any look-up or call: exactly one non-empty `code` and one non-empty `state`, bounded, of printable ASCII, each
//! percent-encoding whole and valid UTF-8 (security, "OAuth"). Any other shape is refused. Pure: it must not look a
//! `state` up, and it never hands out the text of an error for a page; codes are for matching only.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::secret::{AuthorizationCode, HandedOut, SecretUrl, Sensitive};

/// Longest query that is looked at, in bytes.
const LONGEST_QUERY: usize = 8 * 1024;
/// Longest code; Akeneo's have 86 characters (facts/akeneo 5.2), Salesforce's about as many.
const LONGEST_CODE: usize = 512;
/// Longest state; ours are short, Salesforce's own (relayed, design section 5) have no documented length.
const LONGEST_STATE: usize = 2048;

/// What a redirect brought.
#[derive(Debug, Clone)]
pub enum Redirect {
    /// A code to exchange.
    Granted(Granted),
    /// An error. Akeneo never sends one (facts/akeneo 1.3), Salesforce does (facts/salesforce 10.1).
    Refused(Refused),
}

/// A code, and the state it belongs to.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The authorization code.
    pub code: AuthorizationCode,
    /// The state, ours or the org's.
    pub state: HandedOut,
}

/// An error, and the state it belongs to if there is one.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The error code.
    pub error: ErrorCode,
    /// The state.
    pub state: Option<HandedOut>,
}

/// An error code from a redirect, for matching only. It has no `Display` and its `Debug` shows nothing of it, because it
/// comes from a URL that anybody can make up. The description that may stand beside it is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorCode(String);

/// What an error means wherever RFC 6749 section 4.1.2.1 defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The person, or a policy, said no.
    Denied,
    /// Our request was not right: for operators.
    BadRequest,
    /// The other side is busy or down.
    Unavailable,
    /// Anything else.
    Other,
}

impl ErrorCode {
    /// The code, to be matched against known ones; never to be shown or logged.
    #[must_use]
    pub fn for_matching(&self) -> &str {
        &self.0
    }

    /// The meaning of a code of RFC 6749.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        match self.0.as_str() {
            "access_denied" => RefusalKind::Denied,
            "invalid_request" | "invalid_scope" | "unauthorized_client" | "unsupported_response_type" => {
                RefusalKind::BadRequest
            }
            "server_error" | "temporarily_unavailable" => RefusalKind::Unavailable,
            _ => RefusalKind::Other,
        }
    }
}

impl std::fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ErrorCode({:?})", self.kind())
    }
}

/// Why a query is no answer to an authorization request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectFault {
    /// The query, the code or the state is too long.
    #[error("the answer is too long")]
    TooLong,
    /// Broken percent-encoding, invalid UTF-8, or characters that codes and states never have.
    #[error("the answer is not encoded correctly")]
    Encoding,
    /// One of the parameters is there twice.
    #[error("a parameter is there more than once")]
    Duplicate,
    /// Both a code and an error.
    #[error("there are both a code and an error")]
    Ambiguous,
    /// No code and no error.
    #[error("there is no code")]
    NoCode,
    /// No state.
    #[error("there is no state")]
    NoState,
}

impl Redirect {
    /// Reads a raw query string, without its `?`.
    ///
    /// # Errors
    /// [`RedirectFault`] for everything but exactly one answer.
    pub fn read(query: &str) -> Result<Self, RedirectFault> {
        let parameters = Parameters::read(query)?;
        let state = parameters.state.filter(|state| !state.is_empty()).map(HandedOut::new);
        match (parameters.code.filter(|code| !code.is_empty()), parameters.error) {
            (Some(_), Some(_)) => Err(RedirectFault::Ambiguous),
            (None, None) => Err(RedirectFault::NoCode),
            (None, Some(error)) => Ok(Self::Refused(Refused {
                error: ErrorCode(error),
                state,
            })),
            (Some(code), None) => {
                let state = state.ok_or(RedirectFault::NoState)?;
                Ok(Self::Granted(Granted {
                    code: AuthorizationCode::new(code),
                    state,
                }))
            }
        }
    }
}

impl Granted {
    /// The same answer for another address: how a code that belongs to the org is relayed, code and state untouched
    /// (facts/salesforce 4.6). The address comes from the org itself; what it already carries in its query stays.
    #[must_use]
    pub fn relayed_to(&self, callback: &Url) -> SecretUrl {
        let mut url = callback.clone();
        url.set_fragment(None);
        url.query_pairs_mut()
            .append_pair("code", self.code.expose())
            .append_pair("state", self.state.expose());
        SecretUrl::new(url)
    }
}

/// The parameters that matter, each at most once.
#[derive(Default)]
struct Parameters {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Parameters {
    fn read(query: &str) -> Result<Self, RedirectFault> {
        if query.len() > LONGEST_QUERY {
            return Err(RedirectFault::TooLong);
        }
        let mut found = Self::default();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            let (slot, longest) = match name.as_ref() {
                "code" => (&mut found.code, LONGEST_CODE),
                "state" => (&mut found.state, LONGEST_STATE),
                "error" => (&mut found.error, LONGEST_CODE),
                "error_description" => (&mut found.description, LONGEST_QUERY),
                _ => continue,
            };
            if name != "error_description" {
                check(&value, longest)?;
            }
            if slot.replace(value.into_owned()).is_some() {
                return Err(RedirectFault::Duplicate);
            }
        }
        Ok(found)
    }
}

/// Codes, states and error codes are printable ASCII (RFC 6749 appendix A).
fn check(value: &str, longest: usize) -> Result<(), RedirectFault> {
    if value.len() > longest {
        return Err(RedirectFault::TooLong);
    }
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Ok(())
    } else {
        Err(RedirectFault::Encoding)
    }
}

/// Decodes a name or value of a form, refusing a `%` that is not followed by two hex digits.
fn decoded(text: &str) -> Result<Cow<'_, str>, RedirectFault> {
    let mut rest = text.split('%');
    rest.next();
    let whole = rest.all(|after| {
        after
            .as_bytes()
            .get(..2)
            .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    });
    if !whole {
        return Err(RedirectFault::Encoding);
    }
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode_str(&spaced)
            .decode_utf8()
            .map(|text| Cow::Owned(text.into_owned()))
            .map_err(|_| RedirectFault::Encoding);
    }
    percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| RedirectFault::Encoding)
}

#[cfg(test)]
mod tests;
