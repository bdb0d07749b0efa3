//! Wiring is reconciliation (design section 3): desired − observed = drift → plan → apply → observe again.
//!
//! [`drift`] and [`plan`] are pure. [`reconcile`] runs the loop under the connection's lease; it is the only code that writes
//! to an org. Every change is a full-state write that is read back, so a crash anywhere is answered by running the loop again.

mod apply;
#[cfg(test)]
mod convergence_tests;
mod desired;
mod drift;
mod examine;
mod finding;
mod memory;
mod observe;
mod plan;
mod principal;
mod reconcile;
mod schedule;

pub use desired::Desired;
pub use drift::{Drift, Memory, Observed, Target, drift};
pub use examine::{Examined, examine};
pub use finding::{Finding, PrincipalStatus};
pub use plan::{Change, plan};
pub use principal::{NoAuthorizationUrl, authorization_url};
pub use reconcile::{Purpose, ReconcileError, reconcile};
