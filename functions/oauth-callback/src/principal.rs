//! Step 4: the org is asked for its own authorization URL and the browser is sent there (facts/salesforce 4.4).

use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::{Connection, Lease, LeaseFault, Leg, Stage, open_session, stage, update_and_wire};
use connector::custody::open_org;
use connector::problem::Problem;
use connector::secret::{SecretUrl, Sensitive};
use connector::service::Services;
use connector::web::{Cookies, Form, Reply, Request, guard_session_post, see_other};
use connector::wiring::{NoAuthorizationUrl, authorization_url};

/// How long the lease is waited for; the rest of the deadline is for the org.
const PATIENCE: Duration = Duration::from_secs(10);

/// POST /setup/principal.
pub(crate) async fn start(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let cookie = Cookies::read(&request.headers).session.ok_or(Problem::SessionMissing)?;
    let (session, connection) = open_session(services, &cookie).await?.ok_or(Problem::SessionMissing)?;
    let form = Form::read(request)?;
    guard_session_post(request, &form, &cookie, &services.config.public_url)?;
    if !session.opens(Leg::Salesforce) {
        return Err(Problem::OtherLeg);
    }
    let ready = matches!(
        stage(&connection),
        Stage::AuthorizePrincipal | Stage::Verifying | Stage::Connected | Stage::Degraded
    );
    if !ready {
        return Err(Problem::PrincipalTooEarly);
    }
    let lease = match Lease::wait(services, &connection.id, deadline.within(PATIENCE)).await {
        Ok(lease) => lease,
        Err(LeaseFault::Busy) => return Err(Problem::Busy),
        Err(LeaseFault::Ledger(error)) => return Err(error.into()),
    };
    let url = ask(services, &connection, &lease, deadline).await;
    lease.release(services).await;
    let url = match url {
        Ok(url) => url,
        Err(fault) => {
            tracing::warn!(name: "salesforce.principal.url", connection = %connection.id, error = %fault);
            // The next look finds out what is wrong with the org and who has to act.
            update_and_wire(services, &connection.id, |_| {}).await?;
            return Err(Problem::PrincipalUnavailable);
        }
    };
    let now = services.clock.now();
    update_and_wire(services, &connection.id, |connection| {
        connection.wiring.principal_started_at = Some(now)
    })
    .await?;
    Ok(see_other(url.expose()))
}

async fn ask(
    services: &Services,
    connection: &Connection,
    lease: &Lease,
    deadline: Deadline,
) -> Result<SecretUrl, NoAuthorizationUrl> {
    let opened = open_org(services, connection, lease, deadline).await?;
    authorization_url(services, connection, &opened).await
}
