//! What an org's refusal means.

use std::fmt;

use http::StatusCode;
use serde::Deserialize;

use super::super::absence::or_default;
use crate::outbound::CallError;

/// Salesforce's error code, such as `FIELD_INTEGRITY_EXCEPTION`: capital letters, digits and underscores, bounded. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode(String);

impl ErrorCode {
    const LONGEST: usize = 64;

    fn read(text: &str) -> Self {
        let fits = (1..=Self::LONGEST).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        Self(if fits { text.to_owned() } else { "UNKNOWN".to_owned() })
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Salesforce's words. They may quote what was sent, so nothing shows them; they are only searched.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Message(String);

impl Message {
    const LONGEST: usize = 500;

    pub(in super::super) fn read(text: &str) -> Self {
        Self(text.chars().take(Self::LONGEST).collect())
    }

    /// Whether the words contain `needle`, whatever the case.
    pub(in super::super) fn says(&self, needle: &str) -> bool {
        self.0.to_ascii_lowercase().contains(&needle.to_ascii_lowercase())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message([withheld])")
    }
}

/// Why an org did not do what it was asked (facts/salesforce 12.2).
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The session is over or was revoked. One refresh and one repetition may cure it (facts/salesforce 10.2).
    #[error("the org does not accept the access token")]
    SessionInvalid,
    /// The session is good, but not for this API: the `api` scope is missing. A refresh does not cure it (facts/salesforce 10.2).
    #[error("the access token is not valid for the rest api")]
    SessionNotForRest,
    /// The org's calls of the last 24 hours are used up. Not to be repeated soon (facts/salesforce 12.4).
    #[error("the org's daily api limit is reached")]
    DailyLimit,
    /// Someone else is writing the same row. Nothing was done (facts/salesforce 12.3).
    #[error("the row is locked by another transaction")]
    RowLocked,
    /// The user may not do this, or the org has its API switched off.
    #[error("the org forbids this ({code})")]
    Forbidden {
        /// Salesforce's code.
        code: ErrorCode,
        /// Salesforce's words.
        message: Message,
    },
    /// There is no such record or resource.
    #[error("the record does not exist")]
    NotFound,
    /// It exists already, or has changed.
    #[error("the record exists already or has changed")]
    Conflict,
    /// The request was understood and refused.
    #[error("the org rejects the request ({code})")]
    Rejected {
        /// Salesforce's code.
        code: ErrorCode,
        /// Salesforce's words.
        message: Message,
    },
    /// Not asked: this way is known to be refused (`CONNECTOR_CAPABILITIES`).
    #[error("this way is known to be refused and was not tried")]
    KnownRefused,
    /// The org answers at another address now: a new My Domain, or a refreshed sandbox (facts/salesforce 14.4 item 7).
    #[error("the org has moved to another address")]
    Moved,
    /// Down, in maintenance, or too busy right now.
    #[error("the org is unavailable")]
    Unavailable,
    /// There was no answer.
    #[error("the org could not be reached")]
    Transport(#[source] CallError),
    /// The answer is not what it should be.
    #[error("the org's answer has an unknown shape")]
    Malformed,
}

impl ApiError {
    /// Whether the org understood and said no, so that another way to the same end is worth a try.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Rejected { .. } | Self::Forbidden { .. } | Self::NotFound | Self::Conflict | Self::KnownRefused
        )
    }

    /// Whether the code is `code`.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        matches!(self, Self::Rejected { code: given, .. } | Self::Forbidden { code: given, .. } if given.as_str() == code)
    }
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "errorCode", default, deserialize_with = "or_default")]
    code: String,
    #[serde(default, deserialize_with = "or_default")]
    message: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorBody {
    Many(Vec<Item>),
    One(Item),
}

/// Sorts an answer that is no success. The body is an array of codes and messages, or HTML, or plain text (facts/salesforce 12.2).
pub(in super::super) fn refusal(status: StatusCode, body: &[u8]) -> ApiError {
    let item = match serde_json::from_slice(body) {
        Ok(ErrorBody::Many(items)) => items.into_iter().next(),
        Ok(ErrorBody::One(item)) => Some(item),
        Err(_) => None,
    };
    let words = item
        .as_ref()
        .map_or_else(|| String::from_utf8_lossy(body), |item| item.message.as_str().into());
    let message = Message::read(&words);
    let code = ErrorCode::read(item.as_ref().map_or("", |item| item.code.as_str()));
    of_code(&code, &message).unwrap_or_else(|| of_status(status, code, message))
}

/// Codes that mean the same under any status.
fn of_code(code: &ErrorCode, message: &Message) -> Option<ApiError> {
    match code.as_str() {
        "INVALID_SESSION_ID" if is_wrong_kind_of_session(message) => Some(ApiError::SessionNotForRest),
        "INVALID_SESSION_ID" => Some(ApiError::SessionInvalid),
        // Concurrent-request limits are said to share the code; those pass quickly (facts/salesforce 12.4).
        "REQUEST_LIMIT_EXCEEDED" if message.says("concurrent") => Some(ApiError::Unavailable),
        "REQUEST_LIMIT_EXCEEDED" => Some(ApiError::DailyLimit),
        "UNABLE_TO_LOCK_ROW" => Some(ApiError::RowLocked),
        "SERVER_UNAVAILABLE" => Some(ApiError::Unavailable),
        "CONFLICT" => Some(ApiError::Conflict),
        "NOT_FOUND" => Some(ApiError::NotFound),
        _ => None,
    }
}

fn of_status(status: StatusCode, code: ErrorCode, message: Message) -> ApiError {
    match status.as_u16() {
        401 if is_wrong_kind_of_session(&message) => ApiError::SessionNotForRest,
        401 => ApiError::SessionInvalid,
        403 if message.says("Bad_OAuth_Token") || message.says("Missing_OAuth_Token") => ApiError::SessionInvalid,
        403 => ApiError::Forbidden { code, message },
        404 | 410 => ApiError::NotFound,
        409 | 412 => ApiError::Conflict,
        300..=399 => ApiError::Moved,
        408 | 420 | 429 | 500..=599 => ApiError::Unavailable,
        400..=499 => ApiError::Rejected { code, message },
        _ => ApiError::Malformed,
    }
}

/// Sessions that a refresh does not cure (facts/salesforce 10.2).
fn is_wrong_kind_of_session(message: &Message) -> bool {
    message.says("not valid for use with the REST API") || message.says("not attached to Agent")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(status: u16, body: &str, expect: &str) {
        let error = refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        assert_eq!(error.to_string(), expect, "{status} {body}");
    }

    #[test]
    fn recorded_refusals() {
        check(
            401,
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
            "the org does not accept the access token",
        );
        check(
            401,
            r#"[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]"#,
            "the access token is not valid for the rest api",
        );
        check(
            401,
            r#"[{"message":"Connected app is not attached to Agent","errorCode":"INVALID_AUTH_HEADER"}]"#,
            "the access token is not valid for the rest api",
        );
        check(
            403,
            r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#,
            "the org's daily api limit is reached",
        );
        check(
            403,
            r#"[{"message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#,
            "the org is unavailable",
        );
        check(
            403,
            r#"[{"errorCode":"API_DISABLED_FOR_ORG","message":"x"}]"#,
            "the org forbids this (API_DISABLED_FOR_ORG)",
        );
        check(403, "Bad_OAuth_Token", "the org does not accept the access token");
        check(
            400,
            r#"[{"errorCode":"JSON_PARSER_ERROR","message":"Unrecognized field \"id\" at [line:4, column:12]"}]"#,
            "the org rejects the request (JSON_PARSER_ERROR)",
        );
        check(
            400,
            r#"[{"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record or 1 records: 0PS"}]"#,
            "the row is locked by another transaction",
        );
        check(
            404,
            r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#,
            "the record does not exist",
        );
        check(
            409,
            r#"[{"errorCode":"CONFLICT","message":"x"}]"#,
            "the record exists already or has changed",
        );
        check(
            500,
            r#"[{"message":"An unexpected error occurred. Please include this ErrorId if you contact support: 1895340064-166877 (-1526419893)","errorCode":"UNKNOWN_EXCEPTION"}]"#,
            "the org is unavailable",
        );
        check(503, "<html><body>maintenance</body></html>", "the org is unavailable");
        check(420, "", "the org is unavailable");
        check(302, "", "the org has moved to another address");
        check(415, "", "the org rejects the request (UNKNOWN)");
        check(
            400,
            r#"{"errorCode":"INVALID_FIELD","message":"x"}"#,
            "the org rejects the request (INVALID_FIELD)",
        );
    }

    #[test]
    fn words_and_wild_codes_are_not_shown() {
        let body = r#"[{"errorCode":"<b>evil</b>","message":"code_challenge 3f2a is bad"}]"#;
        let error = refusal(StatusCode::BAD_REQUEST, body.as_bytes());
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("3f2a") && !shown.contains("evil"), "{shown}");
        assert!(matches!(&error, ApiError::Rejected { message, .. } if message.says("Code_Challenge")));
        assert!(error.is_refusal() && error.has_code("UNKNOWN"));
    }

    proptest! {
        #[test]
        fn no_body_is_too_strange_and_none_is_shown(status in 300_u16..600, body in prop::collection::vec(any::<u8>(), 0..64), words in "[a-z]{12}") {
            let status = StatusCode::from_u16(status).unwrap();
            let _ = refusal(status, &body);
            let quoted = serde_json::json!([{"errorCode": words, "message": words}]).to_string();
            let error = refusal(status, quoted.as_bytes());
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains(&words), "{}", shown);
        }
    }
}
