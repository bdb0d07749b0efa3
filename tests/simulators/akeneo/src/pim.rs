//! What the PIM stores (facts/akeneo 10.1), and the few operations that several endpoints share.
//!
//! It has no clock, no HTTP and no settings of its own: whoever changes it says when, and decides first.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::credential::{self, TokenFormat};
use crate::custom_app::CustomApp;
use crate::scope::ScopeSet;
use crate::session::Sessions;
use serde::{Deserialize, Serialize};

/// An app that a person has connected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ConnectedApp {
    pub(crate) name: String,
    pub(crate) connection_code: String,
    pub(crate) user_group: String,
    /// The stored scopes; the role's permissions follow them at once.
    pub(crate) scopes: ScopeSet,
    /// What people consented to tell about themselves.
    pub(crate) authentication_scopes: ScopeSet,
    pub(crate) has_outdated_scopes: bool,
}

/// An authorization code. It belongs to an app, but the token endpoint does not check that (facts/akeneo 1.4).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) value: String,
    pub(crate) client_id: String,
    pub(crate) user: String,
    pub(crate) created_at: i64,
}

/// An app's access token; it never expires (facts/akeneo 4).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
}

/// How often the consent screen was asked for, and confirmed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Consents {
    pub(crate) shown: u64,
    pub(crate) accepted: u64,
}

/// The whole PIM.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pim {
    pub(crate) custom_apps: Vec<CustomApp>,
    /// Apps with an OAuth client row: from the first authorize until disconnected.
    pub(crate) oauth_clients: BTreeSet<String>,
    pub(crate) connected_apps: BTreeMap<String, ConnectedApp>,
    pub(crate) codes: Vec<Code>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) revoked: Vec<Token>,
    pub(crate) catalogs: Vec<Catalog>,
    pub(crate) sessions: Sessions,
    pub(crate) consents: Consents,
    /// The token of an ordinary connection with every permission (facts/akeneo 8: the test-apps API needs one).
    pub(crate) connection_token: String,
}

impl Pim {
    /// An empty PIM.
    pub(crate) fn new() -> Self {
        Self {
            connection_token: credential::random(TokenFormat::Hex),
            ..Self::default()
        }
    }

    /// The custom app, if it exists.
    pub(crate) fn custom_app(&self, client_id: &str) -> Option<&CustomApp> {
        self.custom_apps.iter().find(|app| app.client_id == client_id)
    }

    /// Connects the app, or gives a connected one these scopes (facts/akeneo 1.2 row 9, 1.3).
    pub(crate) fn connect(&mut self, app: &CustomApp, scopes: ScopeSet) {
        self.oauth_clients.insert(app.client_id.clone());
        let connected = self
            .connected_apps
            .entry(app.client_id.clone())
            .or_insert_with(|| ConnectedApp {
                name: app.name.clone(),
                connection_code: format!("connection_{}", &credential::word()[..12]),
                user_group: format!("app_{}", &credential::word()[..12]),
                scopes: ScopeSet::default(),
                authentication_scopes: ScopeSet::default(),
                has_outdated_scopes: false,
            });
        connected.scopes = scopes;
    }

    /// Makes a code for the app (facts/akeneo 1.4).
    pub(crate) fn issue_code(&mut self, client_id: &str, user: &str, format: TokenFormat, now: i64) -> String {
        let value = credential::random(format);
        self.codes.push(Code {
            value: value.clone(),
            client_id: client_id.to_owned(),
            user: user.to_owned(),
            created_at: now,
        });
        value
    }

    /// The token for (app, exact scope string): the same one again, or a new one that kills the others (facts/akeneo 4).
    pub(crate) fn token_for(&mut self, client_id: &str, scope: &str, format: TokenFormat) -> String {
        let known = self
            .tokens
            .iter()
            .find(|token| token.client_id == client_id && token.scope == scope);
        if let Some(token) = known {
            return token.value.clone();
        }
        self.tokens.retain(|token| token.client_id != client_id);
        let value = credential::random(format);
        self.tokens.push(Token {
            value: value.clone(),
            client_id: client_id.to_owned(),
            scope: scope.to_owned(),
        });
        value
    }

    /// Disconnects: tokens move to the revoked list; OAuth client row, connected app and codes go (facts/akeneo 4). False if it was not connected.
    pub(crate) fn disconnect(&mut self, client_id: &str) -> bool {
        if self.connected_apps.remove(client_id).is_none() {
            return false;
        }
        self.oauth_clients.remove(client_id);
        self.codes.retain(|code| code.client_id != client_id);
        let (dead, alive) = self.tokens.drain(..).partition(|token| token.client_id == client_id);
        self.tokens = alive;
        self.revoked.extend::<Vec<Token>>(dead);
        true
    }

    /// The app behind a connection code.
    pub(crate) fn client_of_connection(&self, connection_code: &str) -> Option<String> {
        let matches = |app: &ConnectedApp| app.connection_code == connection_code;
        self.connected_apps
            .iter()
            .find(|(_, app)| matches(app))
            .map(|(client_id, _)| client_id.clone())
    }
}
