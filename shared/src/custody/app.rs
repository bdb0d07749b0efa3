//! The External Client App's own secret, which operators made.

use serde::Deserialize;

use super::parse;
use crate::salesforce::oauth::App;
use crate::secret::ClientSecret;
use crate::service::Services;
use crate::store::{SecretName, Stage, StoreError};

/// Why the app's secret is not there.
#[derive(Debug, thiserror::Error)]
pub enum AppFault {
    /// The secret that `CONNECTOR_SALESFORCE_APP_SECRET` names does not exist.
    #[error("the secret named by CONNECTOR_SALESFORCE_APP_SECRET does not exist")]
    Missing,
    /// The store failed, or the secret is not a JSON object with `client_secret`.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Deserialize)]
struct Document {
    client_secret: ClientSecret,
}

/// The External Client App.
///
/// # Errors
/// [`AppFault`].
pub async fn salesforce_app(services: &Services) -> Result<App, AppFault> {
    let name = SecretName::Given(services.config.salesforce_app_secret.clone());
    let document = services
        .secrets
        .read(&name, Stage::Current)
        .await?
        .ok_or(AppFault::Missing)?;
    let Document { client_secret } = parse(&document)?;
    Ok(App {
        client_id: services.config.salesforce_client_id.clone(),
        client_secret,
    })
}
