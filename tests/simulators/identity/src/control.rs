//! The control interface in process: knobs, clock, and tokens without a browser.

use std::io;

use crate::provider::{Provider, Settings};
use crate::token::id_token;

/// Controls a running provider.
#[derive(Debug, Clone)]
pub struct Control(Provider);

impl Control {
    pub(crate) fn new(provider: Provider) -> Self {
        Self(provider)
    }

    /// The issuer's identifier, as it stands in tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.issuer()
    }

    /// The knobs.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0.world().settings.clone()
    }

    /// Turns the knobs.
    pub fn set(&self, settings: Settings) {
        self.0.world().settings = settings;
    }

    /// Lets time pass for the provider; negative goes back.
    pub fn advance(&self, seconds: i64) {
        let mut world = self.0.world();
        world.ahead = world.ahead.saturating_add(seconds);
    }

    /// The ID token that a person would get now.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn id_token(&self, email: &str) -> io::Result<String> {
        let (settings, now) = {
            let world = self.0.world();
            (world.settings.clone(), world.now())
        };
        id_token(&self.0, &settings, email, None, now)
    }
}
