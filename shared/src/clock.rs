//! Time as an argument: the wall clock, and the one deadline of an invocation.
//!
//! This is the only room that may ask the operating system for the time; clippy refuses it elsewhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// An instant in UTC; written as RFC 3339.
pub type Timestamp = jiff::Timestamp;

/// Tells the time of day.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the room where the wall clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is told to move. For tests and the local stack.
#[derive(Debug, Clone)]
pub struct SteppedClock(Arc<Mutex<Timestamp>>);

impl SteppedClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = plus(*now, by);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `start` + `span`, saturating at the end of representable time.
#[must_use]
pub fn plus(start: Timestamp, span: Duration) -> Timestamp {
    start.checked_add(span).unwrap_or(Timestamp::MAX)
}

/// The moment at which an invocation has to be done. Every outbound call takes its slice from it (design section 6, "Time").
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// `span` from now, on the monotonic clock.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the room where the monotonic clock is read"
    )]
    pub fn after(span: Duration) -> Self {
        Self(Instant::now() + span)
    }

    /// What is left; zero when it has passed.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the room where the monotonic clock is read"
    )]
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// At most `cap` of what is left.
    #[must_use]
    pub fn slice(&self, cap: Duration) -> Duration {
        self.remaining().min(cap)
    }

    /// The earlier of this deadline and `span` from now.
    #[must_use]
    pub fn within(&self, span: Duration) -> Self {
        Self(self.0.min(Self::after(span).0))
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.remaining().is_zero()
    }
}
