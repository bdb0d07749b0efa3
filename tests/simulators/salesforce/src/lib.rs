//! A simulated Salesforce org with its login host, on one origin: a real HTTP server for tests and for the local stack.
//!
//! It imitates what facts/salesforce 14 asks for: OAuth, the REST and Connect resources of named credentials, the principal's browser hop
//! against a real PIM, the pages that a person meets. Each contested or unverified point is a switch ([`Settings`]), each failure of the
//! catalogue an action, a fault or a preset. It is independent of the connector: it shares no code with it and checks what Salesforce
//! checks. It must never be reachable from outside this machine: it listens on loopback and keeps secrets in its journal.

mod api;
mod browser;
mod callout;
mod client_app;
mod clock;
mod connect;
mod control;
mod deploy;
mod fault;
mod form;
mod hop;
mod identifier;
mod journal;
mod legacy;
mod oauth;
mod org;
mod package_install;
mod preset;
mod refusal;
mod server;
mod settings;
mod soql;
mod state_file;
mod traffic;
mod wire;
mod world;

use std::net::Ipv4Addr;
use std::path::PathBuf;

pub use control::{Action, ActionError, Control, SettingsError};
pub use fault::{Canned, Fault, FaultKind};
pub use journal::JournalEntry;
pub use oauth::client::OAuthClient;
pub use org::user::Permissions;
pub use preset::{Preset, Story, Told, UnknownPreset};
pub use server::{Running, start};
pub use settings::{
    AppInstallation, AppKeysOnDeploy, Approval, Conflict, CredentialsShape, DeployPart, DisableOnWrite, EarlyApp,
    InstallSettings, LegacyCode, Login, ManageabilityStatus, ManagedBy, NINE_SCOPES, NullKeys, OauthToken,
    PatchSuccess, PkceMismatch, PluginNames, RevokeUnknown, ScopeCarrier, Settings, SingleAccess, Texts,
    TokenAfterChange, Verdict, Writes,
};
pub use traffic::Load;

/// What a simulator starts with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Loopback address to listen on, so that many orgs can share a port; 127.0.0.1 by default.
    pub address: Option<Ipv4Addr>,
    /// Port at that address; 0 for any.
    pub port: u16,
    /// Condition of the org.
    pub preset: Preset,
    /// The vendor's External Client App; more clients can be registered through [`Control`].
    pub client: OAuthClient,
    /// The switches; a preset starts from them.
    pub settings: Settings,
    /// Where the org lives between two runs: read at the start if it exists, written soon after each change and at the stop. What it
    /// holds wins over `preset` and `settings`; `client` is registered in any case.
    pub state: Option<PathBuf>,
    /// What a state file holds, to begin from it without keeping one. It wins over `preset` and `settings`; an existing `state` wins over it.
    pub content: Option<Vec<u8>>,
}
