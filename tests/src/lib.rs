//! What the integration suites share: a moto server to attach to or to start, the table that `template.yaml` defines, and the
//! entrances of outside input for property tests and fuzzing.
//!
//! Nothing here repeats a rule of the product; the suites under `integration/` hold the expectations.

pub mod entrances;
pub mod moto;
pub mod template;

/// Why a piece of the test bench did not work.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
