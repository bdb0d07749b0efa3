//! Everything that the simulator knows, behind one lock, and what each handler shares.
//!
//! Handlers lock, work and unlock without waiting in between; only the principal's exchange talks to another server, and it does so
//! without the lock.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use url::Url;

use crate::browser::session::BrowserSessions;
use crate::clock::{Clock, Millis};
use crate::deploy::Deploys;
use crate::fault::Fault;
use crate::hop::{Hops, exchange};
use crate::journal::Journal;
use crate::oauth::OauthState;
use crate::org::Org;
use crate::org::identity_provider::IdentityProvider;
use crate::preset::Preset;
use crate::settings::Settings;
use crate::state_file;
use crate::traffic::Traffic;

/// What changes while the simulator runs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    /// What each preset starts from.
    pub(crate) start_settings: Settings,
    pub(crate) preset: Preset,
    pub(crate) org: Org,
    pub(crate) oauth: OauthState,
    pub(crate) browser: BrowserSessions,
    pub(crate) hops: Hops,
    pub(crate) deploys: Deploys,
    pub(crate) faults: Vec<Fault>,
    /// Of this run only; it is no part of the org and it grows with every request.
    #[serde(skip)]
    pub(crate) journal: Journal,
}

impl World {
    pub(crate) fn new(preset: Preset, start_settings: Settings, oauth: OauthState, now: Millis) -> Self {
        let settings = preset.settings(&start_settings);
        let mut world = Self {
            org: preset.build(&settings, now),
            settings,
            start_settings,
            preset,
            oauth,
            browser: BrowserSessions::default(),
            hops: Hops::default(),
            deploys: Deploys::default(),
            faults: Vec::new(),
            journal: Journal::default(),
        };
        world.arrange(now);
        world
    }

    /// What the preset says about the past. The table's test has seen that every row fits.
    fn arrange(&mut self, now: Millis) {
        let _fits = self.preset.arrange(self, now);
    }

    /// Replaces the org by a fresh one. Registered clients, faults and the journal stay.
    pub(crate) fn reset(&mut self, preset: Preset, now: Millis) {
        self.settings = preset.settings(&self.start_settings);
        self.preset = preset;
        self.org = preset.build(&self.settings, now);
        self.oauth.forget_grants();
        self.browser = BrowserSessions::default();
        self.hops = Hops::default();
        self.deploys = Deploys::default();
        self.arrange(now);
    }
}

/// What the state file holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept<W> {
    pub(crate) clock_offset_ms: Millis,
    pub(crate) world: W,
}

/// The server's shared state.
#[derive(Debug)]
pub(crate) struct Simulator {
    pub(crate) clock: Clock,
    /// This server's origin, with a trailing slash.
    pub(crate) base: Url,
    /// The org's own way to the PIM; most orgs of a thousand never need it.
    http: OnceLock<reqwest::Client>,
    /// How much is asked for.
    pub(crate) traffic: Traffic,
    world: Mutex<World>,
    touched: Notify,
}

/// What handlers hold.
pub(crate) type Shared = Arc<Simulator>;

impl Simulator {
    pub(crate) fn new(clock: Clock, base: Url, world: World) -> Self {
        Self {
            clock,
            base,
            http: OnceLock::new(),
            traffic: Traffic::default(),
            world: Mutex::new(world),
            touched: Notify::new(),
        }
    }

    /// The org's own way to the PIM.
    pub(crate) fn http(&self) -> reqwest::Result<&reqwest::Client> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = exchange::http_client()?;
        Ok(self.http.get_or_init(|| client))
    }

    /// The world, locked. A handler that panicked has not made it unusable.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        // Told under the lock: whoever looks because of it sees what this holder did.
        self.touched.notify_one();
        world
    }

    /// Ends when somebody has had the world since the last time, and may have changed it.
    pub(crate) async fn touched(&self) {
        self.touched.notified().await;
    }

    /// Everything that outlives a restart, as JSON.
    pub(crate) fn kept(&self) -> serde_json::Result<Vec<u8>> {
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        state_file::written(&Kept {
            clock_offset_ms: self.clock.offset_ms(),
            world: &*world,
        })
    }

    /// Lets time pass for the org.
    pub(crate) fn advance_clock(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        self.touched.notify_one();
    }

    /// The URL that the PIM sends the browser to, as the switches spell it (facts/salesforce 3.1).
    pub(crate) fn callback_url(&self, world: &World, provider: &IdentityProvider) -> String {
        let generation = match world.org.refreshes {
            0 => String::new(),
            refreshes => format!("_{refreshes}"),
        };
        world
            .settings
            .callback_url
            .replace("{base}", self.base.as_str())
            .replace("{full_name}", &provider.header.full_name())
            .replace("{generation}", &generation)
    }

    /// The identity URL of a user (facts/salesforce 10.1).
    pub(crate) fn identity_url(&self, world: &World, user_id: &str) -> String {
        let base = world.settings.id_base.as_ref().unwrap_or(&self.base);
        format!("{base}id/{}/{user_id}", world.org.id)
    }
}
