//! Points in time as people read them, always in UTC and always said so.
//!
//! Absolute only: words such as "3 minutes ago" would make a page out of date while it is being read.

use crate::clock::Timestamp;

/// A point in time in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instant {
    /// For machines: RFC 3339, to the second.
    pub(super) iso: String,
    /// The time of day, such as `14:05 UTC`.
    pub(super) clock: String,
    /// With the date, such as `23 November 2026, 14:05 UTC`.
    pub(super) full: String,
}

impl Instant {
    pub(super) fn of(at: Timestamp) -> Self {
        Self {
            iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            clock: at.strftime("%H:%M UTC").to_string(),
            full: at.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_words_and_in_utc() {
        for (at, iso, clock, full) in [
            (
                "2026-11-23T14:05:59.9Z",
                "2026-11-23T14:05:59Z",
                "14:05 UTC",
                "23 November 2026, 14:05 UTC",
            ),
            (
                "2027-01-01T00:00:00+02:00",
                "2026-12-31T22:00:00Z",
                "22:00 UTC",
                "31 December 2026, 22:00 UTC",
            ),
        ] {
            let words = Instant::of(at.parse().unwrap());
            assert_eq!(
                (words.iso.as_str(), words.clock.as_str(), words.full.as_str()),
                (iso, clock, full)
            );
        }
    }
}
