//! The simulator's own clock: real time plus an offset, or standing still.
//!
//! Whole seconds decide (PHP's `time()`), so that "exactly 30 seconds" can be tested. Delays of faults are real time and do not use it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Tells the time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Clock {
    offset_seconds: i64,
    frozen_at: Option<i64>,
}

impl Clock {
    /// Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.frozen_at
            .unwrap_or_else(|| Timestamp::now().as_second().saturating_add(self.offset_seconds))
    }

    /// Moves time; negative goes back.
    pub(crate) fn advance(&mut self, seconds: i64) {
        match &mut self.frozen_at {
            Some(at) => *at = at.saturating_add(seconds),
            None => self.offset_seconds = self.offset_seconds.saturating_add(seconds),
        }
    }

    /// Stops time, or lets it run on from where it stands.
    pub(crate) fn set_frozen(&mut self, frozen: bool) {
        let now = self.now();
        if frozen {
            self.frozen_at = Some(now);
        } else if self.frozen_at.take().is_some() {
            self.offset_seconds = now.saturating_sub(Timestamp::now().as_second());
        }
    }
}

/// RFC 3339, for people and JSON.
pub(crate) fn rfc3339(unix_seconds: i64) -> String {
    Timestamp::from_second(unix_seconds)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// The date format of HTTP headers.
pub(crate) fn http_date(unix_seconds: i64) -> String {
    let at = Timestamp::from_second(unix_seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let mut clock = Clock::default();
        clock.set_frozen(true);
        let start = clock.now();
        clock.advance(30);
        assert_eq!(clock.now(), start + 30);
        clock.set_frozen(false);
        assert!((0..=1).contains(&(clock.now() - start - 30)));
    }

    #[test]
    fn header_dates() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
