//! Connector Setup: connects one Akeneo PIM to one Salesforce org from one link, and keeps the connection healthy.
//!
//! Everything that is not Lambda glue lives here, a room for each concept. The functions call into this crate; this crate
//! never names Lambda or API Gateway.

pub mod akeneo;
pub mod clock;
pub mod config;
pub mod connection;
pub mod custody;
pub mod events;
pub mod health;
pub mod outbound;
pub mod page;
pub mod problem;
pub mod random;
pub mod redirect;
pub mod salesforce;
pub mod secret;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod trace;
pub mod web;
pub mod wiring;
