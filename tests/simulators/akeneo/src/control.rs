//! Control: what a test, the local stack or a person at a terminal does to the simulated PIM from outside.
//!
//! `/_simulator/*` calls the same functions. Nothing here exists in a real PIM.

use serde_json::Value;

use crate::custom_app::{self, Credentials, Deletion, NewCustomApp, Violation};
use crate::fault::Fault;
use crate::journal::RecordedRequest;
use crate::pim::Pim;
use crate::scope::ScopeSet;
use crate::settings::Settings;
use crate::simulator::{Simulator, World};
use crate::snapshot::{CustomAppEntry, Snapshot, TokenEntry};
use crate::traffic::Load;

/// Why a control call did nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No custom app has this client id.
    #[error("no custom app has this client id")]
    UnknownApp,
    /// The app is not connected.
    #[error("the app is not connected")]
    NotConnected,
    /// The knob `delete_requires_disconnect` is on.
    #[error("the app must be disconnected first")]
    StillConnected,
    /// The form is not acceptable.
    #[error("the custom app is not acceptable")]
    InvalidApp(Vec<Violation>),
    /// The patch names an unknown knob or an impossible value.
    #[error("the settings are not acceptable")]
    InvalidSettings(#[from] serde_json::Error),
}

/// The in-process form of `/_simulator/*`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Control(Simulator);

impl Control {
    pub(crate) fn new(simulator: Simulator) -> Self {
        Self(simulator)
    }

    /// The knobs.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0.world().settings.clone()
    }

    /// Turns knobs in place.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut world = self.0.world();
        let mut settings = world.settings.clone();
        change(&mut settings);
        world.set_settings(settings);
    }

    /// Turns knobs by a JSON merge patch; null resets a knob.
    ///
    /// # Errors
    /// [`ControlError::InvalidSettings`]; nothing is changed then.
    pub fn patch_settings(&self, patch: Value) -> Result<Settings, ControlError> {
        let mut world = self.0.world();
        let settings = world.settings.patched(patch)?;
        world.set_settings(settings.clone());
        Ok(settings)
    }

    /// Unix seconds by the simulator's clock.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.world().now()
    }

    /// Moves the simulator's clock; answers its new time in Unix seconds.
    pub fn advance_clock(&self, seconds: i64) -> i64 {
        let mut world = self.0.world();
        world.clock.advance(seconds);
        world.now()
    }

    /// Stops the simulator's clock, or lets it run on.
    pub fn freeze_clock(&self, frozen: bool) {
        self.change_settings(|settings| settings.clock_frozen = frozen);
    }

    /// Creates a Custom App as a person would.
    ///
    /// # Errors
    /// [`ControlError::InvalidApp`].
    pub fn create_custom_app(&self, new: &NewCustomApp) -> Result<Credentials, ControlError> {
        let mut world = self.0.world();
        let now = world.now();
        let World { pim, settings, .. } = &mut *world;
        custom_app::create(pim, settings, "admin", new, now).map_err(ControlError::InvalidApp)
    }

    /// All Custom Apps, secrets included.
    #[must_use]
    pub fn custom_apps(&self) -> Vec<CustomAppEntry> {
        CustomAppEntry::all(&self.0.world().pim)
    }

    /// Gives the app a new secret: the old challenge pair dies, tokens live on (facts/akeneo 4).
    ///
    /// # Errors
    /// [`ControlError::UnknownApp`].
    pub fn regenerate_secret(&self, client_id: &str) -> Result<String, ControlError> {
        custom_app::regenerate_secret(&mut self.0.world().pim, client_id).ok_or(ControlError::UnknownApp)
    }

    /// Disconnects the app (facts/akeneo 4).
    ///
    /// # Errors
    /// [`ControlError::NotConnected`].
    pub fn disconnect(&self, client_id: &str) -> Result<(), ControlError> {
        if self.0.world().pim.disconnect(client_id) {
            Ok(())
        } else {
            Err(ControlError::NotConnected)
        }
    }

    /// Deletes the Custom App.
    ///
    /// # Errors
    /// [`ControlError::UnknownApp`], [`ControlError::StillConnected`].
    pub fn delete_custom_app(&self, client_id: &str) -> Result<(), ControlError> {
        let mut world = self.0.world();
        let World { pim, settings, .. } = &mut *world;
        match custom_app::delete(pim, settings, client_id) {
            Deletion::Deleted => Ok(()),
            Deletion::Unknown => Err(ControlError::UnknownApp),
            Deletion::StillConnected => Err(ControlError::StillConnected),
        }
    }

    /// Makes the app connected with these scopes, without a person; there is no token yet.
    ///
    /// # Errors
    /// [`ControlError::UnknownApp`].
    pub fn preconnect<S: AsRef<str>>(&self, client_id: &str, scopes: &[S]) -> Result<(), ControlError> {
        let mut world = self.0.world();
        let World { pim, settings, .. } = &mut *world;
        connect(pim, settings, client_id, scopes)
    }

    /// Another consumer of the same app authorizes with these scopes and exchanges its code (facts/akeneo 4): with the same set it
    /// gets the same token, with another set every other token of the app dies.
    ///
    /// # Errors
    /// [`ControlError::UnknownApp`].
    pub fn second_consumer<S: AsRef<str>>(&self, client_id: &str, scopes: &[S]) -> Result<TokenEntry, ControlError> {
        let mut world = self.0.world();
        let World { pim, settings, .. } = &mut *world;
        connect(pim, settings, client_id, scopes)?;
        let connected = pim.connected_apps.get(client_id).ok_or(ControlError::NotConnected)?;
        let scope = connected
            .scopes
            .merged(&connected.authentication_scopes)
            .to_scope_string();
        let value = pim.token_for(client_id, &scope, settings.token_format);
        Ok(TokenEntry {
            value,
            app: client_id.to_owned(),
            scope,
        })
    }

    /// What the PIM knows.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        Snapshot::of(&self.0.world())
    }

    /// The journal, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.0.world().journal.entries()
    }

    /// The journal of one path.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.requests()
            .into_iter()
            .filter(|request| request.path == path)
            .collect()
    }

    /// Empties the journal.
    pub fn clear_requests(&self) {
        self.0.world().journal.clear();
    }

    /// How much the API was asked for.
    #[must_use]
    pub fn load(&self) -> Load {
        self.0.traffic.load()
    }

    /// Counts that anew.
    pub fn forget_load(&self) {
        self.0.traffic.forget_load();
    }

    /// Adds a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.0.world().faults.add(fault);
    }

    /// The faults that still wait.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.0.world().faults.waiting()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.0.world().faults.clear();
    }
}

fn connect<S: AsRef<str>>(
    pim: &mut Pim,
    settings: &Settings,
    client_id: &str,
    scopes: &[S],
) -> Result<(), ControlError> {
    let app = pim.custom_app(client_id).cloned().ok_or(ControlError::UnknownApp)?;
    let words = || scopes.iter().map(AsRef::as_ref);
    let offer = crate::authorization::offer(settings);
    pim.connect(&app, ScopeSet::authorization(words(), offer));
    if let Some(connected) = pim.connected_apps.get_mut(client_id) {
        connected.authentication_scopes = ScopeSet::authentication(words());
    }
    crate::catalog::give_first_catalogs(pim, settings, client_id);
    Ok(())
}
