//! Wiring: what is written to the org, in which order, how often, and what happens when it is cut off in the middle.

mod any_state;
mod calls;
pub(crate) mod crash;
mod health;
mod order;
mod other_pim;
mod story;
mod switches;
