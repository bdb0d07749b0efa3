//! The one place that builds HTTP clients and calls hosts that people typed (security, "Outbound calls").
//!
//! https only, host names only, public addresses only (checked where the connection is made, so that a name that
//! changes its address cannot slip through), no proxy from the environment, no redirects, every call inside the
//! invocation's [`Deadline`](crate::clock::Deadline), bodies capped, no decompression. Exact origins named in
//! `CONNECTOR_OUTBOUND_PERMIT` are exempt from the https and public-address rules. It knows no protocol of either side.

mod address;
mod call;
mod client;
mod destination;
mod fault;
#[cfg(test)]
pub(crate) mod mini_server;
mod permit;
mod resolver;
mod retry;
mod send;
#[cfg(test)]
mod socket_tests;

pub use call::{Answer, Body, Call, CallError, Retry};
pub use client::OutboundError;
pub use destination::{UrlFault, check_url};
pub use permit::{Permit, PermitError};
pub use retry::retry_after;
pub use send::Outbound;
