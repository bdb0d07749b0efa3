//! Wiring is reconciliation (design section 3): desired − observed = drift → plan → apply → observe again.
//!
//! [`drift`] and [`plan`] are pure. [`reconcile`] runs the loop under the connection's lease; it is the only code that writes
//! to an org. Every change is a full-state write that is read back, so a crash anywhere is answered by running the loop again.

mod apply;
mod blank;
pub mod by_hand;
mod condition;
#[cfg(test)]
mod convergence_tests;
mod desired;
mod drift;
mod examine;
mod finding;
mod headless;
mod installation;
mod legacy;
mod look;
mod memory;
mod observe;
mod offboard;
mod plan;
mod principal;
mod reconcile;
mod run;
mod runners;
mod schedule;
mod self_callout;

pub use desired::Desired;
pub use drift::{Drift, Memory, Observed, Target, drift};
pub use examine::{Examined, examine};
pub use finding::{Finding, PrincipalStatus};
pub use headless::HeadlessChange;
pub use legacy::{
    Evidence, LegacyChange, LegacyCredential, LegacyFinding, LegacyMemory, LegacyObserved, LegacyTarget, legacy_drift,
    legacy_plan,
};
pub use observe::org_scopes;
pub use plan::{Change, plan};
pub use principal::{NoAuthorizationUrl, authorization_url};
pub use reconcile::{ReconcileError, reconcile};
pub use run::Purpose;
pub use self_callout::{SelfFault, SelfFinding};
