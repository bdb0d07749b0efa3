//! What is kept of an SDK error: the operation, the code and the request id.
//!
//! An SDK error's `Debug` shows the raw answer, which for GetSecretValue is the secret, and its message may repeat what was
//! sent. Neither may reach a log, so neither is kept, not even as a `source()`.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};

use crate::store::StoreError;

/// A code is a short word; anything else was not written by AWS.
const CODE_CHARACTERS: usize = 64;

/// An AWS call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {code} (request {})", request.as_deref().unwrap_or("unknown"))]
pub(super) struct Fault {
    operation: &'static str,
    code: String,
    request: Option<String>,
}

impl Fault {
    /// Takes the harmless part of `error`.
    pub(super) fn of<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
        SdkError<E, R>: RequestId,
    {
        let code = match error {
            SdkError::ServiceError(refusal) => refusal.err().code().map_or_else(|| "no code".to_owned(), plain),
            SdkError::TimeoutError(_) => "timed out".to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => "connecting timed out".to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_io() => "connection failed".to_owned(),
            // No credentials is the usual one.
            SdkError::DispatchFailure(_) => "the request could not be sent".to_owned(),
            SdkError::ConstructionFailure(_) => "the request could not be made".to_owned(),
            SdkError::ResponseError(_) => "the answer could not be read".to_owned(),
            _ => "unknown failure".to_owned(),
        };
        Self {
            operation,
            code,
            request: error.request_id().map(plain),
        }
    }

    /// Whether trying again can help is decided by the code alone.
    pub(super) fn into_store_error(self) -> StoreError {
        match self.code.as_str() {
            // What we sent will never be right: a wrong document, or a table of another shape.
            "ValidationException" | "InvalidParameterException" | "SerializationException" => {
                StoreError::Malformed(Box::new(self))
            }
            _ => StoreError::Unavailable(Box::new(self)),
        }
    }
}

/// [`Fault::of`] as the store's error.
pub(super) fn store_error<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: RequestId,
{
    Fault::of(operation, error).into_store_error()
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(CODE_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_word_is_kept_of_a_code() {
        assert_eq!(plain("ThrottlingException"), "ThrottlingException");
        assert_eq!(plain("{\"SecretString\": \"x y\"}\n"), "SecretStringxy");
        assert_eq!(plain(&"A".repeat(500)).len(), CODE_CHARACTERS);
    }

    #[test]
    fn what_can_never_succeed_is_not_called_unavailable() {
        let fault = |code: &str| Fault {
            operation: "PutItem",
            code: code.to_owned(),
            request: Some("R1".to_owned()),
        };
        assert!(matches!(
            fault("ValidationException").into_store_error(),
            StoreError::Malformed(_)
        ));
        assert!(matches!(
            fault("ThrottlingException").into_store_error(),
            StoreError::Unavailable(_)
        ));
        assert_eq!(
            fault("ThrottlingException").to_string(),
            "PutItem: ThrottlingException (request R1)"
        );
    }
}
