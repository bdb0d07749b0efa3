//! Reconcile: the loop, under the connection's lease. Used by wiring, by health checks and by self-heal alike.

use std::time::Duration;

use super::apply::apply;
use super::examine::{Examined, examine};
use super::memory::{note_change, note_end, note_look, note_refusal, recall};
use super::observe::{Reading, observe};
use super::schedule::place;
use super::{Change, Desired, PrincipalStatus, drift, plan};
use crate::clock::{Deadline, Timestamp, plus};
use crate::connection::{
    AuditEvent, Connection, ConnectionId, HealthState, Lease, LeaseFault, LedgerError, Readiness, SalesforceFault,
    Waiting, Wiring, load_connection, record_audit, update_and_queue, update_connection,
};
use crate::custody::{OpenedOrg, OrgFault, open_org, read_akeneo};
use crate::health;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::record::Discovery;
use crate::salesforce::{ChangeError, Package, UserId};
use crate::service::Services;
use crate::store::{Due, Queue};

/// How often the loop goes round: a change can undo another one (facts/salesforce 5.3).
const ROUNDS: usize = 3;
/// How long the lease is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// For how long after a relay the principal is expected to become configured, how long one run waits for it, and how often it asks.
const RELAY: Duration = Duration::from_secs(60);
const AWAITED: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_secs(2);

/// What a reconciliation may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Every change.
    Wire,
    /// Only changes that restore what was in place, and only while the org still points at the customer's PIM.
    Heal,
}

/// Why nothing could be done. Everything that an org or a PIM can do to us is a state of the connection, not an error.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// Somebody else holds the lease.
    #[error(transparent)]
    Lease(#[from] LeaseFault),
    /// A store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a look or a change ended early.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Org(#[from] OrgFault),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        Self::Org(error.into())
    }
}

/// Reconciles a connection's org, verifies it, and puts the connection where it is due next. `None` if there is no such connection.
///
/// # Errors
/// [`ReconcileError`].
pub async fn reconcile(
    services: &Services,
    id: &ConnectionId,
    purpose: Purpose,
    deadline: Deadline,
) -> Result<Option<Connection>, ReconcileError> {
    let lease = Lease::wait(services, id, deadline.within(PATIENCE)).await?;
    let result = under_lease(services, id, purpose, &lease, deadline).await;
    lease.release(services).await;
    Ok(result?)
}

async fn under_lease(
    services: &Services,
    id: &ConnectionId,
    purpose: Purpose,
    lease: &Lease,
    deadline: Deadline,
) -> Result<Option<Connection>, LedgerError> {
    let Some(connection) = load_connection(services, id).await? else {
        return Ok(None);
    };
    let requested = connection.wiring.requested_at;
    let mut ended = Ok(None);
    if connection.revoked_at.is_none() && connection.salesforce.org.is_some() {
        ended = match run(services, &connection, purpose, lease, deadline).await {
            Ok(waiting) => Ok(waiting),
            Err(Trouble::Ledger(error) | Trouble::Org(OrgFault::Ledger(error))) => Err(error),
            Err(Trouble::Org(fault)) => note_trouble(services, id, &fault).await,
        };
    }
    // One store may fail while the other still takes the note of what is waited for.
    let waiting = ended.as_ref().map_or(Some(Waiting::Store), |waiting| *waiting);
    let placed = conclude(services, id, purpose, requested, waiting).await;
    ended.and(placed)
}

/// Notes how the run ended and puts the connection where it is due next. A request is answered only by a run that could make
/// every change and came to its end; one that came while this ran is not forgotten.
async fn conclude(
    services: &Services,
    id: &ConnectionId,
    purpose: Purpose,
    requested: Option<Timestamp>,
    waiting: Option<Waiting>,
) -> Result<Option<Connection>, LedgerError> {
    let now = services.clock.now();
    let answered = purpose == Purpose::Wire && waiting.is_none();
    update_and_queue(
        services,
        id,
        |connection| {
            let wiring = &mut connection.wiring;
            note_end(wiring, waiting);
            wiring.requested_at = wiring.requested_at.filter(|at| !answered || Some(*at) > requested);
        },
        |connection, present| match connection.wiring.requested_at {
            asked if asked > requested && connection.revoked_at.is_none() => Due {
                queue: Queue::Wiring,
                ..present
            },
            _ => place(connection, now, services.config.health_period),
        },
    )
    .await
}

async fn run(
    services: &Services,
    connection: &Connection,
    purpose: Purpose,
    lease: &Lease,
    deadline: Deadline,
) -> Result<Option<Waiting>, Trouble> {
    let opened = open_org(services, connection, lease, deadline).await?;
    let Some(user) = runner(connection) else {
        return Err(OrgFault::NoGrant.into());
    };
    let now = services.clock.now();
    let examined = examine(&opened, &user, services.config.package_namespace.as_deref(), now).await?;
    let Some(connection) = note_examined(services, connection, &examined).await? else {
        return Ok(None);
    };
    let Discovery::Found(records) = &examined.records else {
        return Ok(None);
    };
    let ready = examined.readiness.missing_permissions.is_empty() && connection.salesforce.org.is_some();
    if !ready {
        return Ok(None);
    }
    let desired = desired(services, &connection, deadline).await?;
    let mut reading = observe(&opened.org, records, std::slice::from_ref(&user)).await?;
    if let Some(desired) = &desired {
        reading = converge(services, &connection, purpose, &opened, desired, reading).await?;
        if let Some(renewed) = await_principal(services, &connection, &opened.org, &reading, deadline).await? {
            reading = converge(services, &connection, purpose, &opened, desired, renewed).await?;
        }
        drop(reading);
        return Ok(health::verify(services, &connection.id, deadline).await?);
    }
    let now = services.clock.now();
    update_connection(services, &connection.id, |connection| {
        note_look(&mut connection.wiring, &reading, None, now)
    })
    .await?;
    Ok(None)
}

/// The loop: drift, plan, apply, observe again, until there is nothing left to do.
async fn converge(
    services: &Services,
    connection: &Connection,
    purpose: Purpose,
    opened: &OpenedOrg,
    desired: &Desired,
    mut reading: Reading,
) -> Result<Reading, Trouble> {
    let (id, org) = (&connection.id, &opened.org);
    let mut connection = Box::new(connection.clone());
    let mut refused = None;
    for round in 0..=ROUNDS {
        let now = services.clock.now();
        let observed = reading.observed(desired, connection.wiring.credentials_seen);
        let found = drift(&desired.target(), &observed, &recall(&connection, now));
        let changes = allowed(plan(&found), purpose, &reading, desired);
        if round == ROUNDS {
            refused = refused.or(changes.first().copied());
        }
        // Before the first change: that a stored token is another PIM's must survive a crash.
        let noted = update_connection(services, id, |connection| {
            note_look(&mut connection.wiring, &reading, Some((&found, desired)), now);
            if let Some(change) = refused.filter(|_| !found.findings.is_empty()) {
                note_refusal(&mut connection.wiring, change);
            }
        });
        connection = Box::new(noted.await?.ok_or(OrgFault::NoGrant)?);
        if refused.is_some() || changes.is_empty() {
            break;
        }
        for change in changes {
            match make(services, connection, org, change, desired, &reading).await? {
                Made::Done(now) => connection = now,
                Made::Refused(now) => {
                    (connection, refused) = (now, Some(change));
                    break;
                }
            }
        }
        reading = observe(org, &reading.records, &reading.runners).await?;
    }
    Ok(reading)
}

/// What became of a change, with the connection as it is after it.
enum Made {
    /// The org took it; the next look tells whether it is in place.
    Done(Box<Connection>),
    /// The org refused it in every way.
    Refused(Box<Connection>),
}

/// Makes one change.
async fn make(
    services: &Services,
    connection: Box<Connection>,
    org: &Org,
    change: Change,
    desired: &Desired,
    reading: &Reading,
) -> Result<Made, Trouble> {
    let id = &connection.id;
    match apply(org, change, desired, reading).await {
        Ok(()) => {}
        // Accepted but not in place: the next look decides.
        Err(ChangeError::NotApplied { fields }) => {
            tracing::warn!(name: "wiring.not_applied", connection = %id, ?fields);
            return Ok(Made::Done(connection));
        }
        Err(ChangeError::Api(error)) if !error.is_refusal() => return Err(error.into()),
        Err(error) => {
            tracing::warn!(name: "wiring.refused", connection = %id, change = change.name(), error = %error);
            return Ok(Made::Refused(connection));
        }
    }
    let noted = update_connection(services, id, |connection| {
        note_change(&mut connection.wiring, change, desired)
    })
    .await?;
    let what = AuditEvent::Applied {
        change: change.name().to_owned(),
    };
    record_audit(services, id, what).await.map_err(LedgerError::from)?;
    Ok(Made::Done(noted.map_or(connection, Box::new)))
}

fn allowed(changes: Vec<Change>, purpose: Purpose, reading: &Reading, desired: &Desired) -> Vec<Change> {
    let ours = reading.named_credential.points_at(&desired.endpoint());
    match purpose {
        Purpose::Wire => changes,
        Purpose::Heal => changes.into_iter().filter(|change| ours && change.heals()).collect(),
    }
}

/// Waits while the org completes its own authorization, if that passed through our callback a moment ago. `None` when there
/// is nothing to wait for or it did not happen yet.
async fn await_principal(
    services: &Services,
    connection: &Connection,
    org: &Org,
    reading: &Reading,
    deadline: Deadline,
) -> Result<Option<Reading>, Trouble> {
    let now = services.clock.now();
    let relayed = connection.wiring.relayed_at.is_some_and(|at| now < plus(at, RELAY));
    if !relayed || reading.principal() == PrincipalStatus::Configured {
        return Ok(None);
    }
    let deadline = deadline.within(AWAITED);
    while deadline.slice(POLL) == POLL {
        tokio::time::sleep(POLL).await;
        let reading = observe(org, &reading.records, &reading.runners).await?;
        if reading.principal() == PrincipalStatus::Configured {
            return Ok(Some(reading));
        }
    }
    Ok(None)
}

/// The user that runs transfers: the one who connected the org.
fn runner(connection: &Connection) -> Option<UserId> {
    let org = connection.salesforce.org.as_ref()?;
    UserId::parse(&org.user_id).ok()
}

async fn desired(
    services: &Services,
    connection: &Connection,
    deadline: Deadline,
) -> Result<Option<Desired>, LedgerError> {
    let Some(credentials) = connection.wanted_credentials() else {
        return Ok(None);
    };
    let secrets = read_akeneo(services, &connection.id, &credentials.generation, deadline).await?;
    Ok(secrets.map(|secrets| Desired::new(credentials, secrets)))
}

async fn note_examined(
    services: &Services,
    connection: &Connection,
    examined: &Examined,
) -> Result<Option<Connection>, LedgerError> {
    let expected = connection.terms.org_type;
    update_connection(services, &connection.id, |connection| {
        connection.wiring.waiting = None;
        if expected.is_some_and(|expected| expected != examined.org_type()) {
            // The org could not be looked at when it was connected, and is not what the invitation is for.
            connection.salesforce.org = None;
            connection.salesforce.readiness = None;
            connection.salesforce.fault = Some(SalesforceFault::WrongOrgType);
            connection.wiring = Wiring::default();
            return;
        }
        connection.salesforce.readiness = Some(examined.readiness.clone());
        if let Some(org) = &mut connection.salesforce.org {
            org.name.clone_from(&examined.organization.name);
            org.org_type = examined.org_type();
            if !examined.username.is_empty() {
                org.username.clone_from(&examined.username);
            }
        }
    })
    .await
}

/// Trouble becomes a state of the connection: somebody has to act, or it is waited for.
async fn note_trouble(
    services: &Services,
    id: &ConnectionId,
    fault: &OrgFault,
) -> Result<Option<Waiting>, LedgerError> {
    tracing::warn!(name: "wiring.trouble", connection = %id, error = %fault);
    let (waiting, state) = match fault {
        OrgFault::NoGrant | OrgFault::GrantLost(_) => {
            health::note_grant_lost(services, id).await?;
            return Ok(None);
        }
        OrgFault::TooOld => {
            note_too_old(services, id).await?;
            return Ok(None);
        }
        OrgFault::Ledger(_) | OrgFault::App(_) => return Ok(Some(Waiting::Store)),
        OrgFault::Api(ApiError::DailyLimit) => (Waiting::OrgLimit, HealthState::RateLimited),
        OrgFault::Api(_) | OrgFault::Token(_) => (Waiting::Org, HealthState::OrgUnreachable),
    };
    health::note_org_silent(services, id, state).await?;
    Ok(Some(waiting))
}

async fn note_too_old(services: &Services, id: &ConnectionId) -> Result<(), LedgerError> {
    let now = services.clock.now();
    let unknown = Readiness {
        api_version: None,
        missing_permissions: Vec::new(),
        package: Package::Missing,
        checked_at: now,
    };
    update_connection(services, id, |connection| {
        let readiness = connection.salesforce.readiness.get_or_insert_with(|| unknown.clone());
        (readiness.api_version, readiness.checked_at) = (None, now);
    })
    .await?;
    Ok(())
}
