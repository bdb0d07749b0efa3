//! What a run notes about an org as a whole: whether it is ready, which version of the package it has, and trouble with it.

use super::examine::Examined;
use super::{Finding, Purpose};
use crate::connection::{
    AuditEvent, Connection, ConnectionId, HealthState, LedgerError, Readiness, SalesforceFault, Waiting, Wiring,
    record_audit, update_connection,
};
use crate::custody::OrgFault;
use crate::health;
use crate::salesforce::Package;
use crate::salesforce::api::ApiError;
use crate::service::Services;

/// Notes what an examination found. A health check that found what was known before notes no time here: its own note has it.
pub(super) async fn note_examined(
    services: &Services,
    connection: &Connection,
    examined: &Examined,
    purpose: Purpose,
) -> Result<Option<Connection>, LedgerError> {
    let expected = connection.terms.org_type;
    update_connection(services, &connection.id, |connection| {
        connection.wiring.waiting = None;
        if expected
            .zip(examined.org_type())
            .is_some_and(|(expected, found)| expected != found)
        {
            // The org could not be looked at when it was connected, and is not what the invitation is for.
            connection.salesforce.org = None;
            connection.salesforce.readiness = None;
            connection.salesforce.fault = Some(SalesforceFault::WrongOrgType);
            connection.wiring = Wiring::default();
            return;
        }
        let former = connection.salesforce.readiness.replace(examined.readiness.clone());
        connection.salesforce.ask_for_legacy(&examined.missing_for_legacy);
        if let (Purpose::Heal, Some(former), Some(found)) = (purpose, former, &mut connection.salesforce.readiness) {
            let is_known = Readiness {
                checked_at: found.checked_at,
                ..former.clone()
            } == *found;
            // Of an org that lacks something, people are shown the time.
            if is_known && found.missing_permissions.is_empty() && matches!(found.package, Package::Current { .. }) {
                found.checked_at = former.checked_at;
            }
        }
        if let Some(org) = &mut connection.salesforce.org {
            if let Some(own) = &examined.organization {
                org.name.clone_from(&own.name);
            }
            org.org_type = examined.org_type().unwrap_or(org.org_type);
            if !examined.username.is_empty() {
                org.username.clone_from(&examined.username);
            }
        }
    })
    .await
}

/// Trouble becomes a state of the connection: somebody has to act, or it is waited for.
pub(super) async fn note_trouble(
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

/// Puts what a look found for the first time, and what would not be seen any more once it is mended, into the audit trail.
pub(super) async fn tell_of_state(
    services: &Services,
    connection: &Connection,
    before: &[Finding],
) -> Result<(), LedgerError> {
    let new = connection
        .wiring
        .findings
        .iter()
        .filter(|finding| !before.contains(finding));
    for what in new.filter_map(event) {
        record_audit(services, &connection.id, what)
            .await
            .map_err(LedgerError::from)?;
    }
    Ok(())
}

fn event(finding: &Finding) -> Option<AuditEvent> {
    match finding {
        Finding::PackageChanged { from, to } => Some(AuditEvent::PackageChanged {
            from: from.clone(),
            to: to.clone(),
        }),
        Finding::NeedsRepair { .. } | Finding::SecretsGone | Finding::ReadLost | Finding::RowsLost { .. } => {
            Some(AuditEvent::Found {
                finding: finding.code().to_owned(),
            })
        }
        _ => None,
    }
}
