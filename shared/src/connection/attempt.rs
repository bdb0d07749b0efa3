//! Authorization attempts: one trip to an authorize endpoint, found by its `state` (RFC 6749 section 10.12, RFC 9700 section 4.7).
//!
//! The `state` is random and single-use, ends after 15 minutes by our clock, and is bound to the browser that started by a
//! cookie whose secret is independent of it. Claiming an attempt is one conditional write.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use sha2::{Digest, Sha256};

use super::{ConnectionId, Credentials, LedgerError};
use crate::akeneo::Scopes;
use crate::clock::{Timestamp, plus};
use crate::random::{TokenHash, token};
use crate::salesforce::OrgUrl;
use crate::secret::{CodeVerifier, HandedOut, Sensitive};
use crate::service::Services;
use crate::store::{Claim, Expect, Key, Record};

/// How every `state` of ours begins. Salesforce's own never do; those are relayed (design section 5).
pub const STATE_PREFIX: &str = "connector-setup.";
/// How long an attempt is waited for. No refusal ever comes back from Akeneo (facts/akeneo 1.3).
pub const ATTEMPT_LIFE: Duration = Duration::from_secs(15 * 60);

/// A part of the journey that one person does in one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leg {
    /// Connecting the PIM.
    Akeneo,
    /// Connecting the org.
    Salesforce,
}

impl Leg {
    /// As it stands in forms and paths.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Akeneo => "akeneo",
            Self::Salesforce => "salesforce",
        }
    }
}

/// Where an attempt went; the token request may go nowhere else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// To a PIM, with these credentials, for these scopes.
    Akeneo {
        /// PIM, client id and the generation of the secret.
        credentials: Credentials,
        /// What was asked for.
        scopes: Scopes,
    },
    /// To a Salesforce login host.
    Salesforce {
        /// The login host.
        login: OrgUrl,
        /// The entry of the customer's own app that asks; ours if none.
        #[serde(default)]
        client: Option<String>,
        /// The other org that the person agreed to move the connection to.
        #[serde(default)]
        move_to: Option<String>,
    },
}

impl Origin {
    /// The leg that it belongs to.
    #[must_use]
    pub fn leg(&self) -> Leg {
        match self {
            Self::Akeneo { .. } => Leg::Akeneo,
            Self::Salesforce { .. } => Leg::Salesforce,
        }
    }
}

/// An attempt as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// The connection it belongs to.
    pub connection: ConnectionId,
    /// Hash of the browser cookie's secret.
    pub browser: TokenHash,
    /// Where it went.
    pub origin: Origin,
    /// When it began.
    pub started_at: Timestamp,
    /// Whether the service sent the person once more by itself; it does so once.
    #[serde(default)]
    pub again: bool,
}

/// Why a `state` opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum AttemptFault {
    /// Unknown, tampered, expired, of another browser or of another connection.
    #[error("this authorization was not started here or is over")]
    NotValid,
    /// Someone was faster: the same callback was opened before.
    #[error("this authorization has already come back")]
    AlreadyClaimed,
    /// A store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn key(state: &HandedOut) -> Key {
    Key::new(format!("attempt#{}", TokenHash::of(state).as_str()), "attempt")
}

/// Whether a `state` is one that we issued.
#[must_use]
pub fn is_ours(state: &HandedOut) -> bool {
    state.expose().starts_with(STATE_PREFIX)
}

/// Writes a new attempt that begins at `now` and returns its `state`.
///
/// # Errors
/// [`LedgerError::Store`].
pub(super) async fn open_attempt(
    services: &Services,
    connection: &ConnectionId,
    browser: &HandedOut,
    origin: Origin,
    again: bool,
    now: Timestamp,
) -> Result<HandedOut, LedgerError> {
    let state = HandedOut::new(format!("{STATE_PREFIX}{}", token(&*services.random).expose()));
    let (connection, browser) = (connection.clone(), TokenHash::of(browser));
    let attempt = Attempt {
        connection,
        browser,
        origin,
        started_at: now,
        again,
    };
    let mut record = Record::new(key(&state), &attempt)?;
    record.expires_at = Some(plus(now, ATTEMPT_LIFE));
    services.records.put(&record, Expect::Absent).await?;
    Ok(state)
}

/// The PKCE verifier of an attempt (RFC 7636 section 4.1): derived from the browser's secret and the `state`, so that it is
/// stored nowhere. Both come back with the callback, and only to the browser that started.
#[must_use]
pub fn code_verifier(browser: &HandedOut, state: &HandedOut) -> CodeVerifier {
    let digest = Sha256::new()
        .chain_update("pkce:")
        .chain_update(browser.expose())
        .chain_update(":")
        .chain_update(state.expose())
        .finalize();
    CodeVerifier::new(URL_SAFE_NO_PAD.encode(digest))
}

impl Attempt {
    /// Claims the attempt of `state` for the browser that holds `browser`, if it `belongs` to the callback that it came to. A
    /// state that is expired, of another browser, leg or connection is refused before it is claimed: it cannot be burnt.
    ///
    /// # Errors
    /// [`AttemptFault`].
    pub async fn claim(
        services: &Services,
        state: &HandedOut,
        browser: Option<&HandedOut>,
        belongs: impl FnOnce(&Self) -> bool,
    ) -> Result<Self, AttemptFault> {
        let now = services.clock.now();
        let key = key(state);
        let found = services.records.get(&key).await.map_err(LedgerError::from)?;
        let record = found
            .filter(|record| record.is_live(now))
            .ok_or(AttemptFault::NotValid)?;
        let attempt: Self = record.parse().map_err(LedgerError::from)?;
        let of_this_browser = browser.is_some_and(|secret| TokenHash::of(secret) == attempt.browser);
        if !of_this_browser || !belongs(&attempt) {
            return Err(AttemptFault::NotValid);
        }
        match services.records.claim(&key, now).await.map_err(LedgerError::from)? {
            Claim::Won(record) => Ok(record.parse().map_err(LedgerError::from)?),
            Claim::Lost(_) => Err(AttemptFault::AlreadyClaimed),
            Claim::Absent => Err(AttemptFault::NotValid),
        }
    }
}
