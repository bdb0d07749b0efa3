//! Opening an org: the stored session if the org still accepts it, else a new one from the refresh token.
//!
//! Rotation makes a refresh token single-use, and a second use revokes everything (facts/salesforce 10.3). So only the
//! holder of the lease gets here, and the new refresh token is persisted before the new access token is used.

use std::time::Duration;

use super::{AppFault, SalesforceSecrets, grant_app, keep_salesforce, read_salesforce};
use crate::clock::{Deadline, plus};
use crate::connection::{Connection, Lease, LedgerError, OrgIdentity, update_connection};
use crate::salesforce::OrgUrl;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::oauth::{TokenEndpoint, TokenError};
use crate::salesforce::organization::{self, Organization};
use crate::salesforce::version::{self, ApiVersion, VersionError};
use crate::secret::AccessToken;
use crate::service::Services;
use crate::store::StoreError;
use crate::telemetry::{Metric, count};

/// The grant is used at least this often; it ends after 30 days without use.
const KEEP_ALIVE: Duration = Duration::from_secs(7 * 24 * 3600);

/// An org that accepts our session.
#[derive(Debug)]
pub struct OpenedOrg {
    /// For calls.
    pub org: Org,
    /// The version that calls use.
    pub version: ApiVersion,
    /// What it says about itself.
    pub organization: Option<Organization>,
}

/// Why an org cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum OrgFault {
    /// No org is connected, or its secrets are gone.
    #[error("no grant is stored for this org")]
    NoGrant,
    /// The grant no longer works: a person has to connect the org again.
    #[error("the org's grant is lost")]
    GrantLost(#[source] TokenError),
    /// The token endpoint gave no token for now.
    #[error("the session could not be renewed")]
    Token(#[source] TokenError),
    /// The org offers no API version that is new enough.
    #[error("the org's api is too old")]
    TooOld,
    /// The org refused a call or did not answer.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Our own app secret is missing.
    #[error(transparent)]
    App(#[from] AppFault),
    /// A store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for OrgFault {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// Opens the connection's org. `lease` proves that the caller holds the connection's lease.
///
/// # Errors
/// [`OrgFault`].
pub async fn open_org(
    services: &Services,
    connection: &Connection,
    lease: &Lease,
    deadline: Deadline,
) -> Result<OpenedOrg, OrgFault> {
    let identity = connection.salesforce.org.as_ref().ok_or(OrgFault::NoGrant)?;
    if connection.salesforce.given_back.is_some() {
        return Err(OrgFault::NoGrant);
    }
    let stored = read_salesforce(services, &connection.id, identity.token_generation, deadline).await?;
    let stored = stored.ok_or(OrgFault::NoGrant)?;
    // A session that is in use may never end, and the grant behind it would, unused (facts/salesforce 10.3).
    let used = connection.salesforce.grant_used_at().unwrap_or(identity.connected_at);
    if services.clock.now() < plus(used, KEEP_ALIVE) {
        match open_session(services, &identity.instance, stored.access_token.clone(), deadline).await {
            // The answer of a refresh names the address that the org has now (facts/salesforce 14.4 item 7).
            Err(OrgFault::Api(ApiError::SessionInvalid | ApiError::Moved)) => {}
            other => return other,
        }
    }
    let (instance, renewed) = renew(services, connection, identity, stored, lease, deadline).await?;
    open_session(services, &instance, renewed, deadline).await
}

/// Opens an org with a session, and proves that the org accepts it.
///
/// # Errors
/// [`OrgFault`]; a session that is over is [`ApiError::SessionInvalid`].
pub async fn open_session(
    services: &Services,
    instance: &OrgUrl,
    session: AccessToken,
    deadline: Deadline,
) -> Result<OpenedOrg, OrgFault> {
    let version = match version::discover(&services.outbound, instance, deadline).await {
        Ok(version) => version,
        Err(VersionError::TooOld { .. }) => return Err(OrgFault::TooOld),
        Err(VersionError::Api(error)) => return Err(error.into()),
    };
    let org = Org::new(&services.outbound, instance.clone(), session, version, deadline)
        .knowing(services.config.capabilities);
    let organization = organization::read(&org).await?;
    Ok(OpenedOrg {
        org,
        version,
        organization,
    })
}

async fn renew(
    services: &Services,
    connection: &Connection,
    identity: &OrgIdentity,
    stored: SalesforceSecrets,
    lease: &Lease,
    deadline: Deadline,
) -> Result<(OrgUrl, AccessToken), OrgFault> {
    let app = grant_app(services, &stored).await?;
    let endpoint = TokenEndpoint::new(&services.outbound, identity.login.url().clone(), &app, deadline);
    let answer = match endpoint.refresh(&stored.refresh_token).await {
        Ok(answer) => answer,
        // The customer may have deleted an app of their own or renewed its secret; waiting does not bring it back.
        Err(error) if error.needs_reconnect() || (stored.client.is_some() && error.is_about_the_app()) => {
            count(services, Metric::RefreshFailed { lost: true });
            return Err(OrgFault::GrantLost(error));
        }
        Err(error) => {
            count(services, Metric::RefreshFailed { lost: false });
            return Err(OrgFault::Token(error));
        }
    };
    if answer.org_id.as_str() != identity.org_id {
        return Err(OrgFault::Token(TokenError::Malformed));
    }
    let secrets = SalesforceSecrets {
        generation: stored.generation + 1,
        refresh_token: answer.refresh_token.unwrap_or(stored.refresh_token),
        access_token: answer.access_token.clone(),
        self_callout: stored.self_callout,
        client: stored.client,
    };
    keep_salesforce(services, &connection.id, &secrets, &answer.instance_url, lease).await?;
    let now = services.clock.now();
    update_connection(services, &connection.id, |connection| {
        connection.salesforce.renewed_at = Some(now)
    })
    .await?;
    Ok((answer.instance_url, answer.access_token))
}
