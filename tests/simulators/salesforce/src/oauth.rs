//! The org as an OAuth server (facts/salesforce 10): clients, approvals, codes, refresh families and API sessions.
//!
//! The web-server flow with PKCE and the refresh flow are complete; the client credentials flow is `client_app`'s. JWT bearer and device
//! flows are not imitated: they are answered as flows that are not enabled.

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod identity;
pub(crate) mod session;
pub(crate) mod token;

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Millis;
use crate::refusal::json_answer;
use client::OAuthClient;
use session::{ApiSession, Family};

/// What the authorization server remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct OauthState {
    pub(crate) clients: Vec<OAuthClient>,
    /// Authorization requests that wait for a person's decision.
    pub(crate) pending: HashMap<String, Request>,
    pub(crate) codes: HashMap<String, Code>,
    /// What was approved: client, user, scopes. A second authorization with the same is silent.
    pub(crate) approvals: Vec<(String, String, Vec<String>)>,
    pub(crate) families: Vec<Family>,
    /// API sessions by access token.
    pub(crate) sessions: HashMap<String, ApiSession>,
}

/// A checked authorization request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) user_id: String,
    /// The browser session that may decide.
    pub(crate) session: String,
}

/// A PKCE challenge as it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    /// Without `code_challenge_method=S256` no verifier ever matches (facts/salesforce 10.1).
    pub(crate) s256: bool,
}

/// An authorization code that was handed out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) request: Request,
    pub(crate) issued: Millis,
}

impl OauthState {
    /// Registers a client, replacing the one with the same id.
    pub(crate) fn register(&mut self, client: OAuthClient) {
        self.clients.retain(|known| known.client_id != client.client_id);
        self.clients.push(client);
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&OAuthClient> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    /// Forgets everything but the clients.
    pub(crate) fn forget_grants(&mut self) {
        *self = Self {
            clients: std::mem::take(&mut self.clients),
            ..Self::default()
        };
    }
}

/// An OAuth error: 400 with `error` and `error_description` (facts/salesforce 10.2).
pub(crate) fn oauth_error(error: &str, description: &str) -> Response {
    json_answer(
        StatusCode::BAD_REQUEST,
        &json!({ "error": error, "error_description": description }),
    )
}
