//! Browser sessions of people: who is logged in, where the browser wanted to go, which authorizations are pending.

use std::collections::BTreeMap;

use crate::credential;
use crate::scope::ScopeSet;
use serde::{Deserialize, Serialize};

/// Name of the session cookie. Cookies are not isolated by port, so it differs from every other cookie of the local stack.
pub(crate) const COOKIE: &str = "BAPID";

/// What authorize stores under `_app_auth_<client_id>` (facts/akeneo 1.2 row 6).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PendingAuthorization {
    pub(crate) authorization_scope: ScopeSet,
    pub(crate) authentication_scope: ScopeSet,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
}

/// One browser's session.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The person, once logged in.
    pub(crate) user: Option<String>,
    /// Path and query that needed a login.
    pub(crate) target: Option<String>,
    /// By client id; the last authorize call wins.
    pub(crate) pending: BTreeMap<String, PendingAuthorization>,
}

/// All sessions, by cookie value.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sessions(BTreeMap<String, Session>);

impl Sessions {
    /// The session of a cookie.
    pub(crate) fn get(&self, id: Option<&str>) -> Option<&Session> {
        self.0.get(id?)
    }

    /// The session of a cookie, to change.
    pub(crate) fn get_mut(&mut self, id: Option<&str>) -> Option<&mut Session> {
        self.0.get_mut(id?)
    }

    /// The logged-in person of a cookie.
    pub(crate) fn user(&self, id: Option<&str>) -> Option<&str> {
        self.get(id)?.user.as_deref()
    }

    /// Remembers where the browser wanted to go; answers the id of its session, a new one if it had none.
    pub(crate) fn remember_target(&mut self, id: Option<&str>, target: Option<String>) -> String {
        let id = match id {
            Some(id) if self.0.contains_key(id) => id.to_owned(),
            _ => credential::word(),
        };
        let session = self.0.entry(id.clone()).or_default();
        if target.is_some() {
            session.target = target;
        }
        id
    }

    /// Logs in under a fresh id; answers it with the target, which is used up.
    pub(crate) fn log_in(&mut self, id: Option<&str>, user: &str) -> (String, Option<String>) {
        let mut session = id.and_then(|id| self.0.remove(id)).unwrap_or_default();
        if session.user.as_deref().is_some_and(|before| before != user) {
            session.pending.clear();
        }
        let target = session.target.take();
        session.user = Some(user.to_owned());
        let fresh = credential::word();
        self.0.insert(fresh.clone(), session);
        (fresh, target)
    }

    /// Ends a session.
    pub(crate) fn log_out(&mut self, id: Option<&str>) {
        if let Some(id) = id {
            self.0.remove(id);
        }
    }

    /// Every session of a logged-in person.
    pub(crate) fn logged_in(&self) -> impl Iterator<Item = (&str, &Session)> {
        self.0
            .values()
            .filter_map(|session| Some((session.user.as_deref()?, session)))
    }
}
