//! What the provider knows: its client, who is logged in, which codes are out, and the knobs.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key::Key;

/// A public client: it has no secret, PKCE binds its codes.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Its id; the audience of its ID tokens.
    pub client_id: String,
    /// Where its codes may be sent, compared exactly.
    pub redirect_uris: Vec<String>,
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signed {
    /// RS256 with the published key.
    #[default]
    Well,
    /// The claims are changed after the signature was made.
    Tampered,
    /// RS256 with a key that is not published, under the published key's id.
    ByAnotherKey,
    /// `alg: none`, without a signature.
    Not,
    /// HS256 with the published modulus as the shared secret.
    WithThePublicKey,
}

/// The knobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long tokens live.
    pub token_life_seconds: i64,
    /// Another audience than the client.
    pub audience: Option<String>,
    /// Another issuer than this one.
    pub issuer: Option<String>,
    /// How tokens are signed.
    pub signed: Signed,
    /// Whether people have an e-mail address in their tokens.
    pub email: bool,
    /// Whether the login is refused with `access_denied`.
    pub denied: bool,
    /// Whether ID tokens carry another nonce than the one that was sent.
    pub other_nonce: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_life_seconds: 3600,
            audience: None,
            issuer: None,
            signed: Signed::Well,
            email: true,
            denied: false,
            other_nonce: false,
        }
    }
}

/// A code that is out.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) email: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) expires_at: i64,
}

/// What changes.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    /// Seconds that the clock is ahead.
    pub(crate) ahead: i64,
    pub(crate) grants: BTreeMap<String, Grant>,
    /// E-mail addresses of logged-in people, by cookie.
    pub(crate) sessions: BTreeMap<String, String>,
}

impl World {
    /// Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        Timestamp::now().as_second().saturating_add(self.ahead)
    }
}

#[derive(Debug)]
struct Inside {
    issuer: String,
    client: Client,
    key: Key,
    stranger: Key,
    world: Mutex<World>,
}

/// The provider; a handle that is cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Provider(Arc<Inside>);

impl Provider {
    pub(crate) fn new(issuer: &str, client: Client, settings: Settings) -> io::Result<Self> {
        let world = World {
            settings,
            ..World::default()
        };
        Ok(Self(Arc::new(Inside {
            issuer: issuer.to_owned(),
            client,
            key: Key::generate()?,
            stranger: Key::generate()?,
            world: Mutex::new(world),
        })))
    }

    /// The issuer's identifier: its origin.
    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    /// The key that is published.
    pub(crate) fn key(&self) -> &Key {
        &self.0.key
    }

    /// A key that is not.
    pub(crate) fn stranger(&self) -> &Key {
        &self.0.stranger
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that nobody guesses.
pub(crate) fn word() -> String {
    let seed: [u8; 24] = rand::random();
    hex::encode(seed)
}
