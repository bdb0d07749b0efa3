//! Trouble upstream and in our own stores: what is waited for is said, nothing is lost, and it goes on by itself.

mod org;
mod pim;
mod states;
mod stores;
