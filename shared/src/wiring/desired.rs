//! What should be in the org, computed from the connection and its Akeneo secrets.

use url::Url;

use crate::akeneo::{ChallengePair, PimUrl, Scopes};
use crate::connection::Credentials;
use crate::custody::AkeneoSecrets;
use crate::secret::{AccessToken, ClientSecret};

/// The desired state of an org with package 3.0 or higher (facts/salesforce 0, 3.1; the guide's Part B).
#[derive(Debug, Clone)]
pub struct Desired {
    /// The PIM: the Named Credential's URL and the origin of both provider URLs.
    pub pim: PimUrl,
    /// The Custom App's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// Our own token of these credentials, if we hold one.
    pub token: Option<AccessToken>,
    /// The two Akeneo parameters.
    pub pair: ChallengePair,
    /// The scopes that the provider should ask for, where the org does not ask for the right ones by itself.
    pub scopes: Option<Scopes>,
    /// Names this set of credentials.
    pub generation: String,
}

impl Desired {
    /// From the credentials that the org should have.
    #[must_use]
    pub fn new(credentials: &Credentials, secrets: AkeneoSecrets, scopes: Option<Scopes>) -> Self {
        Self {
            scopes,
            pim: credentials.pim.clone(),
            client_id: credentials.client_id.clone(),
            pair: secrets.pair(),
            client_secret: secrets.client_secret,
            token: secrets.token,
            generation: secrets.generation,
        }
    }

    /// The provider's Authorize URL.
    #[must_use]
    pub fn authorize_url(&self) -> Url {
        self.pim.endpoint("/connect/apps/v1/authorize")
    }

    /// The provider's Token URL.
    #[must_use]
    pub fn token_url(&self) -> Url {
        self.pim.endpoint("/connect/apps/v1/oauth2/token")
    }

    /// The Named Credential's URL.
    #[must_use]
    pub fn endpoint(&self) -> Url {
        self.pim.endpoint("/")
    }

    /// The target that drift compares an org with.
    #[must_use]
    pub fn target(&self) -> super::Target {
        super::Target {
            authorize_url: self.authorize_url().into(),
            token_url: self.token_url().into(),
            endpoint: self.endpoint().into(),
            generation: self.generation.clone(),
            client_id: self.client_id.clone(),
        }
    }
}
