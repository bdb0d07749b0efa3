//! The Custom App's document: client secret, challenge pair, and our token.
//!
//! What a person typed is written as the pending version, by a function that can read nothing. The exchange proves it; then
//! the callback writes the current version. So credentials that work are never replaced by ones that do not.

use serde::{Deserialize, Serialize};

use super::{LAG, PAUSE, parse, write};
use crate::akeneo::ChallengePair;
use crate::clock::Deadline;
use crate::connection::ConnectionId;
use crate::secret::{AccessToken, ClientSecret, CodeChallenge, CodeIdentifier, Sensitive, exposed, exposed_option};
use crate::service::Services;
use crate::store::{SecretName, Side, Stage, StoreError};

/// The document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AkeneoSecrets {
    /// Names this entry of credentials; the connection refers to it.
    pub generation: String,
    /// The Custom App's client secret.
    #[serde(serialize_with = "exposed")]
    pub client_secret: ClientSecret,
    /// Worth a client secret (facts/akeneo 3.2).
    #[serde(serialize_with = "exposed")]
    pub code_identifier: CodeIdentifier,
    /// Its challenge.
    #[serde(serialize_with = "exposed")]
    pub code_challenge: CodeChallenge,
    /// Our token, once an exchange succeeded.
    #[serde(serialize_with = "exposed_option")]
    pub token: Option<AccessToken>,
}

impl AkeneoSecrets {
    /// The pair, for the exchange and for the org's parameter rows.
    #[must_use]
    pub fn pair(&self) -> ChallengePair {
        ChallengePair {
            identifier: self.code_identifier.clone(),
            challenge: self.code_challenge.clone(),
        }
    }
}

fn name(connection: &ConnectionId) -> SecretName {
    SecretName::Connection {
        connection: connection.to_string(),
        side: Side::Akeneo,
    }
}

async fn keep(
    services: &Services,
    connection: &ConnectionId,
    stage: Stage,
    secrets: &AkeneoSecrets,
) -> Result<(), StoreError> {
    services.secrets.write(&name(connection), stage, &write(secrets)?).await
}

/// Keeps what a person typed, as the pending version.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn keep_typed(
    services: &Services,
    connection: &ConnectionId,
    secrets: &AkeneoSecrets,
) -> Result<(), StoreError> {
    keep(services, connection, Stage::Pending, secrets).await
}

/// Whether `token` takes the place of another one that we hold: that one, which the org shares, is then dead (facts/akeneo 4).
///
/// # Errors
/// [`StoreError`].
pub async fn replaces_token(
    services: &Services,
    connection: &ConnectionId,
    token: &AccessToken,
) -> Result<bool, StoreError> {
    let Some(document) = services.secrets.read(&name(connection), Stage::Current).await? else {
        return Ok(false);
    };
    let former: AkeneoSecrets = parse(&document)?;
    Ok(former.token.is_some_and(|former| former.expose() != token.expose()))
}

/// Keeps what an exchange has proven, as the current version.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn keep_proven(
    services: &Services,
    connection: &ConnectionId,
    secrets: &AkeneoSecrets,
) -> Result<(), StoreError> {
    keep(services, connection, Stage::Current, secrets).await
}

/// The document of `generation`, whichever version it is. `None` when a later entry has replaced it.
///
/// # Errors
/// [`StoreError`].
pub async fn read_akeneo(
    services: &Services,
    connection: &ConnectionId,
    generation: &str,
    deadline: Deadline,
) -> Result<Option<AkeneoSecrets>, StoreError> {
    let deadline = deadline.within(LAG);
    loop {
        for stage in [Stage::Current, Stage::Pending] {
            if let Some(document) = services.secrets.read(&name(connection), stage).await? {
                let secrets: AkeneoSecrets = parse(&document)?;
                if secrets.generation == generation {
                    return Ok(Some(secrets));
                }
            }
        }
        if deadline.has_passed() {
            return Ok(None);
        }
        tokio::time::sleep(deadline.slice(PAUSE)).await;
    }
}
