//! Picklist synchronisation as reconciliation: desired − observed = drift → plan → apply → observe again (facts/salesforce 8).
//!
//! It runs after the main wiring, in the same lease, and whatever goes wrong here is noted here: a connection is never worse
//! off for it. [`drift`] and the plan in it are pure.

mod drift;
mod finding;
mod making;
mod observe;
mod tend;

pub(super) use tend::{rest, tend};

pub use finding::{SelfFault, SelfFinding};

use drift::{SelfChange, SelfMemory, SelfObserved, SelfTarget, self_drift, self_plan};
