//! Health: from what the last look at the org and the probes of the PIM found to one state that names whose turn it is.
//!
//! It makes no second copy of the rules: the org's side is `wiring`'s findings, the PIM's side is `akeneo`'s verdicts.

mod assess;
mod sweep;
mod verify;
mod without_org;

pub use assess::{assess, settle};
pub use sweep::{SweepCounts, SweepStatus, SweepTurn, end_turn, sweep_status};
pub use verify::{note_grant_lost, note_healed, note_mending, note_org_silent, note_package_changed, verify};
pub use without_org::{assess_without_org, verify_without_org};
