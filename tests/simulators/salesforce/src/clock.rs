//! The org's clock: real time plus an offset that the control interface can move.
//!
//! Code lifetimes, session time-outs, idle refresh tokens and the rolling API window all read this clock, so that a test can let a month
//! pass in no time. Nothing else in this crate may ask for the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, as the org sees them.
pub(crate) type Millis = i64;

/// Real time plus a movable offset.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// The org's present instant.
    pub(crate) fn now(&self) -> Millis {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
            .unwrap_or(0);
        real.saturating_add(self.offset_ms.load(Ordering::SeqCst))
    }

    /// A clock that is ahead by this much already.
    pub(crate) fn ahead(offset_ms: Millis) -> Self {
        Self {
            offset_ms: AtomicI64::new(offset_ms),
        }
    }

    /// How far it is ahead of real time.
    pub(crate) fn offset_ms(&self) -> Millis {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Lets time pass (or, with a negative number, run back).
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.offset_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }
}

/// Writes an instant as REST answers do: `2020-11-06T14:04:44.000+0000` (facts/salesforce 2.1).
pub(crate) fn timestamp(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map(|instant| instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string())
        .unwrap_or_default()
}
