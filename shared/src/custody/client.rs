//! The External Client App behind a grant: ours, or the customer's own, whose secret is a part of the org's document.
//!
//! What a person typed is the pending version of that document; the exchange proves it, and the current version then carries
//! it with the grant that it led to. So an app that works is never replaced by one that does not.

use serde::{Deserialize, Serialize};

use super::salesforce::name;
use super::{AppFault, LAG, PAUSE, SalesforceSecrets, parse, salesforce_app, write};
use crate::clock::Deadline;
use crate::connection::ConnectionId;
use crate::salesforce::oauth::App;
use crate::secret::{ClientSecret, exposed};
use crate::service::Services;
use crate::store::{Stage, StoreError};

/// Key and secret of the customer's own app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientSecrets {
    /// Names this entry; the connection refers to it.
    pub generation: String,
    /// The consumer key.
    pub client_id: String,
    /// The consumer secret.
    #[serde(serialize_with = "exposed")]
    pub client_secret: ClientSecret,
}

/// The pending version of the org's document.
#[derive(Serialize, Deserialize)]
struct Typed {
    client: ClientSecrets,
}

impl ClientSecrets {
    /// As the token endpoint needs it.
    #[must_use]
    pub fn app(&self) -> App {
        App {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        }
    }
}

/// Keeps what a person typed, as the pending version.
///
/// # Errors
/// [`StoreError`].
pub async fn keep_typed_client(
    services: &Services,
    connection: &ConnectionId,
    client: ClientSecrets,
) -> Result<(), StoreError> {
    let document = write(&Typed { client })?;
    services
        .secrets
        .write(&name(connection), Stage::Pending, &document)
        .await
}

/// The customer's app of this entry, typed or proven. `None` when a later entry has replaced it.
///
/// # Errors
/// [`StoreError`].
pub async fn read_client(
    services: &Services,
    connection: &ConnectionId,
    generation: &str,
    deadline: Deadline,
) -> Result<Option<ClientSecrets>, StoreError> {
    let deadline = deadline.within(LAG);
    loop {
        let name = name(connection);
        let mut known = Vec::new();
        if let Some(document) = services.secrets.read(&name, Stage::Pending).await? {
            known.extend(parse::<Typed>(&document).ok().map(|typed| typed.client));
        }
        if let Some(document) = services.secrets.read(&name, Stage::Current).await? {
            known.extend(
                parse::<SalesforceSecrets>(&document)
                    .ok()
                    .and_then(|stored| stored.client),
            );
        }
        if let Some(client) = known.into_iter().find(|client| client.generation == generation) {
            return Ok(Some(client));
        }
        if deadline.has_passed() {
            return Ok(None);
        }
        tokio::time::sleep(deadline.slice(PAUSE)).await;
    }
}

/// The app that a stored grant belongs to.
///
/// # Errors
/// [`AppFault`].
pub async fn grant_app(services: &Services, stored: &SalesforceSecrets) -> Result<App, AppFault> {
    match &stored.client {
        Some(client) => Ok(client.app()),
        None => salesforce_app(services).await,
    }
}
