//! The canary run (security, "Secrets"): the whole journey and its failures, panics included, with secrets that are known; none of
//! them may turn up in a log line, a page, a header, a table item, a secret's name, an operator's answer or an error.
//!
//! What must carry a secret is listed where it is let through: `Location` to the PIM or the org, `Set-Cookie`, the landing page of
//! a link for that link, the page that shows a hand-off link once.

mod errors;
pub(crate) mod listening;
mod own_app;
mod picklists;
mod run;
mod searcher;
mod secrets;
