//! From the HTTP library's errors to [`CallError`].
//!
//! The library's errors print whole URLs and carry the address that was tried, so none of them leaves this room: a cause
//! keeps only the sentences of the chain (security, "Errors and timing give no port-scan oracle").

use std::error::Error;
use std::io;

use super::CallError;
use super::resolver::NotPublic;

/// Why a call failed, in the words of the libraries below: no URL, no address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

/// Says what kind of failure this is.
pub(super) fn classify(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    if error.is_builder() || in_chain::<NotPublic>(&error).is_some() {
        return CallError::Forbidden;
    }
    let cause = Box::new(Cause(sentences(&error)));
    if error.is_connect() {
        return if in_chain::<rustls::Error>(&error).is_some() {
            CallError::Tls(cause)
        } else {
            CallError::Unreachable(cause)
        };
    }
    if error.is_timeout() {
        return CallError::TimedOut;
    }
    CallError::Interrupted(cause)
}

/// The first `T` in the chain of sources. An `io::Error` hides what it wraps from `source()`, so it is opened here.
fn in_chain<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn sentences(error: &reqwest::Error) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let sentence = error.to_string();
        if told.last() != Some(&sentence) {
            told.push(sentence);
        }
        next = error.source();
    }
    told.join(": ")
}
