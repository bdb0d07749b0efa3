//! Key and secret of the External Client App behind the picklist synchronisation: a part of the org's document, because
//! only the holder of the lease needs them.

use serde::{Deserialize, Serialize};

use super::{SalesforceSecrets, keep_salesforce, read_salesforce};
use crate::clock::Deadline;
use crate::connection::{Connection, Lease, LedgerError, OrgIdentity};
use crate::secret::{ClientSecret, exposed};
use crate::service::Services;
use crate::store::StoreError;

/// The app's key and secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SelfSecrets {
    /// Names this entry; the connection refers to it.
    pub generation: String,
    /// The consumer key.
    pub client_id: String,
    /// The consumer secret.
    #[serde(serialize_with = "exposed")]
    pub client_secret: ClientSecret,
}

/// Puts key and secret into the org's document, or takes them out. Says whether there is a document: without a grant there is none.
///
/// # Errors
/// [`LedgerError`].
pub async fn keep_self(
    services: &Services,
    org: &OrgIdentity,
    connection: &Connection,
    secrets: Option<SelfSecrets>,
    lease: &Lease,
    deadline: Deadline,
) -> Result<bool, LedgerError> {
    let id = &connection.id;
    let Some(stored) = read_salesforce(services, id, org.token_generation, deadline).await? else {
        return Ok(false);
    };
    let document = SalesforceSecrets {
        generation: stored.generation + 1,
        self_callout: secrets,
        ..stored
    };
    keep_salesforce(services, id, &document, &org.instance, lease).await?;
    Ok(true)
}

/// Key and secret as the connection refers to them; none if they are gone.
///
/// # Errors
/// [`StoreError`].
pub async fn read_self(
    services: &Services,
    connection: &Connection,
    deadline: Deadline,
) -> Result<Option<SelfSecrets>, StoreError> {
    let (Some(org), Some(generation)) = (
        &connection.salesforce.org,
        connection.self_callout.generation.as_deref(),
    ) else {
        return Ok(None);
    };
    let stored = read_salesforce(services, &connection.id, org.token_generation, deadline).await?;
    let kept = stored.and_then(|stored| stored.self_callout);
    Ok(kept.filter(|secrets| secrets.generation == generation))
}
