//! The simulated PIM, seen over a real socket. Each module covers a part of facts/akeneo.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod authorize;
mod control;
mod custom_apps;
mod faults;
mod harness;
mod lifecycle;
mod rest;
mod restart;
mod token;
