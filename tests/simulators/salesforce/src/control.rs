//! Control of the simulator: the in-process form of `/_simulator/*`.
//!
//! The HTTP interface and tests call the same functions. Nothing here imitates Salesforce; it is how a test arranges the world and looks
//! behind the scenes.

pub(crate) mod action;
mod deed;
mod elsewhere;
pub(crate) mod http;
pub(crate) mod perform;
mod report;

use serde_json::Value;

pub use action::{Action, ActionError};

use crate::callout::{self, NoAnswer};
use crate::fault::Fault;
use crate::journal::JournalEntry;
use crate::oauth::client::OAuthClient;
use crate::preset::Preset;
use crate::settings::Settings;
use crate::traffic::Load;
use crate::world::Shared;

/// A handle on a running simulator; cheap to clone.
#[derive(Debug, Clone)]
pub struct Control {
    pub(crate) sim: Shared,
}

/// A settings patch that cannot be applied.
#[derive(Debug, thiserror::Error)]
#[error("settings patch does not fit: {0}")]
pub struct SettingsError(#[from] serde_json::Error);

impl Control {
    /// The switches in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.sim.world().settings.clone()
    }

    /// Applies a merge patch to the switches; null puts a default back.
    ///
    /// # Errors
    /// A name or a value that does not exist; nothing is changed then.
    pub fn patch_settings(&self, patch: &Value) -> Result<Settings, SettingsError> {
        let mut world = self.sim.world();
        let settings = world.settings.patched(patch)?;
        let scope_moved = settings.org_scope != world.settings.org_scope
            || settings.org_scope_carrier != world.settings.org_scope_carrier;
        world.settings = settings.clone();
        if scope_moved {
            world.org.apply_scope(&settings);
        }
        Ok(settings)
    }

    /// Lets time pass for the org.
    pub fn advance_clock(&self, seconds: i64) {
        self.sim.advance_clock(seconds);
    }

    /// Replaces the org by a fresh one of this preset.
    pub fn preset(&self, preset: Preset) {
        self.sim.world().reset(preset, self.sim.clock.now());
    }

    /// The preset that the org was made from.
    #[must_use]
    pub fn made_from(&self) -> Preset {
        self.sim.world().preset
    }

    /// Registers an OAuth client, or replaces the one with its id.
    pub fn register_client(&self, client: OAuthClient) {
        self.sim.world().oauth.register(client);
    }

    /// The whole state as JSON; its shape is described in the README.
    #[must_use]
    pub fn state(&self) -> Value {
        report::report(&self.sim)
    }

    /// Every request since the start or the last clearing.
    #[must_use]
    pub fn requests(&self) -> Vec<JournalEntry> {
        self.sim.world().journal.entries()
    }

    /// Empties the journal.
    pub fn clear_requests(&self) {
        self.sim.world().journal.clear();
    }

    /// How much the org was asked for.
    #[must_use]
    pub fn load(&self) -> Load {
        self.sim.traffic.load()
    }

    /// Counts that anew.
    pub fn forget_load(&self) {
        self.sim.traffic.forget_load();
    }

    /// Orders a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.sim.world().faults.push(fault);
    }

    /// The faults that are still waiting.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.sim.world().faults.clone()
    }

    /// Takes all orders for faults back.
    pub fn clear_faults(&self) {
        self.sim.world().faults.clear();
    }

    /// Does what a person or the package would do.
    ///
    /// # Errors
    /// The action names something that the org does not have.
    pub fn act(&self, action: &Action) -> Result<(), ActionError> {
        perform::perform(&self.sim, action)
    }

    /// The package's code reads one channel from the PIM, run by this user or by the administrator, and answers the PIM's status.
    ///
    /// # Errors
    /// Why there was no answer, in Salesforce's words.
    pub async fn transfer(&self, username: Option<&str>) -> Result<u16, String> {
        callout::transfer(&self.sim, username)
            .await
            .map_err(|fault| match fault {
                NoAnswer::NotSent(problem) => problem,
                NoAnswer::Silent => "Read timed out".to_owned(),
            })
    }
}
