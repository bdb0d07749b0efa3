//! Why a command ends badly, in words, and with which exit code.

use std::io;
use std::process::ExitCode;

use serde_json::Value;

use crate::table::harmless;

/// Why a command ends badly.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A signature would go over the wire in the clear.
    #[error("{0} is not https; signed requests go only there, or to this machine")]
    InTheClear(String),
    /// The endpoint has more than an origin.
    #[error("--endpoint is an origin such as https://connect.example.com, without a path")]
    NotAnOrigin,
    /// No endpoint.
    #[error("no endpoint: name the stack's PublicUrl with --endpoint, or set CONNECTOR_PUBLIC_URL")]
    NoEndpoint,
    /// No region.
    #[error("no AWS region: name one with --region, or set AWS_REGION")]
    NoRegion,
    /// No credentials.
    #[error("no AWS credentials: {0} (for the demo: --unsigned)")]
    NoCredentials(String),
    /// The request could not be signed.
    #[error("the request could not be signed: {0}")]
    Unsigned(String),
    /// No answer.
    #[error("{origin} did not answer: {cause}")]
    Unreachable {
        /// Who.
        origin: String,
        /// Why.
        cause: String,
    },
    /// The service refused.
    #[error("{words}")]
    Refused {
        /// The status of the answer.
        status: u16,
        /// What the problem document says, in words.
        words: String,
    },
    /// The answer is not the API's.
    #[error("the answer is not one of the operator API; is --endpoint right?")]
    NotUnderstood,
    /// Connections remain and no call revokes any.
    #[error("{remaining} connections could not be revoked; run it again, then look at the operator's logs")]
    NoProgress {
        /// How many are still open.
        remaining: u64,
    },
    /// It failed half-way.
    #[error("{revoked} connections were revoked, then: {fault}. Run it again to go on.")]
    HalfWay {
        /// How many are done.
        revoked: u64,
        /// What failed then.
        fault: Box<Fault>,
    },
    /// The output could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Fault {
    /// What the process ends with: 1 not reached or failed, 2 the command line is wrong, 3 refused, 4 not allowed.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.number())
    }

    fn number(&self) -> u8 {
        match self {
            Self::InTheClear(_) | Self::NotAnOrigin | Self::NoEndpoint | Self::NoRegion => 2,
            Self::NoCredentials(_) => 4,
            Self::Refused { status: 401 | 403, .. } => 4,
            Self::Refused { status: 400..=499, .. } => 3,
            Self::HalfWay { fault, .. } => fault.number(),
            Self::Unsigned(_)
            | Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::NotUnderstood
            | Self::NoProgress { .. }
            | Self::Io(_) => 1,
        }
    }

    /// The same after some connections were revoked.
    pub(crate) fn after(self, revoked: u64) -> Self {
        if revoked == 0 {
            return self;
        }
        Self::HalfWay {
            revoked,
            fault: Box::new(self),
        }
    }

    /// An answer that is a refusal: a problem document (RFC 9457), or what API Gateway says by itself.
    pub(crate) fn refused(status: u16, body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().map(harmless);
        let mut words = match (text("detail"), text("message").or_else(|| text("Message")), status) {
            (Some(detail), ..) => detail,
            (None, said, 401 | 403) => {
                let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
                format!("not allowed{said}: the credentials need the stack's OperatorAccess policy")
            }
            (None, Some(said), _) => said,
            (None, None, 300..=399) => "the endpoint sends elsewhere; is --endpoint right?".to_owned(),
            (None, None, _) => "the service gave no reason".to_owned(),
        };
        words.push_str(&format!(" [{status}"));
        for part in [text("code"), text("reference").map(|id| format!("reference {id}"))]
            .into_iter()
            .flatten()
        {
            words.push_str(&format!(", {part}"));
        }
        words.push(']');
        Self::Refused { status, words }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_are_told_in_words_and_by_exit_code() {
        let check = |status: u16, body: Value, words: &str, code: u8| {
            let fault = Fault::refused(status, &body);
            assert_eq!((fault.to_string().as_str(), fault.number()), (words, code));
        };
        let problem =
            json!({ "detail": "there is no connection with this id", "code": "no_connection", "reference": "ab12" });
        check(
            404,
            problem,
            "there is no connection with this id [404, no_connection, reference ab12]",
            3,
        );
        let forbidden = "not allowed (Forbidden): the credentials need the stack's OperatorAccess policy [403]";
        check(403, json!({ "message": "Forbidden" }), forbidden, 4);
        check(
            503,
            json!({ "message": "Service Unavailable" }),
            "Service Unavailable [503]",
            1,
        );
        check(500, Value::Null, "the service gave no reason [500]", 1);
        check(
            302,
            Value::Null,
            "the endpoint sends elsewhere; is --endpoint right? [302]",
            1,
        );
        check(422, json!({ "detail": "a\u{1b}[2Jb" }), "a\u{fffd}[2Jb [422]", 3);
        let half = Fault::refused(403, &Value::Null).after(7);
        assert!(
            half.to_string()
                .starts_with("7 connections were revoked, then: not allowed"),
            "{half}"
        );
        assert_eq!(half.number(), 4);
    }
}
