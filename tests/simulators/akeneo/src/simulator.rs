//! One running PIM: everything that can change, behind one lock.
//!
//! Work on it is short and never waits, so one lock is enough and every request sees a consistent PIM.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;
use crate::pim::Pim;
use crate::settings::Settings;
use crate::state_file;
use crate::traffic::Traffic;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// Everything that can change.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) pim: Pim,
    /// Of this run only; it is no part of the PIM and it grows with every request.
    #[serde(skip)]
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
}

/// The shared handle of all request handlers.
#[derive(Debug, Clone)]
pub(crate) struct Simulator {
    world: Arc<Mutex<World>>,
    touched: Arc<Notify>,
    /// Calls under way.
    pub(crate) traffic: Traffic,
    /// What the PIM believes its address is; no slash at the end (facts/akeneo 2).
    pub(crate) pim_url: Arc<str>,
}

impl Simulator {
    /// A running PIM.
    pub(crate) fn new(world: World, pim_url: &str) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            touched: Arc::default(),
            traffic: Traffic::default(),
            pim_url: pim_url.trim_end_matches('/').into(),
        }
    }

    /// Locks the world. Never held across an await.
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
        state_file::written(&*world)
    }
}

impl World {
    /// An empty PIM.
    pub(crate) fn new(settings: Settings) -> Self {
        let mut clock = Clock::default();
        clock.set_frozen(settings.clock_frozen);
        Self {
            settings,
            clock,
            pim: Pim::new(),
            journal: Journal::default(),
            faults: Faults::default(),
        }
    }

    /// Replaces the settings, with their effect on the clock.
    pub(crate) fn set_settings(&mut self, settings: Settings) {
        if settings.clock_frozen != self.settings.clock_frozen {
            self.clock.set_frozen(settings.clock_frozen);
        }
        self.settings = settings;
    }

    /// Unix seconds by the simulator's clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }
}
