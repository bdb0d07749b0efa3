//! A clock that runs and can be set forward, so that waits of minutes and days pass in a moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connector::clock::{Clock, SystemClock, Timestamp, plus};

/// The operating system's clock, ahead by what it was set forward.
#[derive(Debug, Clone, Default)]
pub struct ForwardClock(Arc<Mutex<Duration>>);

impl ForwardClock {
    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let mut ahead = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by);
    }
}

impl Clock for ForwardClock {
    fn now(&self) -> Timestamp {
        plus(
            SystemClock.now(),
            *self.0.lock().unwrap_or_else(PoisonError::into_inner),
        )
    }
}
