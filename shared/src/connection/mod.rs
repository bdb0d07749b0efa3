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
mod departure;
mod health;
mod id;
mod invitation;
mod lease;
mod ledger;
mod salesforce_side;
mod session;
mod stage;

pub use aggregate::{CallbackMode, Connection, OrgType, Terms, Waiting, Wiring};
pub use akeneo_side::{AkeneoFault, AkeneoSide, AttemptNote, Credentials, Proven};
pub use attempt::{ATTEMPT_LIFE, Attempt, AttemptFault, Leg, Origin, STATE_PREFIX, code_verifier, is_ours};
pub use audit::{AuditEvent, audit_trail, record_audit};
pub use departure::{DepartureFault, depart};
pub use health::{Health, HealthState, Verification};
pub use id::ConnectionId;
pub use invitation::{Invitation, InvitationFault, NewInvitation, hand_off, invite, open_invitation};
pub use lease::{Lease, LeaseFault};
pub use ledger::{
    LedgerError, due, list_connections, load_connection, update_and_queue, update_and_wire, update_connection,
};
pub use salesforce_side::{OrgIdentity, Readiness, SalesforceFault, SalesforceSide};
pub use session::{Session, open_session, start_session};
pub use stage::{NextAction, Stage, Who, next_action, stage};
