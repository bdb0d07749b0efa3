//! Wiring an org whose package is older than 3.0 without a browser (facts/salesforce 4.7, 7): our own token in an External Credential of ours,
//! and a Named Credential `Akeneo` in front of it.
//!
//! Only where it is known that the package's code calls out through it (`legacy_custom_credential=accepted`), and only as long as a callout
//! proves it. Everything else, a refusal too, ends on the browser's way ([`super::legacy`]), which takes these records away first; the
//! connection remembers that, so nothing goes back and forth.

mod aside;
mod drift;
mod observe;

pub(super) use aside::step_aside;
pub use drift::HeadlessChange;
pub(super) use drift::plan;
pub(super) use observe::{HeadlessReading, is_suitable};
