//! Akeneo: one PIM, reached as a Custom App (facts/akeneo).
//!
//! This room speaks the PIM's protocols and nothing else: it builds the authorize URL, exchanges a code, and probes what a
//! token may do. It stores nothing and decides nothing about a connection. Everything it calls goes through
//! [`outbound`](crate::outbound), to the origin of one [`PimUrl`].

mod authorize;
mod challenge;
mod exchange;
mod pim_url;
mod probe;
mod recognise;
mod scope;
mod verdict;

pub use authorize::authorize_url;
pub use challenge::{ChallengePair, proves};
pub use exchange::{CodeExchange, ExchangeError, Grant, exchange};
pub use pim_url::{PimUrl, PimUrlFault};
pub use probe::{ProbeReport, probe};
pub use recognise::{NotRecognised, PimIdentity, recognise};
pub use scope::{Scope, Scopes, in_words};
pub use verdict::{Misconfiguration, Verdict};
