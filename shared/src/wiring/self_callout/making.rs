//! Making the External Client App in the org, step by step, each noted when it is done: a crash goes on where it was
//! (facts/salesforce 13.B).

use super::SelfFault;
use super::tend::Trouble;
use crate::clock::Deadline;
use crate::connection::{
    AuditEvent, Connection, Lease, LedgerError, Making, OrgIdentity, record_audit, update_connection,
};
use crate::custody::{SelfSecrets, keep_self};
use crate::random;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::client_app::{self, Plan};
use crate::salesforce::deploy::{self, Component, DeployError};
use crate::salesforce::grant;
use crate::service::Services;

/// The app's callback is the org's own (facts/salesforce 8).
const CALLBACK: &str = "services/oauth2/callback";

/// Makes the app, reads its key and secret, and keeps them.
pub(super) async fn make_app(
    services: &Services,
    connection: &Connection,
    identity: &OrgIdentity,
    lease: &Lease,
    org: &Org,
    deadline: Deadline,
) -> Result<Connection, Trouble> {
    let id = &connection.id;
    let mark = client_app::mark(id.as_str());
    let mut step = connection.self_callout.making.unwrap_or_default();
    let plan = plan(connection, identity, org, mark).await?;
    if step <= Making::App {
        match client_app::find(org, &plan.mark).await {
            Ok(Some(app)) if !app.is_ours => return Err(SelfFault::NameTaken.into()),
            // An org that does not list its apps says so again when the secret is read.
            Err(error) if !error.is_refusal() => return Err(error.into()),
            _ => {}
        }
    }
    while step < Making::Secret {
        let (components, next) = match step {
            Making::Settings => (client_app::settings(), Making::App),
            Making::App => (client_app::app(&plan), Making::Policy),
            Making::Policy | Making::Secret => (client_app::policy(&plan), Making::Secret),
        };
        deployed(org, &components).await?;
        let change = AuditEvent::Applied {
            change: format!("self_{}", name(step)),
        };
        record_audit(services, id, change).await.map_err(LedgerError::from)?;
        step = next;
        update_connection(services, id, |connection| connection.self_callout.making = Some(next)).await?;
    }
    let app = match client_app::find(org, &plan.mark).await {
        Ok(app) => app.ok_or(SelfFault::SecretUnreadable)?,
        Err(error) if error.is_refusal() => return Err(SelfFault::SecretUnreadable.into()),
        Err(error) => return Err(error.into()),
    };
    let keys = match client_app::read_keys(org, &app).await {
        Err(error) if error.is_refusal() => return Err(SelfFault::SecretUnreadable.into()),
        other => other?,
    };
    let secrets = SelfSecrets {
        generation: random::identifier(&*services.random, 8),
        client_id: keys.client_id,
        client_secret: keys.client_secret,
    };
    let (client_id, generation) = (secrets.client_id.clone(), secrets.generation.clone());
    if !keep_self(services, identity, connection, Some(secrets), lease, deadline).await? {
        return Err(SelfFault::AppLost.into());
    }
    let now = services.clock.now();
    let noted = update_connection(services, id, |connection| {
        connection.self_callout.take_app(&client_id, &generation, now);
    });
    Ok(noted.await?.unwrap_or_else(|| connection.clone()))
}

fn name(step: Making) -> &'static str {
    match step {
        Making::Settings => "settings",
        Making::App => "app",
        Making::Policy => "policy",
        Making::Secret => "secret",
    }
}

async fn plan(connection: &Connection, identity: &OrgIdentity, org: &Org, mark: String) -> Result<Plan, Trouble> {
    let wanted = connection.self_callout.execution_user.clone();
    let username = wanted
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| identity.username.clone());
    match grant::runners(org, std::slice::from_ref(&username)).await {
        Ok(users) if !users.iter().any(|user| user.is_active) => return Err(SelfFault::NoSuchUser { username }.into()),
        // Where users cannot be looked up the deploy of the policy tells.
        Err(error) if !error.is_refusal() => return Err(error.into()),
        _ => {}
    }
    Ok(Plan {
        callback_url: format!("{}{CALLBACK}", identity.instance.origin().url()),
        mark,
        contact: identity.username.clone(),
        execution_user: username,
    })
}

async fn deployed(org: &Org, components: &[Component]) -> Result<(), Trouble> {
    match deploy::run(org, components).await {
        Ok(()) => Ok(()),
        Err(DeployError::Refused { problems }) => {
            tracing::warn!(name: "self_callout.deploy", kind = problems.first().map(|problem| problem.kind.as_str()));
            Err(SelfFault::DeployFailed.into())
        }
        Err(DeployError::Api(error @ ApiError::Forbidden { .. })) => {
            tracing::warn!(name: "self_callout.deploy", error = %error);
            Err(SelfFault::DeployForbidden.into())
        }
        Err(DeployError::Api(error)) if error.is_refusal() => {
            tracing::warn!(name: "self_callout.deploy", error = %error);
            Err(SelfFault::DeployFailed.into())
        }
        Err(DeployError::Api(error)) => Err(error.into()),
        Err(DeployError::Unfinished) => Err(ApiError::Unavailable.into()),
    }
}
