//! The connection: one PIM, one org, and everything known about joining them (design section 2).
//!
//! [`Connection`] is a plain value without secrets. What people see of it, [`Stage`] and [`NextAction`], is derived from
//! its facts and never stored. Beside the aggregate stand the records that open it for a person for a while: invitations,
//! setup sessions and authorization attempts, each found by the SHA-256 of its token. This room performs no calls to
//! either side.

mod aggregate;
mod akeneo_side;
mod attempt;
mod audit;
mod by_hand;
mod customer_client;
mod departure;
mod health;
mod id;
mod install;
mod invitation;
mod lease;
mod ledger;
mod offboarding;
mod remedy;
mod roll;
mod runner;
mod salesforce_side;
mod self_callout;
mod session;
mod stage;
mod standing;

pub use aggregate::{CallbackMode, Connection, HealPolicy, Known, OrgType, Terms, Waiting, Wiring};
pub use akeneo_side::{AkeneoFault, AkeneoSide, AttemptNote, Credentials, Proven};
pub use attempt::{ATTEMPT_LIFE, Attempt, AttemptFault, Leg, Origin, STATE_PREFIX, code_verifier, is_ours};
pub use audit::{AuditEntry, AuditEvent, Ending, TrailOrder, audit_page, record_audit, record_audit_by};
pub use by_hand::{Evidence, GuidePart, Manual, Task, Tick};
pub use customer_client::{CustomerClient, OtherOrg};
pub use departure::{DepartureFault, depart};
pub use health::{Health, HealthState, Incident, PastIncident, Verification};
pub use id::ConnectionId;
pub use install::{Install, InstallFault, InstallState};
pub use invitation::{Invitation, InvitationFault, NewInvitation, hand_off, invite, open_invitation};
pub use lease::{Lease, LeaseFault};
pub(crate) use ledger::update_and_place;
pub use ledger::{
    LedgerError, due, load_connection, remind, update_and_queue, update_and_wire, update_connection, update_terms,
};
pub use offboarding::{OffboardedItem, OffboardedThing, Offboarding};
pub use roll::{RollPage, RollPlace, call_roll, roll_page};
pub use runner::{MOST_RUNNERS, Runner, RunnerRefusal, RunnerTrouble};
pub use salesforce_side::{GivenBack, OrgIdentity, Readiness, SalesforceFault, SalesforceSide};
pub use self_callout::{
    Making, PROPAGATION, SelfCallout, SelfRecordsNote, SelfSource, SelfStage, SelfWaiting, self_is_offered,
    self_next_action, self_stage,
};
pub use session::{Session, open_session, start_session};
pub use stage::{NextAction, Stage, Who, next_action, stage};
pub use standing::{Standing, Telling};
