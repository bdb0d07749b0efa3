//! The org's document: refresh token and session. Written only by the holder of the connection's lease, and always before
//! the access token that came with it is used.

use serde::{Deserialize, Serialize};

use super::{ClientSecrets, LAG, PAUSE, SelfSecrets, parse, write};
use crate::clock::Deadline;
use crate::connection::{ConnectionId, Lease, LedgerError, update_connection};
use crate::salesforce::OrgUrl;
use crate::secret::{AccessToken, RefreshToken, exposed};
use crate::service::Services;
use crate::store::{SecretName, Side, Stage, StoreError};

/// How often a write is tried.
const WRITES: u32 = 4;

/// The document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SalesforceSecrets {
    /// Counts the writes.
    pub generation: u64,
    /// Single-use where rotation is on.
    #[serde(serialize_with = "exposed")]
    pub refresh_token: RefreshToken,
    /// The session that came with it; used until the org says that it is over.
    #[serde(serialize_with = "exposed")]
    pub access_token: AccessToken,
    /// Key and secret of the External Client App behind the picklist synchronisation, once there are any.
    #[serde(default)]
    pub self_callout: Option<SelfSecrets>,
    /// The customer's own External Client App that this grant belongs to; ours if none.
    #[serde(default)]
    pub client: Option<ClientSecrets>,
}

pub(super) fn name(connection: &ConnectionId) -> SecretName {
    SecretName::Connection {
        connection: connection.to_string(),
        side: Side::Salesforce,
    }
}

/// Keeps the document of a new grant, before its org is known to the connection. `_lease` proves that the caller holds the lease.
///
/// # Errors
/// [`StoreError`].
pub async fn put_salesforce(
    services: &Services,
    connection: &ConnectionId,
    secrets: &SalesforceSecrets,
    _lease: &Lease,
) -> Result<(), StoreError> {
    let (name, document) = (name(connection), write(secrets)?);
    // The token before this one is spent: a write that is given up loses the grant.
    let mut pause = PAUSE;
    for _ in 1..WRITES {
        match services.secrets.write(&name, Stage::Current, &document).await {
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(pause).await,
            other => return other,
        }
        pause *= 2;
    }
    services.secrets.write(&name, Stage::Current, &document).await
}

/// Keeps a document and then tells the connection its generation and where the org is. `lease` proves that the caller holds the lease.
///
/// # Errors
/// [`LedgerError`].
pub async fn keep_salesforce(
    services: &Services,
    connection: &ConnectionId,
    secrets: &SalesforceSecrets,
    instance: &OrgUrl,
    lease: &Lease,
) -> Result<(), LedgerError> {
    put_salesforce(services, connection, secrets, lease).await?;
    update_connection(services, connection, |connection| {
        if let Some(org) = &mut connection.salesforce.org {
            org.token_generation = secrets.generation;
            org.instance = instance.clone();
        }
    })
    .await?;
    Ok(())
}

/// The document, at least of `generation`. `None` when there is none, or only an older one after some seconds of waiting.
///
/// # Errors
/// [`StoreError`].
pub async fn read_salesforce(
    services: &Services,
    connection: &ConnectionId,
    generation: u64,
    deadline: Deadline,
) -> Result<Option<SalesforceSecrets>, StoreError> {
    let deadline = deadline.within(LAG);
    loop {
        if let Some(document) = services.secrets.read(&name(connection), Stage::Current).await? {
            let secrets: SalesforceSecrets = parse(&document)?;
            if secrets.generation >= generation {
                return Ok(Some(secrets));
            }
        }
        if deadline.has_passed() {
            return Ok(None);
        }
        tokio::time::sleep(deadline.slice(PAUSE)).await;
    }
}
