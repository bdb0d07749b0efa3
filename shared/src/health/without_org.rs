//! Health where the org cannot be looked at: what our own token shows of the PIM, and nothing more. The verification says so.

use super::assess::misconfigured;
use super::settle;
use super::verify::{change_state, probe_pim};
use crate::akeneo::{ProbeReport, Verdict};
use crate::clock::Deadline;
use crate::connection::{Connection, HealthState, LedgerError, Stage, Verification, Waiting, stage};
use crate::service::Services;

/// The state that the PIM's side alone shows.
#[must_use]
pub fn assess_without_org(pim: Option<&ProbeReport>) -> HealthState {
    match pim.map_or(Verdict::Granted, ProbeReport::overall) {
        Verdict::Disconnected => HealthState::Disconnected,
        Verdict::TokenInvalid => HealthState::TokenRevoked,
        Verdict::Missing => HealthState::ScopeLost,
        Verdict::RateLimited { .. } => HealthState::RateLimited,
        Verdict::Misconfigured(how) => misconfigured(how),
        Verdict::Unreachable | Verdict::Unknown => HealthState::PimUnreachable,
        Verdict::Granted | Verdict::Inferred => HealthState::Healthy,
    }
}

/// Verifies a connection whose org is not looked at, once everything is done that can be known to be done. What has to be
/// waited for before the first verification comes back.
///
/// # Errors
/// [`LedgerError`].
pub async fn verify_without_org(
    services: &Services,
    connection: &Connection,
    deadline: Deadline,
) -> Result<Option<Waiting>, LedgerError> {
    let complete = matches!(stage(connection), Stage::Verifying | Stage::Connected | Stage::Degraded);
    if !complete {
        return Ok(None);
    }
    let report = probe_pim(services, connection, None, deadline).await?;
    let seen = assess_without_org(report.as_ref());
    let first = connection.health.verification.is_none();
    match seen {
        HealthState::PimUnreachable if first => return Ok(Some(Waiting::Pim)),
        HealthState::RateLimited if first => return Ok(Some(Waiting::PimLimit)),
        _ => {}
    }
    let now = services.clock.now();
    change_state(services, &connection.id, |connection| {
        settle(&mut connection.health, seen, now);
        connection.health.verification = Some(Verification {
            at: now,
            pim: report.clone(),
            org: false,
        });
    })
    .await?;
    Ok(None)
}
