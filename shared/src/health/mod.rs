//! Health: from what the last look at the org and the probes of the PIM found to one state that names whose turn it is.
//!
//! It makes no second copy of the rules: the org's side is `wiring`'s findings, the PIM's side is `akeneo`'s verdicts.

mod assess;
mod verify;

pub use assess::{assess, settle};
pub use verify::{note_grant_lost, note_org_silent, verify};
