//! Randomness as an argument, and the random tokens that the service hands out.
//!
//! A token carries 256 random bits. Only [`TokenHash`], its SHA-256, is ever stored (security, "Links and sessions"):
//! a look-up goes by the hash, so that nothing in the table opens anything.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::secret::{HandedOut, Sensitive};

/// Fills buffers with random bytes.
pub trait Random: Send + Sync + std::fmt::Debug {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The thread's cryptographic generator, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the room where randomness is drawn")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), buffer);
    }
}

/// A new token: 256 bits in base64url, 43 characters.
#[must_use]
pub fn token(random: &dyn Random) -> HandedOut {
    let mut bytes = [0_u8; 32];
    random.fill(&mut bytes);
    HandedOut::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// A new public identifier: `bytes` random bytes in lowercase hex.
#[must_use]
pub fn identifier(random: &dyn Random, bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    random.fill(&mut buffer);
    hex::encode(buffer)
}

/// The SHA-256 of a handed-out token in lowercase hex: what is stored and looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

impl TokenHash {
    /// Hashes a token.
    #[must_use]
    pub fn of(token: &HandedOut) -> Self {
        Self(hex::encode(Sha256::digest(token.expose().as_bytes())))
    }

    /// The hash as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
