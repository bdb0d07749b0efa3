//! Wiring an org whose package is older than 3.0 (facts/salesforce 7; the guide's Part D), after a person chose to go on with it.
//!
//! The same loop as for the packaged records, with other records: the plugin's settings → the Auth. Provider → the classic Named
//! Credential. [`drift`] and [`plan`] are pure. The org has no status for its authorization; one callout by anonymous Apex proves it,
//! and where that is refused, what passed through our own callback has to do.

mod apply;
mod drift;
mod finding;
mod kickoff;
mod note;
mod observe;
mod plan;
#[cfg(test)]
mod tests;

pub(super) use apply::apply;
pub use drift::{LegacyCredential, LegacyMemory, LegacyObserved, LegacyTarget, legacy_drift};
pub use finding::{Evidence, LegacyFinding};
pub(super) use kickoff::kickoff_url;
pub(super) use note::{note, note_change, standing};
pub(super) use observe::{CALLOUT, LegacyReading};
pub use plan::{LegacyChange, legacy_plan};
