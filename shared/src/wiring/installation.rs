//! The package's installation, one step of it for each run of the loop: it takes minutes, and a run must not (facts/salesforce 9).

use super::examine::Examined;
use crate::clock::Timestamp;
use crate::connection::{AuditEvent, Connection, Install, InstallFault, InstallState, record_audit, update_connection};
use crate::custody::OrgFault;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::package_install::{Listed, Obstacle, Progress, obstacle, poll, request, under_way, validate};
use crate::salesforce::{Package, PackageVersionId};
use crate::service::Services;

/// Takes the installation that somebody asked for one step further, if there is one. Under the connection's lease.
///
/// # Errors
/// [`OrgFault`], when the org does not answer: the next run goes on from what is stored.
pub(super) async fn advance(
    services: &Services,
    connection: &Connection,
    org: &Org,
    examined: &Examined,
) -> Result<(), OrgFault> {
    // Who may not see Setup sees no package either, whether it is there or not.
    let seen = examined.readiness.missing_permissions.is_empty();
    let asked = connection.salesforce.install_here();
    let Some(asked) = asked.filter(|asked| seen && asked.is_under_way()) else {
        return Ok(());
    };
    let now = services.clock.now();
    let next = match step(org, asked, examined, now).await? {
        Step::Becomes(next) => next,
        Step::Ask(version) => {
            // Noted before it is done: if the answer is lost, it is looked for and not asked for again.
            note(services, connection, asked, &becomes(asked, InstallState::InProgress)).await?;
            ask(org, asked, &version).await?
        }
    };
    note(services, connection, asked, &next).await
}

/// What is to be done next.
enum Step {
    /// Nothing but to note this.
    Becomes(Install),
    /// To ask Salesforce for the installation.
    Ask(PackageVersionId),
}

fn becomes(asked: &Install, state: InstallState) -> Install {
    Install { state, ..asked.clone() }
}

async fn note(services: &Services, connection: &Connection, asked: &Install, next: &Install) -> Result<(), OrgFault> {
    if next == asked {
        return Ok(());
    }
    update_connection(services, &connection.id, |connection| {
        // Asked for once more meanwhile: that one counts.
        let stored = connection.salesforce.install.as_mut();
        if let Some(stored) = stored.filter(|stored| stored.requested_at == asked.requested_at) {
            stored.clone_from(next);
        }
    })
    .await?;
    if !next.is_under_way() {
        record_audit(services, &connection.id, AuditEvent::InstallEnded { state: next.state }).await?;
    }
    Ok(())
}

async fn step(org: &Org, asked: &Install, examined: &Examined, now: Timestamp) -> Result<Step, ApiError> {
    let becomes = |state| Ok(Step::Becomes(becomes(asked, state)));
    let failed = |why| becomes(InstallState::Failed { why });
    if is_installed(&examined.readiness.package, &asked.version_id) {
        return becomes(InstallState::Done);
    }
    if asked.is_overdue(now) {
        return failed(InstallFault::TooLong);
    }
    let Ok(version) = PackageVersionId::parse(&asked.version_id) else {
        return failed(InstallFault::Unavailable);
    };
    if let Some(id) = &asked.request_id {
        return match poll(org, id).await? {
            Progress::InProgress => becomes(InstallState::InProgress),
            Progress::Succeeded => becomes(InstallState::Done),
            Progress::Failed(obstacle) => Ok(Step::Becomes(hindered(asked, obstacle))),
        };
    }
    match under_way(org, &version).await? {
        Listed::One(id) => {
            return Ok(Step::Becomes(Install {
                state: InstallState::InProgress,
                request_id: Some(id),
                ..asked.clone()
            }));
        }
        // Asked for, the answer lost, and the org does not tell: the package itself will show it.
        Listed::Untold if asked.state == InstallState::InProgress => return becomes(InstallState::InProgress),
        Listed::Untold | Listed::Nothing => {}
    }
    match validate(org, &version).await? {
        Some(obstacle) => Ok(Step::Becomes(hindered(asked, obstacle))),
        None => Ok(Step::Ask(version)),
    }
}

/// Asks Salesforce. After a lost answer the connection says that it was asked.
async fn ask(org: &Org, asked: &Install, version: &PackageVersionId) -> Result<Install, ApiError> {
    let failed = |why| Ok(becomes(asked, InstallState::Failed { why }));
    match request(org, version).await {
        Ok(id) => Ok(Install {
            state: InstallState::InProgress,
            request_id: Some(id),
            ..asked.clone()
        }),
        Err(ApiError::Forbidden { code, .. }) if code.as_str().starts_with("INSUFFICIENT_ACCESS") => {
            failed(InstallFault::NotPermitted)
        }
        Err(error) => match obstacle(&error) {
            Some(Obstacle::Later) => Ok(hindered(asked, Obstacle::Later)),
            Some(_) => failed(InstallFault::Refused),
            None => Err(error),
        },
    }
}

/// What becomes of an installation that Salesforce did not do.
fn hindered(asked: &Install, obstacle: Obstacle) -> Install {
    let tried = Install {
        request_id: None,
        tries: asked.tries + 1,
        ..asked.clone()
    };
    let why = match obstacle {
        Obstacle::Later if !tried.is_exhausted() => {
            return Install {
                state: InstallState::Retrying,
                ..tried
            };
        }
        Obstacle::Later => InstallFault::TooOften,
        Obstacle::Unavailable => InstallFault::Unavailable,
        Obstacle::Namespace => InstallFault::Namespace,
        Obstacle::Unsuitable => InstallFault::Unsuitable,
        Obstacle::Other => InstallFault::Stopped,
    };
    Install {
        state: InstallState::Failed { why },
        ..tried
    }
}

/// Whether there is nothing to install: a package with its records, or this very version.
fn is_installed(package: &Package, version_id: &str) -> bool {
    match package {
        Package::Current { .. } => true,
        Package::Legacy { installed, .. } => installed.version_id.as_str() == version_id,
        Package::Incomplete { installed, .. } => installed
            .as_ref()
            .is_some_and(|installed| installed.version_id.as_str() == version_id),
        Package::Missing | Package::Ambiguous { .. } => false,
    }
}
