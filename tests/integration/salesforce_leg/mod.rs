//! The Salesforce leg: what people get when something is wrong with the org, the app, the user or the answer, and that they
//! go on from the same link without typing anything again. Every fault is made in the simulated org.

mod arrival;
mod grant;
mod install;
mod moving;
mod own_app;
mod readiness;
