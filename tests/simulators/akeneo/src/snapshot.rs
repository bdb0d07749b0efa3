//! What `/_simulator/state` and `/_simulator/custom-apps` show: the PIM's knowledge as plain values, secrets included.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::pim::{Pim, Token};
use crate::session::PendingAuthorization;
use crate::simulator::World;

/// A Custom App.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomAppEntry {
    /// UUID.
    pub client_id: String,
    /// The current secret.
    pub client_secret: String,
    /// Name.
    pub name: String,
    /// Activate URL.
    pub activate_url: String,
    /// Callback URL.
    pub callback_url: String,
    /// Whether it is connected.
    pub connected: bool,
}

/// A connected app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedAppEntry {
    /// Client id of the app.
    pub client_id: String,
    /// Name when it was connected.
    pub name: String,
    /// Code of its connection.
    pub connection_code: String,
    /// The stored scopes, sorted.
    pub scopes: Vec<String>,
    /// The consented authentication scopes, sorted.
    pub authentication_scopes: Vec<String>,
    /// Whether the app said that it wants other scopes.
    pub has_outdated_scopes: bool,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenEntry {
    /// The token.
    pub value: String,
    /// Client id of its app.
    pub app: String,
    /// Its exact scope string.
    pub scope: String,
}

/// A code that was not used yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEntry {
    /// The code.
    pub value: String,
    /// Client id of the app that it was made for.
    pub app: String,
    /// The person.
    pub user: String,
    /// When, RFC 3339.
    pub created_at: String,
    /// Whether it is too old by now.
    pub expired: bool,
}

/// How often the consent screen was asked for, and confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentCounts {
    /// Redirects to the consent screen.
    pub shown: u64,
    /// Confirmations.
    pub accepted: u64,
}

/// An authorization that waits in a browser session (facts/akeneo 1.2 row 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEntry {
    /// Client id of the app.
    pub client_id: String,
    /// Sorted authorization scopes.
    pub authorization_scope: String,
    /// Sorted authentication scopes.
    pub authentication_scope: String,
    /// The registered callback.
    pub redirect_uri: String,
    /// The client's state.
    pub state: Option<String>,
}

/// A browser session of a logged-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// The person.
    pub user: String,
    /// By `_app_auth_<client_id>`, as in the PHP session.
    pub pending: BTreeMap<String, PendingEntry>,
}

/// An app catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogEntry {
    /// UUID.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Client id of its app.
    pub owner: String,
}

/// Everything that the PIM knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The simulator's time, RFC 3339.
    pub now: String,
    /// Apps with an OAuth client row.
    pub oauth_clients: Vec<String>,
    /// Connected apps.
    pub connected_apps: Vec<ConnectedAppEntry>,
    /// Tokens that work.
    pub live_tokens: Vec<TokenEntry>,
    /// Tokens that died by a disconnection.
    pub revoked_tokens: Vec<TokenEntry>,
    /// Codes that were not used yet.
    pub open_codes: Vec<CodeEntry>,
    /// Consent screens.
    pub consents: ConsentCounts,
    /// Browser sessions.
    pub sessions: Vec<SessionEntry>,
    /// App catalogs.
    pub catalogs: Vec<CatalogEntry>,
    /// Token of an ordinary connection with every permission.
    pub connection_token: String,
}

impl Snapshot {
    pub(crate) fn of(world: &World) -> Self {
        let (pim, now) = (&world.pim, world.now());
        let life = world.settings.code_lifetime_seconds;
        Self {
            now: clock::rfc3339(now),
            oauth_clients: pim.oauth_clients.iter().cloned().collect(),
            connected_apps: ConnectedAppEntry::all(pim),
            live_tokens: pim.tokens.iter().map(TokenEntry::of).collect(),
            revoked_tokens: pim.revoked.iter().map(TokenEntry::of).collect(),
            open_codes: pim
                .codes
                .iter()
                .map(|code| CodeEntry {
                    value: code.value.clone(),
                    app: code.client_id.clone(),
                    user: code.user.clone(),
                    created_at: clock::rfc3339(code.created_at),
                    expired: now > code.created_at.saturating_add(life),
                })
                .collect(),
            consents: ConsentCounts {
                shown: pim.consents.shown,
                accepted: pim.consents.accepted,
            },
            sessions: sessions(pim),
            catalogs: pim
                .catalogs
                .iter()
                .map(|catalog| CatalogEntry {
                    id: catalog.id.clone(),
                    name: catalog.name.clone(),
                    enabled: catalog.enabled,
                    owner: catalog.owner.clone(),
                })
                .collect(),
            connection_token: pim.connection_token.clone(),
        }
    }
}

impl CustomAppEntry {
    pub(crate) fn all(pim: &Pim) -> Vec<Self> {
        let entry = |app: &crate::custom_app::CustomApp| Self {
            client_id: app.client_id.clone(),
            client_secret: app.client_secret.clone(),
            name: app.name.clone(),
            activate_url: app.activate_url.clone(),
            callback_url: app.callback_url.clone(),
            connected: pim.connected_apps.contains_key(&app.client_id),
        };
        pim.custom_apps.iter().map(entry).collect()
    }
}

impl ConnectedAppEntry {
    pub(crate) fn all(pim: &Pim) -> Vec<Self> {
        pim.connected_apps
            .iter()
            .map(|(client_id, app)| Self {
                client_id: client_id.clone(),
                name: app.name.clone(),
                connection_code: app.connection_code.clone(),
                scopes: app.scopes.to_vec(),
                authentication_scopes: app.authentication_scopes.to_vec(),
                has_outdated_scopes: app.has_outdated_scopes,
            })
            .collect()
    }
}

impl TokenEntry {
    fn of(token: &Token) -> Self {
        Self {
            value: token.value.clone(),
            app: token.client_id.clone(),
            scope: token.scope.clone(),
        }
    }
}

fn sessions(pim: &Pim) -> Vec<SessionEntry> {
    let entry = |client_id: &String, pending: &PendingAuthorization| {
        let entry = PendingEntry {
            client_id: client_id.clone(),
            authorization_scope: pending.authorization_scope.to_scope_string(),
            authentication_scope: pending.authentication_scope.to_scope_string(),
            redirect_uri: pending.redirect_uri.clone(),
            state: pending.state.clone(),
        };
        (format!("_app_auth_{client_id}"), entry)
    };
    pim.sessions
        .logged_in()
        .map(|(user, session)| SessionEntry {
            user: user.to_owned(),
            pending: session
                .pending
                .iter()
                .map(|(client_id, pending)| entry(client_id, pending))
                .collect(),
        })
        .collect()
}
