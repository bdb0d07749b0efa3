//! Verification: probes the PIM with our token and settles the state (design section 4, step 5).

use std::time::Duration;

use super::{assess, settle};
use crate::akeneo::{ProbeReport, probe};
use crate::clock::Deadline;
use crate::connection::{
    AuditEvent, Connection, ConnectionId, HealthState, LedgerError, SalesforceFault, Verification, Waiting,
    load_connection, record_audit, update_connection,
};
use crate::custody::read_akeneo;
use crate::service::Services;
use crate::wiring::PrincipalStatus;

/// For all probes of one look: a PIM that asks for a longer pause is asked again by the schedule, not under the lease.
const PROBES: Duration = Duration::from_secs(20);

/// Verifies a connection after its org was looked at. A connection that was never complete is left alone until it is. What
/// has to be waited for before the first verification can be done comes back.
///
/// # Errors
/// [`LedgerError`].
pub async fn verify(
    services: &Services,
    id: &ConnectionId,
    deadline: Deadline,
) -> Result<Option<Waiting>, LedgerError> {
    let Some(connection) = load_connection(services, id).await? else {
        return Ok(None);
    };
    let wiring = &connection.wiring;
    let complete = wiring.findings.is_empty()
        && wiring.principal == PrincipalStatus::Configured
        && wiring.principal_stale_since.is_none();
    let first = connection.health.verification.is_none();
    if !complete && first {
        return Ok(None);
    }
    let report = probe_pim(services, &connection, deadline).await?;
    let seen = assess(wiring, report.as_ref());
    // A PIM that is down while a new connection is verified is waited for, not reported as broken.
    match seen {
        HealthState::PimUnreachable if first => return Ok(Some(Waiting::Pim)),
        HealthState::RateLimited if first => return Ok(Some(Waiting::PimLimit)),
        _ => {}
    }
    let now = services.clock.now();
    change_state(services, id, |connection| {
        settle(&mut connection.health, seen, now);
        connection.health.verification = Some(Verification {
            at: now,
            pim: report.clone(),
            org: complete,
        });
    })
    .await?;
    Ok(None)
}

/// Changes a connection; a new health state goes into the audit trail.
async fn change_state(
    services: &Services,
    id: &ConnectionId,
    mut change: impl FnMut(&mut Connection),
) -> Result<(), LedgerError> {
    let mut before = HealthState::Unknown;
    let changed = update_connection(services, id, |connection| {
        before = connection.health.state;
        change(connection);
    });
    if let Some(state) = changed
        .await?
        .map(|connection| connection.health.state)
        .filter(|state| *state != before)
    {
        record_audit(services, id, AuditEvent::HealthChanged { state }).await?;
    }
    Ok(())
}

/// The probes, where we hold a token.
async fn probe_pim(
    services: &Services,
    connection: &Connection,
    deadline: Deadline,
) -> Result<Option<ProbeReport>, LedgerError> {
    let Some(proven) = &connection.akeneo.proven else {
        return Ok(None);
    };
    let secrets = read_akeneo(services, &connection.id, &proven.credentials.generation, deadline).await?;
    let Some(token) = secrets.and_then(|secrets| secrets.token) else {
        return Ok(None);
    };
    let (pim, granted, deadline) = (&proven.credentials.pim, &proven.granted, deadline.within(PROBES));
    Ok(Some(
        probe(&services.outbound, pim, &token, &proven.requested, granted, deadline).await,
    ))
}

/// The org took its grant back, and said so: a person has to connect it again.
///
/// # Errors
/// [`LedgerError`].
pub async fn note_grant_lost(services: &Services, id: &ConnectionId) -> Result<(), LedgerError> {
    let now = services.clock.now();
    change_state(services, id, |connection| {
        connection.salesforce.fault = Some(SalesforceFault::GrantLost);
        let health = &mut connection.health;
        health.checked_at = Some(now);
        if health.verification.is_some() {
            (health.state, health.contradictions) = (HealthState::OrgGrantLost, 0);
        }
    })
    .await
}

/// The org could not be looked at. Believed when it happens again; a connection that is not complete yet just waits.
///
/// # Errors
/// [`LedgerError`].
pub async fn note_org_silent(services: &Services, id: &ConnectionId, state: HealthState) -> Result<(), LedgerError> {
    let now = services.clock.now();
    change_state(services, id, |connection| {
        if connection.health.verification.is_some() {
            settle(&mut connection.health, state, now);
        }
    })
    .await
}
