//! Tending to the picklist synchronisation: one run under the lease that the main wiring holds already.
//!
//! Whatever an org does to us here is a state of the picklist synchronisation and of nothing else.

use std::time::Duration;

use super::making::make_app;
use super::observe::{SelfReading, Unseen, look, target};
use super::{SelfChange, SelfFault, SelfFinding, SelfMemory, self_drift, self_plan};
use crate::clock::{Deadline, Timestamp, plus};
use crate::connection::{
    AuditEvent, Connection, ConnectionId, Lease, LedgerError, OrgIdentity, SelfCallout, SelfSource, SelfStage,
    SelfWaiting, load_connection, record_audit, self_stage, update_connection,
};
use crate::custody::{OpenedOrg, SelfSecrets, read_self};
use crate::salesforce::api::ApiError;
use crate::salesforce::loopback::{LoopbackError, preflight};
use crate::salesforce::oauth::{App, TokenError};
use crate::salesforce::{ChangeError, Package, UserId};
use crate::service::Services;
use crate::wiring::Purpose;

/// How often the loop goes round.
const ROUNDS: usize = 3;
/// How soon a new app is asked for again: at first, and at most.
const SOON: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(60);

/// Why a run ended early.
pub(super) enum Trouble {
    /// A person has to mend it.
    Fault(SelfFault),
    /// It goes away by itself.
    Wait(SelfWaiting),
    /// A store failed.
    Ledger(LedgerError),
}

impl From<SelfFault> for Trouble {
    fn from(fault: SelfFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        tracing::warn!(name: "self_callout.trouble", error = %error);
        if error.is_refusal() {
            Self::Fault(SelfFault::OrgRefused)
        } else {
            Self::Wait(SelfWaiting::Org)
        }
    }
}

impl From<Unseen> for Trouble {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::Fault(fault) => Self::Fault(fault),
            Unseen::Api(error) => error.into(),
        }
    }
}

/// What a run may do with the rest of the org: one that was queued for the picklist synchronisation and for nothing else
/// only looks at it.
pub(in crate::wiring) fn rest(purpose: Purpose, connection: &Connection, now: Timestamp) -> Purpose {
    let next = connection.self_callout.try_again_at;
    let due = next.is_some_and(|at| at <= plus(now, Duration::from_millis(500)));
    let asked = connection.wiring.requested_at.is_some() || connection.health.verification.is_none();
    if due && !asked { Purpose::Heal } else { purpose }
}

/// Tends to it, if it is wanted and the connection itself was complete once.
///
/// # Errors
/// [`LedgerError`].
pub(in crate::wiring) async fn tend(
    services: &Services,
    id: &ConnectionId,
    purpose: Purpose,
    lease: &Lease,
    opened: &OpenedOrg,
    deadline: Deadline,
) -> Result<(), LedgerError> {
    let Some(connection) = load_connection(services, id).await? else {
        return Ok(());
    };
    if self_stage(&connection) == SelfStage::Off || connection.health.verification.is_none() {
        return Ok(());
    }
    let asked = connection.self_callout.asked_at;
    let ended = work(services, connection, purpose, lease, opened, deadline).await;
    let trouble = match ended {
        Ok(()) => None,
        Err(Trouble::Ledger(error)) => return Err(error),
        Err(trouble) => Some(trouble),
    };
    let now = services.clock.now();
    update_connection(services, id, |connection| {
        // What somebody asked for while this ran is not answered by it.
        if connection.self_callout.asked_at == asked {
            conclude(&mut connection.self_callout, trouble.as_ref(), now);
        }
    })
    .await?;
    Ok(())
}

fn conclude(about: &mut SelfCallout, trouble: Option<&Trouble>, now: Timestamp) {
    about.fault = None;
    about.waiting = None;
    about.try_again_at = None;
    match trouble {
        Some(Trouble::Fault(fault)) => about.fault = Some(fault.clone()),
        Some(Trouble::Wait(waiting)) => {
            about.waiting = Some(*waiting);
            let pause = SOON.saturating_mul(1 << about.tries.min(8)).min(LATER);
            about.tries = about.tries.saturating_add(1);
            about.try_again_at = Some(plus(now, pause));
        }
        Some(Trouble::Ledger(_)) => {}
        None => {
            about.tries = 0;
            if about.generation.is_none() || about.looked_at.is_none() {
                // There is nothing yet that could be complete.
            } else if about.findings.is_empty() {
                about.completed_at.get_or_insert(now);
                about.completed_at = about.completed_at.max(about.asked_at);
            } else if about.completed_at.is_none() && !about.findings.iter().any(SelfFinding::needs_a_person) {
                // A look without writes found that the way is free.
                about.try_again_at = Some(now);
            }
        }
    }
}

async fn work(
    services: &Services,
    mut connection: Connection,
    purpose: Purpose,
    lease: &Lease,
    opened: &OpenedOrg,
    deadline: Deadline,
) -> Result<(), Trouble> {
    let Some(identity) = connection.salesforce.org.clone() else {
        return Ok(());
    };
    let about = &connection.self_callout;
    if about.generation.is_none() {
        match about.source {
            Some(SelfSource::Deploy) if purpose == Purpose::Wire => {
                connection = make_app(services, &connection, &identity, lease, &opened.org, deadline).await?;
            }
            // A health look makes no app; whoever has to make one was told.
            _ => return keep_as_it_is(&connection),
        }
    }
    let kept = read_self(services, &connection, deadline)
        .await
        .map_err(LedgerError::from)?;
    let secrets = kept.ok_or(SelfFault::AppLost)?;
    try_app(services, &connection, &identity, &secrets, opened, deadline).await?;
    let noted = update_connection(services, &connection.id, |connection| {
        connection.self_callout.proven = Some(secrets.generation.clone());
    });
    connection = noted.await?.unwrap_or(connection);
    let namespace = namespace(&connection).ok_or(SelfFault::RecordsIncomplete)?;
    let runners: Vec<UserId> = connection.runners().into_iter().map(|runner| runner.user_id).collect();
    let reading = look(&opened.org, &namespace, &runners).await?;
    converge(services, connection, purpose, opened, &secrets, reading).await
}

/// Nothing can be done for now, and what was told stays told.
fn keep_as_it_is(connection: &Connection) -> Result<(), Trouble> {
    let about = &connection.self_callout;
    match (&about.fault, about.waiting) {
        (Some(fault), _) => Err(Trouble::Fault(fault.clone())),
        (None, Some(waiting)) => Err(Trouble::Wait(waiting)),
        (None, None) if about.source == Some(SelfSource::Deploy) => Err(Trouble::Wait(SelfWaiting::Org)),
        (None, None) => Ok(()),
    }
}

fn namespace(connection: &Connection) -> Option<String> {
    match &connection.salesforce.readiness.as_ref()?.package {
        Package::Current { namespace, .. } => Some(namespace.clone()),
        _ => None,
    }
}

/// The preflight. What a new app can be refused for is waited for as long as it may be new.
async fn try_app(
    services: &Services,
    connection: &Connection,
    identity: &OrgIdentity,
    secrets: &SelfSecrets,
    opened: &OpenedOrg,
    deadline: Deadline,
) -> Result<(), Trouble> {
    let app = App {
        client_id: secrets.client_id.clone(),
        client_secret: secrets.client_secret.clone(),
    };
    let org = (&identity.instance, identity.org_id.as_str());
    let Err(error) = preflight(&services.outbound, org, &app, opened.version, deadline).await else {
        return Ok(());
    };
    tracing::info!(name: "self_callout.preflight", connection = %connection.id, error = %error);
    let about = &connection.self_callout;
    let new = about.proven.is_none() && about.may_be_unknown(services.clock.now());
    let made_by_us = about.source == Some(SelfSource::Deploy);
    Err(match error {
        LoopbackError::Token(error) => refused(&error, new, made_by_us),
        LoopbackError::OtherOrg => SelfFault::OtherOrg.into(),
        LoopbackError::ScopeMissing => SelfFault::ScopeMissing.into(),
        LoopbackError::TooWeak => SelfFault::ExecutionUserTooWeak.into(),
        LoopbackError::Api(error) => error.into(),
    })
}

/// What a refusal of the token means. `new`: the app may still be unknown in parts of Salesforce (facts/salesforce 8.3).
fn refused(error: &TokenError, new: bool, made_by_us: bool) -> Trouble {
    let fault = match error {
        TokenError::InvalidClientId
        | TokenError::InvalidGrant
        | TokenError::AuthenticationFailure
        | TokenError::AppNotInstalled
            if new =>
        {
            return Trouble::Wait(SelfWaiting::Propagation);
        }
        TokenError::InvalidClientId | TokenError::InvalidGrant | TokenError::AppNotInstalled => SelfFault::AppUnknown,
        // We wrote these into the app ourselves: they are on their way.
        TokenError::NoExecutionUser | TokenError::UnsupportedGrantType if new && made_by_us => {
            return Trouble::Wait(SelfWaiting::Propagation);
        }
        TokenError::NoExecutionUser => SelfFault::NoExecutionUser,
        TokenError::UnsupportedGrantType => SelfFault::FlowOff,
        TokenError::InvalidClient => SelfFault::SecretWrong,
        TokenError::UserNotApproved
        | TokenError::NotAdminApproved
        | TokenError::InactiveUser
        | TokenError::InactiveOrg
        | TokenError::IpRestricted
        | TokenError::AuthenticationFailure => SelfFault::ExecutionUserBlocked,
        TokenError::NotThisHost | TokenError::Signature | TokenError::Host(_) => SelfFault::OtherOrg,
        TokenError::Retryable | TokenError::Transport(_) => return Trouble::Wait(SelfWaiting::Org),
        TokenError::ExpiredCode
        | TokenError::VerifierMismatch
        | TokenError::RedirectMismatch
        | TokenError::Refused
        | TokenError::Malformed => SelfFault::Refused,
    };
    Trouble::Fault(fault)
}

/// The loop: drift, plan, apply, look again.
async fn converge(
    services: &Services,
    mut connection: Connection,
    purpose: Purpose,
    opened: &OpenedOrg,
    secrets: &SelfSecrets,
    mut reading: SelfReading,
) -> Result<(), Trouble> {
    let id = connection.id.clone();
    let Some(identity) = connection.salesforce.org.clone() else {
        return Ok(());
    };
    let target = target(&identity.instance, secrets);
    let mut refused: Option<SelfChange> = None;
    for round in 0..=ROUNDS {
        let about = &connection.self_callout;
        // What was written into other records says nothing about these.
        let same = about.records.as_ref() == Some(&reading.note());
        let memory = SelfMemory {
            credentials_written: about.credentials_written.clone().filter(|_| same),
        };
        let found = self_drift(&target, &reading.observed(&target, &connection), &memory);
        let changes = match purpose {
            Purpose::Wire => self_plan(&found, reading.is_packaged()),
            Purpose::Heal => Vec::new(),
        };
        if round == ROUNDS {
            refused = refused.or(changes.first().copied());
        }
        note(services, &id, &reading, found, refused.filter(|_| !changes.is_empty())).await?;
        if refused.is_some() || changes.is_empty() {
            return Ok(());
        }
        for change in changes {
            match reading.apply(&opened.org, change, &identity.instance, secrets).await {
                Ok(()) => {}
                // Accepted but not in place: the next look decides.
                Err(ChangeError::NotApplied { fields }) => {
                    tracing::warn!(name: "self_callout.not_applied", connection = %id, ?fields);
                    break;
                }
                Err(ChangeError::Api(error)) if !error.is_refusal() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(name: "self_callout.refused", connection = %id, change = change.name(), error = %error);
                    refused = Some(change);
                    break;
                }
            }
            connection = made(services, connection, change, &secrets.generation).await?;
            if change == SelfChange::Records {
                // The rest starts from what is there now.
                break;
            }
        }
        reading = look(&opened.org, reading.namespace(), reading.runners()).await?;
    }
    Ok(())
}

async fn made(
    services: &Services,
    connection: Connection,
    change: SelfChange,
    generation: &str,
) -> Result<Connection, LedgerError> {
    let id = &connection.id;
    let noted = update_connection(services, id, |connection| {
        if change == SelfChange::Credentials {
            connection.self_callout.credentials_written = Some(generation.to_owned());
        }
    });
    let noted = noted.await?;
    let what = AuditEvent::Applied {
        change: change.name().to_owned(),
    };
    record_audit(services, id, what).await?;
    Ok(noted.unwrap_or(connection))
}

/// Notes what a look found.
async fn note(
    services: &Services,
    id: &ConnectionId,
    reading: &SelfReading,
    mut found: Vec<SelfFinding>,
    refused: Option<SelfChange>,
) -> Result<(), LedgerError> {
    let records = reading.note();
    if let Some(change) = refused {
        found.push(SelfFinding::WriteRefused {
            change: change.name().to_owned(),
            record: match change {
                SelfChange::Provider => records.identity_provider.clone().unwrap_or_default(),
                SelfChange::NamedCredential => records.named_credential.clone(),
                _ => records.external_credential.clone(),
            },
        });
    }
    let now = services.clock.now();
    update_connection(services, id, |connection| {
        let about = &mut connection.self_callout;
        if about.records.as_ref() != Some(&records) {
            about.credentials_written = None;
        }
        about.findings.clone_from(&found);
        about.records = Some(records.clone());
        about.principal = reading.principal();
        about.credentials_seen = about.credentials_written.is_some() && reading.shows_credentials();
        about.looked_at = Some(now);
    })
    .await?;
    Ok(())
}
