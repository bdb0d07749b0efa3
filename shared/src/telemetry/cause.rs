//! A failure with what caused it, for the one log line that tells of it. What an error shows and may not show is decided where
//! the error is made: the store's keep operation and code of a failed call, and nothing else (`store::aws::fault`).

use std::error::Error;

/// An error and its causes, the outermost first, without those that only repeat what was said.
#[must_use]
pub fn causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut deeper = error.source();
    while let Some(cause) = deeper {
        let text = cause.to_string();
        if !told.ends_with(&text) {
            told = format!("{told}: {text}");
        }
        deeper = cause.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Fault {
        #[error("the store is unavailable")]
        Outer(#[source] Box<Fault>),
        #[error(transparent)]
        Same(Box<Fault>),
        #[error("Query: AccessDeniedException")]
        Inner,
    }

    #[test]
    fn each_cause_is_told_once() {
        let inner = || Box::new(Fault::Inner);
        let check = |fault: Fault, expect: &str| assert_eq!(causes(&fault), expect);
        check(Fault::Inner, "Query: AccessDeniedException");
        check(
            Fault::Outer(inner()),
            "the store is unavailable: Query: AccessDeniedException",
        );
        check(
            Fault::Same(Box::new(Fault::Outer(inner()))),
            "the store is unavailable: Query: AccessDeniedException",
        );
    }
}
