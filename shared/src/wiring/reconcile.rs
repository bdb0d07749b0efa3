//! Reconcile: the loop, under the connection's lease. Used by wiring, by health checks and by self-heal alike.

use std::time::Duration;

use super::apply::apply;
use super::condition::{note_examined, note_trouble, tell_of_state};
use super::examine::examine;
use super::headless::step_aside;
use super::installation::advance;
use super::look::Look;
use super::memory::{note_change, note_end, note_look, note_refusal, note_runners_refused};
use super::offboard::{keep_no_grant, take_apart};
use super::run::{Purpose, services_of, told};
use super::schedule::place;
use super::{Change, Desired, Finding, PrincipalStatus, self_callout};
use crate::clock::{Deadline, Timestamp, plus};
use crate::connection::{
    AuditEvent, Connection, ConnectionId, Lease, LeaseFault, LedgerError, Waiting, load_connection, record_audit,
    remind, update_and_place, update_connection,
};
use crate::custody::{OpenedOrg, OrgFault, open_org, read_akeneo};
use crate::health;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::record::Discovery;
use crate::salesforce::{ChangeError, UserId};
use crate::service::Services;
use crate::store::{Due, Queue};

/// How often the loop goes round: a change can undo another one (facts/salesforce 5.3).
const ROUNDS: usize = 3;
/// How long the lease is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// For how long after a relay the principal is expected to become configured, how long one run waits for it, and how often it asks.
/// A run waits with the lease in its hand: less long than a person who starts the authorization once more waits for that.
const RELAY: Duration = Duration::from_secs(60);
const AWAITED: Duration = Duration::from_secs(6);
const POLL: Duration = Duration::from_secs(2);

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
    let services = &services_of(services, &connection, purpose);
    let work = one_run(services, connection, purpose, lease, deadline);
    told(services, id, purpose, Box::pin(work)).await
}

async fn one_run(
    services: &Services,
    connection: Connection,
    purpose: Purpose,
    lease: &Lease,
    deadline: Deadline,
) -> Result<Option<Connection>, LedgerError> {
    let id = &connection.id;
    let requested = connection.wiring.requested_at;
    let mut ended = Ok(None);
    if purpose == Purpose::Heal && connection.paused_at.is_some() {
        return conclude(services, id, purpose, requested, None).await;
    }
    if connection.is_leaving() && purpose == Purpose::Wire {
        ended = take_apart(services, &connection, lease, deadline).await;
    }
    let given_back = connection.salesforce.given_back.is_some();
    if connection.revoked_at.is_none() && connection.salesforce.org.is_some() && !given_back {
        ended = match run(services, &connection, purpose, lease, deadline).await {
            Ok(waiting) => Ok(waiting),
            Err(Trouble::Ledger(error) | Trouble::Org(OrgFault::Ledger(error))) => Err(error),
            Err(Trouble::Org(fault)) => note_trouble(services, id, &fault).await,
        };
    }
    if connection.revoked_at.is_none() && (connection.by_hand().is_some() || given_back) {
        ended = health::verify_without_org(services, &connection, deadline).await;
    }
    if connection.revoked_at.is_none() && purpose == Purpose::Wire && matches!(ended, Ok(None)) {
        ended = keep_no_grant(services, &connection, lease, deadline).await;
    }
    // One store may fail while the other still takes the note of what is waited for.
    let waiting = ended.as_ref().map_or(Some(Waiting::Store), |waiting| *waiting);
    let placed = conclude(services, id, purpose, requested, waiting).await;
    let (now, stuck_after) = (services.clock.now(), services.config.stuck_after);
    let has_reminders = |placed: &Connection| placed.reminded_next(stuck_after).is_some_and(|at| at <= now);
    if placed
        .as_ref()
        .is_ok_and(|placed| placed.as_ref().is_some_and(has_reminders))
    {
        remind(services, id).await?;
    }
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
    update_and_place(
        services,
        id,
        |connection| {
            if answered && requested.is_some() {
                connection.remember();
            }
            let wiring = &mut connection.wiring;
            note_end(wiring, waiting);
            wiring.requested_at = wiring.requested_at.filter(|at| !answered || Some(*at) > requested);
            wiring.run_under.clone_from(&services.trace);
            if waiting.is_none() {
                // Done; what is asked for meanwhile keeps its own.
                wiring
                    .asked_under
                    .take_if(|asked| Some(&*asked) == services.trace.as_ref());
            }
        },
        |connection, present| match connection.wiring.requested_at {
            asked if asked > requested && connection.revoked_at.is_none() => Due {
                queue: Queue::Wiring,
                ..present
            },
            _ => place(connection, now, connection.health_period(services.config.health_period)),
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
    let (asked, purpose) = (purpose, self_callout::rest(purpose, connection, services.clock.now()));
    let opened = open_org(services, connection, lease, deadline).await?;
    let Some(user) = connecting_user(connection) else {
        return Err(OrgFault::NoGrant.into());
    };
    let now = services.clock.now();
    let examined = examine(&opened, &user, services.config.package_namespace.as_deref(), now).await?;
    let Some(connection) = note_examined(services, connection, &examined, purpose).await? else {
        return Ok(None);
    };
    if purpose == Purpose::Wire {
        advance(services, &connection, &opened.org, &examined).await?;
    }
    let readiness = connection.salesforce.readiness.as_ref();
    let ready = readiness.is_some_and(|readiness| readiness.missing_permissions.is_empty());
    if !ready || connection.salesforce.org.is_none() {
        return Ok(None);
    }
    let desired = desired(services, &connection, deadline).await?;
    let mut look = match (&examined.records, connection.legacy_namespace()) {
        (Discovery::Found(records), _) => {
            let runners: Vec<UserId> = connection.runners().into_iter().map(|runner| runner.user_id).collect();
            Look::at_records(&opened.org, records, &runners).await?
        }
        (_, Some(namespace)) => Look::at_legacy(&opened.org, namespace, desired.as_ref(), &connection).await?,
        _ => {
            health::note_package_changed(services, &connection.id).await?;
            return Ok(None);
        }
    };
    if let Some(desired) = &desired {
        look = converge(services, &connection, purpose, &opened, desired, look).await?;
        if let Some((connection, other)) =
            step_aside(services, &connection, purpose, &opened.org, desired, &look).await?
        {
            look = converge(services, &connection, purpose, &opened, desired, other).await?;
        }
        if let Some(renewed) = await_principal(services, &connection, &opened.org, &look, deadline).await? {
            look = converge(services, &connection, purpose, &opened, desired, renewed).await?;
        }
        drop(look);
        let waiting = health::verify(services, &connection.id, desired, deadline).await?;
        self_callout::tend(services, &connection.id, asked, lease, &opened, deadline).await?;
        return Ok(waiting);
    }
    let now = services.clock.now();
    update_connection(services, &connection.id, |connection| {
        note_look(&mut connection.wiring, &look, None, now, purpose)
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
    mut look: Look,
) -> Result<Look, Trouble> {
    let (id, org) = (&connection.id, &opened.org);
    let mut connection = Box::new(connection.clone());
    let mut refused = None;
    for round in 0..=ROUNDS {
        let now = services.clock.now();
        let found = look.drift(desired, &connection, now);
        let changes = allowed(look.plan(&found), purpose, &connection, &look, desired);
        if round == ROUNDS {
            refused = refused.or(changes.first().copied());
        }
        // Before the first change: that a stored token is another PIM's must survive a crash.
        let noted = update_connection(services, id, |connection| {
            note_look(&mut connection.wiring, &look, Some((&found, desired)), now, purpose);
            if let Some(change) = refused.filter(|_| !found.findings.iter().all(Finding::is_note)) {
                note_refusal(&mut connection.wiring, change);
            }
        });
        let before = connection.wiring.findings;
        connection = Box::new(noted.await?.ok_or(OrgFault::NoGrant)?);
        tell_of_state(services, &connection, &before).await?;
        if refused.is_some() || changes.is_empty() {
            break;
        }
        if purpose == Purpose::Heal {
            health::note_mending(services, id).await?;
        }
        for change in changes {
            match make(services, connection, org, change, desired, &look).await? {
                Made::Done(now) => {
                    connection = now;
                    if purpose == Purpose::Heal {
                        health::note_healed(services, id, change.name()).await?;
                    }
                }
                Made::Refused(now) => {
                    (connection, refused) = (now, Some(change));
                    break;
                }
            }
        }
        look = look.again(org, &connection).await?;
    }
    Ok(look)
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
    look: &Look,
) -> Result<Made, Trouble> {
    let id = &connection.id;
    let refused = match apply(org, change, desired, look).await {
        Ok(refused) => refused,
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
    };
    let noted = update_connection(services, id, |connection| {
        note_change(&mut connection.wiring, change, desired, look);
        note_runners_refused(&mut connection.wiring, look, &refused);
    })
    .await?;
    let what = AuditEvent::Applied {
        change: change.name().to_owned(),
    };
    record_audit(services, id, what).await.map_err(LedgerError::from)?;
    Ok(Made::Done(noted.map_or(connection, Box::new)))
}

fn allowed(
    changes: Vec<Change>,
    purpose: Purpose,
    connection: &Connection,
    look: &Look,
    desired: &Desired,
) -> Vec<Change> {
    let (ours, policy) = (look.points_at(desired), connection.terms.heal);
    match purpose {
        Purpose::Wire => changes,
        Purpose::Heal => changes
            .into_iter()
            .filter(|change| ours && change.heals(policy))
            .collect(),
    }
}

/// Waits while the org completes its own authorization, if that passed through our callback a moment ago. `None` when there
/// is nothing to wait for or it did not happen yet.
async fn await_principal(
    services: &Services,
    connection: &Connection,
    org: &Org,
    look: &Look,
    deadline: Deadline,
) -> Result<Option<Look>, Trouble> {
    let now = services.clock.now();
    let relayed = connection.wiring.relayed_at.is_some_and(|at| now < plus(at, RELAY));
    if !relayed || look.is_blind() || look.principal(connection, now) == PrincipalStatus::Configured {
        return Ok(None);
    }
    let deadline = deadline.within(AWAITED);
    while deadline.slice(POLL) == POLL {
        tokio::time::sleep(POLL).await;
        let look = look.again(org, connection).await?;
        if look.principal(connection, services.clock.now()) == PrincipalStatus::Configured {
            return Ok(Some(look));
        }
    }
    Ok(None)
}

/// The user who connected the org.
fn connecting_user(connection: &Connection) -> Option<UserId> {
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
    let scopes = connection
        .wiring
        .other_scopes_since
        .map(|_| connection.scopes_to_request());
    Ok(secrets.map(|secrets| Desired::new(credentials, secrets, scopes)))
}
