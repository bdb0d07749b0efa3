//! The REST APIs of one org: Connect, Tooling and data, with one access token in one version (facts/salesforce 1, 12).
//!
//! [`Org`] sends JSON to a [`Resource`] and sorts what comes back. Reads and full-state writes are repeated when that
//! cures something; a POST is repeated only when the org said that nothing was done (a lock). It does not refresh
//! tokens: [`ApiError::SessionInvalid`] goes to the caller, who does so once and starts over (facts/salesforce 10.2).

mod org;
mod query;
mod refusal;
mod resource;
mod usage;

pub use org::Org;
pub use query::{containing, literal};
pub use refusal::{ApiError, ErrorCode, Message};
pub use resource::Resource;
pub use usage::ApiUsage;

pub(super) use refusal::refusal;
