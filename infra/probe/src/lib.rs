//! Asks a real org what no public source says (facts/salesforce 16), and reports what the service can be configured with.
//!
//! Reads come first and change nothing. Each write is named and shown, is made only when a person agrees, and is undone: what is
//! written is what was read, or a record of the probe's own that is deleted again. What one call cannot answer is said to be open.
//! It shares the service's rules about hosts and nothing else: it has to see answers as they come.

mod apex;
pub mod credentials;
pub mod org;
mod own_provider;
mod reads;
mod records;
pub mod report;
pub mod run;
pub mod writes;

pub use report::{Answer, Report};
pub use run::{ProbeFault, probe};
