//! The code exchange (facts/akeneo 3): one code in, one permanent token out, inside the code's 30 seconds.
//!
//! A setback that another try can mend is tried again once: a failed exchange does not consume the code (facts/akeneo
//! 3.3). If the answer of a first try was lost and the second hears that the code is not valid, the first one worked; the
//! person is then sent through authorize again, which shows no screen and brings the same token (client rule 1). Every
//! refusal of the PIM is a 400, so the body is what counts. It must not persist anything, and neither body nor code
//! appear in its errors.

use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use serde::Deserialize;

use super::{ChallengePair, PimUrl, Scopes};
use crate::clock::Deadline;
use crate::outbound::{Answer, Body, Call, CallError, Outbound, Retry, retry_after};
use crate::secret::{AccessToken, AuthorizationCode, Sensitive};

const PATH: &str = "/connect/apps/v1/oauth2/token";
/// A code lives 30 seconds (facts/akeneo 1.4), some of which have passed when it reaches us.
const CODE_LIFE: Duration = Duration::from_secs(25);
/// At most this long for one of the two tries.
const ONE_TRY: Duration = Duration::from_secs(10);
/// Pause before the second try.
const PAUSE: Duration = Duration::from_millis(300);
/// The same where the PIM wants fewer calls and does not say for how long; limits count by the second (facts/akeneo 7.4).
const PAUSE_OF_A_LIMIT: Duration = Duration::from_secs(1);
/// A person is waiting, and the code grows old: a longer pause is not made.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Longest token that is taken; Akeneo's have 86 characters (facts/akeneo 5.2).
const LONGEST_TOKEN: usize = 4096;

/// What is exchanged. The code is moved in, so that it cannot be used twice.
#[derive(Debug)]
pub struct CodeExchange<'a> {
    /// The PIM that the attempt was pinned to.
    pub pim: &'a PimUrl,
    /// The Custom App's client id.
    pub client_id: &'a str,
    /// The code.
    pub code: AuthorizationCode,
    /// Proves that we know the client secret.
    pub pair: &'a ChallengePair,
}

/// What the PIM granted (facts/akeneo 3.4).
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token. It never expires.
    pub token: AccessToken,
    /// The scopes that the PIM says it granted. Empty if it says nothing.
    pub scopes: Scopes,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Wrong client id, wrong or outdated client secret, or an app that was disconnected or deleted (facts/akeneo 3.1 rows 1 and 3).
    #[error("the PIM does not accept the client id and the client secret")]
    InvalidClient,
    /// The code is unknown or already used (row 5).
    #[error("the PIM does not know the code")]
    CodeNotValid,
    /// The code is older than 30 seconds (row 6).
    #[error("the code has expired")]
    CodeExpired,
    /// The first try most likely worked, but its answer was lost.
    #[error("the answer to the exchange was lost")]
    AnswerLost,
    /// A parameter was missing or empty (rows 2, 4, 8 and 9). A fault of ours.
    #[error("the PIM does not accept the request")]
    InvalidRequest,
    /// The grant type was not understood (row 7). A fault of ours.
    #[error("the PIM does not support the grant type")]
    UnsupportedGrantType,
    /// The PIM, or something in front of it, refused for a reason that we do not know.
    #[error("the PIM refuses the exchange with status {status}")]
    Refused {
        /// The status.
        status: u16,
    },
    /// The answer is not one that a PIM gives: a page, a redirect, another shape of JSON.
    #[error("the answer is not that of a PIM")]
    NotAPim,
    /// Too many calls.
    #[error("the PIM wants fewer calls")]
    RateLimited {
        /// How long it asks us to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// The PIM has a fault of its own.
    #[error("the PIM is not available")]
    Unavailable,
    /// No connection.
    #[error("the PIM cannot be reached")]
    Unreachable(#[source] CallError),
    /// The PIM's certificate is not trusted.
    #[error("the PIM's certificate is not trusted")]
    BadCertificate(#[source] CallError),
    /// The PIM did not answer, not even to the second try.
    #[error("the PIM did not answer")]
    NoAnswer(#[source] CallError),
}

impl ExchangeError {
    /// Whether going through authorize again is all that is needed: the app and its secret were not at fault.
    #[must_use]
    pub fn restart_helps(&self) -> bool {
        matches!(
            self,
            Self::CodeNotValid
                | Self::CodeExpired
                | Self::AnswerLost
                | Self::NoAnswer(_)
                | Self::Unavailable
                | Self::RateLimited { .. }
                | Self::Unreachable(_)
        )
    }
}

/// Exchanges a code for a token (facts/akeneo 3), with one more try after a setback.
///
/// # Errors
/// [`ExchangeError`].
pub async fn exchange(
    outbound: &Outbound,
    request: CodeExchange<'_>,
    deadline: Deadline,
) -> Result<Grant, ExchangeError> {
    let deadline = deadline.within(CODE_LIFE);
    let call = token_call(&request, deadline.slice(ONE_TRY * 2) / 2);
    let first = outbound.send(&call, deadline).await;
    let Some(doubt) = doubt_after(&first) else {
        return read(first);
    };
    let pause = pause_after(&first);
    if deadline.remaining() <= pause || pause > LONGEST_PAUSE {
        return read(first);
    }
    tokio::time::sleep(pause).await;
    let second = read(outbound.send(&call, deadline).await);
    match (doubt, second) {
        (Doubt::MayHaveWorked, Err(ExchangeError::CodeNotValid)) => Err(ExchangeError::AnswerLost),
        (Doubt::MayHaveWorked, Err(ExchangeError::Unreachable(cause))) => Err(ExchangeError::NoAnswer(cause)),
        (_, outcome) => outcome,
    }
}

fn token_call(request: &CodeExchange<'_>, timeout: Duration) -> Call {
    let mut call = Call::new("akeneo.token.exchange", Method::POST, request.pim.endpoint(PATH));
    call.headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    call.body = Body::Form(vec![
        ("client_id", request.client_id.to_owned()),
        ("code", request.code.expose().to_owned()),
        ("grant_type", "authorization_code".to_owned()),
        ("code_identifier", request.pair.identifier.expose().to_owned()),
        ("code_challenge", request.pair.challenge.expose().to_owned()),
    ]);
    // Not idempotent: repeating it is decided here, where the meaning of the second answer is known.
    call.retry = Retry::Never;
    call.timeout = timeout;
    call
}

/// What is left open by a try that another try can mend.
#[derive(Clone, Copy)]
enum Doubt {
    CannotHaveWorked,
    MayHaveWorked,
}

/// None if the answer is final. A gateway's 5xx may hide a success of the PIM behind it.
fn doubt_after(outcome: &Result<Answer, CallError>) -> Option<Doubt> {
    match outcome {
        Ok(answer) if means_trouble(answer.status) => Some(Doubt::MayHaveWorked),
        Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => Some(Doubt::CannotHaveWorked),
        Ok(_) | Err(CallError::Forbidden | CallError::Tls(_) | CallError::TooLarge) => None,
        Err(fault) if fault.may_have_happened() => Some(Doubt::MayHaveWorked),
        Err(_) => Some(Doubt::CannotHaveWorked),
    }
}

/// How long the second try waits. A PIM that wants fewer calls says how long, or not (facts/akeneo 7.4).
fn pause_after(outcome: &Result<Answer, CallError>) -> Duration {
    match outcome {
        Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
            retry_after(&answer.headers).unwrap_or(PAUSE_OF_A_LIMIT).max(PAUSE)
        }
        _ => PAUSE,
    }
}

fn means_trouble(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

fn read(outcome: Result<Answer, CallError>) -> Result<Grant, ExchangeError> {
    let answer = outcome.map_err(|fault| match fault {
        CallError::Forbidden | CallError::Unreachable(_) => ExchangeError::Unreachable(fault),
        CallError::Tls(_) => ExchangeError::BadCertificate(fault),
        CallError::TimedOut | CallError::Interrupted(_) => ExchangeError::NoAnswer(fault),
        CallError::TooLarge => ExchangeError::NotAPim,
    })?;
    match answer.status {
        StatusCode::OK => granted(&answer),
        StatusCode::BAD_REQUEST => Err(refused(&answer)),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ExchangeError::Refused {
            status: answer.status.as_u16(),
        }),
        StatusCode::TOO_MANY_REQUESTS => Err(ExchangeError::RateLimited {
            retry_after: retry_after(&answer.headers),
        }),
        status if means_trouble(status) => Err(ExchangeError::Unavailable),
        _ => Err(ExchangeError::NotAPim),
    }
}

#[derive(Deserialize)]
struct Success {
    access_token: AccessToken,
    token_type: String,
    // Always there (facts/akeneo 3.4). If it were not, nothing would be claimed: all scopes count as missing.
    #[serde(default)]
    scope: String,
}

fn granted(answer: &Answer) -> Result<Grant, ExchangeError> {
    let success: Success = answer.json().map_err(|_| ExchangeError::NotAPim)?;
    let token = success.access_token.expose();
    let usable = (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !usable || !success.token_type.eq_ignore_ascii_case("bearer") {
        return Err(ExchangeError::NotAPim);
    }
    Ok(Grant {
        scopes: Scopes::parse(&success.scope),
        token: success.access_token,
    })
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

fn refused(answer: &Answer) -> ExchangeError {
    let Ok(refusal) = answer.json::<Refusal>() else {
        return ExchangeError::NotAPim;
    };
    match (refusal.error.as_str(), refusal.error_description.as_deref()) {
        ("invalid_client", _) => ExchangeError::InvalidClient,
        ("invalid_grant", Some("Code has expired")) => ExchangeError::CodeExpired,
        ("invalid_grant", _) => ExchangeError::CodeNotValid,
        ("invalid_request", _) => ExchangeError::InvalidRequest,
        ("unsupported_grant_type", _) => ExchangeError::UnsupportedGrantType,
        _ => ExchangeError::Refused {
            status: answer.status.as_u16(),
        },
    }
}

#[cfg(test)]
mod tests;
