//! The pages that a person meets: login, Setup, package installation.
//!
//! Plain HTML that works without JavaScript. Labels are Salesforce's where a walkthrough names them.

pub(crate) mod client_apps;
pub(crate) mod html;
pub(crate) mod install;
pub(crate) mod login;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod single_access;
