//! The end of custody: a grant given back to the org that gave it, and documents deleted.

use super::{OrgFault, grant_app, read_salesforce};
use crate::clock::Deadline;
use crate::connection::{Connection, ConnectionId, Lease};
use crate::salesforce::oauth::{TokenEndpoint, TokenError};
use crate::service::Services;
use crate::store::{SecretName, Side, StoreError};

/// Asks Salesforce to revoke the connection's grant, and with it every session that came of it. A grant that is gone already is
/// given back. Afterwards it stands in the store still: a crash in between is answered by asking again. `_lease` proves that
/// the caller holds the lease.
///
/// # Errors
/// [`OrgFault::Token`], [`OrgFault::App`], [`OrgFault::Ledger`].
pub async fn give_back(
    services: &Services,
    connection: &Connection,
    _lease: &Lease,
    deadline: Deadline,
) -> Result<(), OrgFault> {
    let Some(identity) = &connection.salesforce.org else {
        return Ok(());
    };
    let stored = read_salesforce(services, &connection.id, identity.token_generation, deadline).await?;
    let Some(stored) = stored else { return Ok(()) };
    let app = grant_app(services, &stored).await?;
    let endpoint = TokenEndpoint::new(&services.outbound, identity.login.url().clone(), &app, deadline);
    match endpoint.revoke_refresh(&stored.refresh_token).await {
        Err(error) if !error.needs_reconnect() => Err(OrgFault::Token(error)),
        _ => Ok(()),
    }
}

/// Whether another try at giving a grant back could end differently.
#[must_use]
pub fn may_pass(error: &TokenError) -> bool {
    matches!(
        error,
        TokenError::Retryable | TokenError::Transport(_) | TokenError::Malformed
    )
}

/// Deletes one side's document, whatever versions it has. One that does not exist is deleted.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(
    services: &Services,
    connection: &ConnectionId,
    side: Side,
    _lease: &Lease,
) -> Result<(), StoreError> {
    let name = SecretName::Connection {
        connection: connection.to_string(),
        side,
    };
    services.secrets.delete(&name).await
}
