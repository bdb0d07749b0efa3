//! Verification: probes the PIM with our token and settles the state (design section 4, step 5).

use std::time::Duration;

use super::{assess, settle};
use crate::akeneo::{ProbeReport, Verdict, probe};
use crate::clock::Deadline;
use crate::connection::{
    AuditEvent, Connection, ConnectionId, Health, HealthState, LedgerError, SalesforceFault, Verification, Waiting,
    load_connection, record_audit, update_connection,
};
use crate::custody::read_akeneo;
use crate::service::Services;
use crate::telemetry::{Metric, count};
use crate::wiring::{Desired, Finding, PrincipalStatus};

/// For all probes of one look: a PIM that asks for a longer pause is asked again by the schedule, not under the lease.
const PROBES: Duration = Duration::from_secs(20);

/// Verifies a connection after its org was looked at for what is `desired` there. A connection that was never complete is left alone until
/// it is. What has to be waited for before the first verification can be done comes back.
///
/// # Errors
/// [`LedgerError`].
pub async fn verify(
    services: &Services,
    id: &ConnectionId,
    desired: &Desired,
    deadline: Deadline,
) -> Result<Option<Waiting>, LedgerError> {
    let Some(connection) = load_connection(services, id).await? else {
        return Ok(None);
    };
    let wiring = &connection.wiring;
    let complete = wiring.findings.iter().all(Finding::is_note)
        && wiring.principal == PrincipalStatus::Configured
        && wiring.principal_stale_since.is_none();
    let first = connection.health.verification.is_none();
    if !complete && first {
        return Ok(None);
    }
    let report = probe_pim(services, &connection, Some(desired), deadline).await?;
    let seen = if !first && !connection.has_its_package() {
        HealthState::PackageChanged
    } else {
        assess(wiring, report.as_ref())
    };
    // A PIM that is down while a new connection is verified is waited for, not reported as broken.
    match seen {
        HealthState::PimUnreachable if first => return Ok(Some(Waiting::Pim)),
        HealthState::RateLimited if first => return Ok(Some(Waiting::PimLimit)),
        _ => {}
    }
    let now = services.clock.now();
    count(services, Metric::Looked(seen));
    let superseded = asks_for_other_scopes(&connection, report.as_ref());
    change_state(services, id, |connection| {
        if superseded && connection.wiring.other_scopes_since.is_none() {
            // The org gets the right request at once; then a person has to authorize both sides again.
            connection.wiring.other_scopes_since = Some(now);
            connection.wiring.requested_at = Some(now);
        }
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

/// Whether our token or its scopes went with the org's own authorization: nothing but an authorization with another set of scopes
/// does that (facts/akeneo 1.2 row 9, 4). What the org asks for is not to be seen, so it cannot be asked for alike.
fn asks_for_other_scopes(connection: &Connection, report: Option<&ProbeReport>) -> bool {
    let (Some(proven), Some(report)) = (&connection.akeneo.proven, report) else {
        return false;
    };
    let verified = connection
        .health
        .verification
        .as_ref()
        .map(|verification| verification.at);
    let just_now = connection
        .wiring
        .relayed_at
        .is_some_and(|relayed| proven.at <= relayed && verified.is_none_or(|verified| verified < relayed));
    let lost = matches!(report.overall(), Verdict::TokenInvalid | Verdict::Missing);
    just_now && lost && connection.wiring.org_scopes.is_none()
}

/// Changes a connection; a new health state goes into the audit trail.
pub(super) async fn change_state(
    services: &Services,
    id: &ConnectionId,
    mut change: impl FnMut(&mut Connection),
) -> Result<(), LedgerError> {
    let mut before = Health::default();
    let changed = update_connection(services, id, |connection| {
        before.clone_from(&connection.health);
        change(connection);
    });
    if let Some(state) = changed
        .await?
        .map(|connection| connection.health.state)
        .filter(|state| *state != before.state)
    {
        let what = AuditEvent::HealthChanged {
            state,
            from: before.state,
            repeated: before.incidents.iter().any(|incident| incident.cause == state),
        };
        record_audit(services, id, what).await?;
    }
    Ok(())
}

/// The probes, where we hold a token; it need not be read again where a run has it in its hand.
pub(super) async fn probe_pim(
    services: &Services,
    connection: &Connection,
    desired: Option<&Desired>,
    deadline: Deadline,
) -> Result<Option<ProbeReport>, LedgerError> {
    let Some(proven) = &connection.akeneo.proven else {
        return Ok(None);
    };
    let generation = &proven.credentials.generation;
    let token = match desired.filter(|desired| desired.generation == *generation) {
        Some(desired) => desired.token.clone(),
        None => {
            let secrets = read_akeneo(services, &connection.id, generation, deadline).await?;
            secrets.and_then(|secrets| secrets.token)
        }
    };
    let Some(token) = token else {
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
            health.enter(HealthState::OrgGrantLost, now);
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

/// The package is not as it was when the connection was set up. Believed when it is seen again.
///
/// # Errors
/// [`LedgerError`].
pub async fn note_package_changed(services: &Services, id: &ConnectionId) -> Result<(), LedgerError> {
    note_org_silent(services, id, HealthState::PackageChanged).await
}

/// What the last look found is about to be put right by the service itself. It needs no second look to be believed: the org's own
/// record shows it, and what is written to an org has its reason in the trail.
///
/// # Errors
/// [`LedgerError`].
pub async fn note_mending(services: &Services, id: &ConnectionId) -> Result<(), LedgerError> {
    let now = services.clock.now();
    change_state(services, id, |connection| {
        let seen = assess(&connection.wiring, None);
        if connection.health.verification.is_some() && seen != connection.health.state {
            connection.health.enter(seen, now);
        }
    })
    .await
}

/// The service put something right by itself.
///
/// # Errors
/// [`LedgerError`].
pub async fn note_healed(services: &Services, id: &ConnectionId, change: &str) -> Result<(), LedgerError> {
    let healed = update_connection(services, id, |connection| connection.health.healed = true).await?;
    let Some(connection) = healed.filter(|connection| connection.health.verification.is_some()) else {
        return Ok(());
    };
    let what = AuditEvent::Healed {
        state: connection.health.state,
        change: change.to_owned(),
    };
    record_audit(services, id, what).await?;
    Ok(())
}
