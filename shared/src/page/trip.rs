//! A trip to an authorize endpoint that somebody has not come back from. Akeneo never tells us of a refusal (facts/akeneo 1.3),
//! so the page has to.

use super::instant::Instant;
use crate::clock::Timestamp;
use crate::connection::AttemptNote;

/// A trip without a return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trip {
    /// Still waited for.
    Away(Instant),
    /// No longer waited for.
    Unfinished(Instant),
}

impl Trip {
    pub(super) fn of(note: Option<&AttemptNote>, now: Timestamp) -> Option<Self> {
        let note = note.filter(|note| !note.returned)?;
        let started = Instant::of(note.started_at);
        Some(if now < note.expires_at {
            Self::Away(started)
        } else {
            Self::Unfinished(started)
        })
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Away(_))
    }
}
