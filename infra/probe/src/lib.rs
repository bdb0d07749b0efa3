//! Asks a real org what no public source says (facts/salesforce 16), and reports what the service can be configured with.
//!
//! Reads come first and change nothing. Each write is named and shown, is made only when a person agrees, and is undone: what is
//! written is what was read, or a record of the probe's own that is deleted again. The way back is noted before the write is made, so that
//! it is gone after a failure and after Ctrl-C too. What cannot be answered is said to be open, with the reason.
//! It shares with the service the rules about hosts, the names of capabilities and the bytes of a deploy, and nothing else: it has to see
//! answers as they come.

mod apex;
mod browser;
pub mod credentials;
mod legacy_token;
mod named_credential;
pub mod org;
mod own_provider;
mod provider;
pub mod question;
mod reads;
mod records;
mod relay;
pub mod report;
pub mod run;
mod seen;
pub mod undo;
pub mod writes;

pub use question::{Asked, Write};
pub use report::{Answer, Report};
pub use run::{ProbeFault, probe};
pub use undo::Undo;
