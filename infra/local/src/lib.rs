//! The local stack: everything on one machine (design section 7).
//!
//! The five function handlers behind one listener, the embedded store, a simulated PIM and a simulated Salesforce org, the
//! table's stream and the schedules. [`browser`] and [`walk`] drive it over real HTTP as a person's browser would; the
//! integration tests use the same two.

mod authorizer;
pub mod browser;
pub mod clock;
pub mod course;
mod events;
pub mod folder;
mod front;
pub mod invitation;
pub mod outage;
pub mod scenario;
pub mod stack;
pub mod verdict;
pub mod walk;
pub mod watched;
