//! Sending one step to a colleague: the link once it was made.

use super::instant::Instant;
use super::view::Journey;
use crate::connection::Leg;

/// A link for a colleague. Only its hash is stored, so it is shown once and never again.
pub(super) struct HandedOff<'a> {
    pub(super) is_akeneo: bool,
    pub(super) url: &'a str,
    pub(super) expires: Instant,
}

impl<'a> HandedOff<'a> {
    pub(super) fn of(view: &'a Journey<'_>) -> Option<Self> {
        view.hand_off.as_ref().map(|link| Self {
            is_akeneo: link.leg == Leg::Akeneo,
            url: &link.url,
            expires: Instant::of(link.expires_at),
        })
    }
}
