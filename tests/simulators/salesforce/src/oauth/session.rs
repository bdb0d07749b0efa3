//! Refresh-token families and API sessions (facts/salesforce 10.1, 10.3).
//!
//! With rotation on, a refresh ends the token that was used. Using an ended token again is theft or a race, and costs the whole family:
//! the current refresh token and every access token that came from it.

use super::{OauthState, Request};
use crate::clock::Millis;
use crate::identifier::random_text;
use crate::settings::Settings;
use serde::{Deserialize, Serialize};

/// Everything that came from one approval.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) id: u64,
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) scope: Vec<String>,
    pub(crate) current: String,
    pub(crate) spent: Vec<String>,
    pub(crate) revoked: bool,
    pub(crate) last_used: Millis,
}

/// What an access token stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ApiSession {
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) scope: Vec<String>,
    pub(crate) family: Option<u64>,
    pub(crate) issued: Millis,
    pub(crate) last_used: Millis,
}

impl ApiSession {
    /// Each use prolongs a session (the session time-out policy; facts/salesforce 10.1 "No expires_in").
    pub(crate) fn live(&self, now: Millis, settings: &Settings) -> bool {
        now - self.last_used < settings.session_timeout_seconds.saturating_mul(1000)
    }
}

/// Tokens that were just made.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) user_id: String,
}

fn refresh_text() -> String {
    format!("5Aep861{}", random_text(80))
}

impl OauthState {
    fn open_session(&mut self, org_id: &str, family: Option<u64>, of: (&str, &str, &[String]), now: Millis) -> String {
        let token = format!("{}!AQEAQ{}", &org_id[..15], random_text(91));
        let (client_id, user_id, scope) = of;
        let session = ApiSession {
            client_id: client_id.to_owned(),
            user_id: user_id.to_owned(),
            scope: scope.to_vec(),
            family,
            issued: now,
            last_used: now,
        };
        self.sessions.insert(token.clone(), session);
        token
    }

    /// Tokens for a code. One approval more than allowed revokes the oldest (facts/salesforce 10.2).
    pub(crate) fn issue(&mut self, org_id: &str, request: &Request, settings: &Settings, now: Millis) -> Issued {
        let wants_refresh = request.scope.iter().any(|scope| scope == "refresh_token");
        let family = wants_refresh.then(|| {
            let id = self.families.last().map_or(1, |family| family.id + 1);
            self.families.push(Family {
                id,
                client_id: request.client_id.clone(),
                user_id: request.user_id.clone(),
                scope: request.scope.clone(),
                current: refresh_text(),
                spent: Vec::new(),
                revoked: false,
                last_used: now,
            });
            id
        });
        self.enforce_approval_limit(&request.client_id, &request.user_id, settings.max_approvals);
        let of = (
            request.client_id.as_str(),
            request.user_id.as_str(),
            request.scope.as_slice(),
        );
        let access_token = self.open_session(org_id, family, of, now);
        Issued {
            access_token,
            refresh_token: family.and_then(|_| self.families.last().map(|family| family.current.clone())),
            scope: request.scope.clone(),
            user_id: request.user_id.clone(),
        }
    }

    /// A token for an app that runs as a user; there is nothing to refresh.
    pub(crate) fn issue_to_app(
        &mut self,
        org_id: &str,
        client_id: &str,
        user_id: &str,
        scope: &[String],
        now: Millis,
    ) -> Issued {
        Issued {
            access_token: self.open_session(org_id, None, (client_id, user_id, scope), now),
            refresh_token: None,
            scope: scope.to_vec(),
            user_id: user_id.to_owned(),
        }
    }

    fn enforce_approval_limit(&mut self, client_id: &str, user_id: &str, limit: usize) {
        let live: Vec<u64> = self
            .families
            .iter()
            .filter(|family| !family.revoked && family.client_id == client_id && family.user_id == user_id)
            .map(|family| family.id)
            .collect();
        for id in live.iter().take(live.len().saturating_sub(limit)) {
            self.kill_family(*id);
        }
    }

    /// Trades a refresh token for a new access token. `None` means that the token is good for nothing (any more).
    pub(crate) fn refresh(
        &mut self,
        org_id: &str,
        client_id: &str,
        refresh_token: &str,
        settings: &Settings,
        now: Millis,
    ) -> Option<Issued> {
        if let Some(stolen) = self
            .families
            .iter()
            .find(|family| family.spent.iter().any(|old| old == refresh_token))
        {
            let id = stolen.id;
            self.kill_family(id);
            return None;
        }
        let idle_ms = settings.refresh_idle_seconds.saturating_mul(1000);
        let family = self
            .families
            .iter_mut()
            .find(|family| family.current == refresh_token)?;
        if family.revoked || family.client_id != client_id || (idle_ms > 0 && now - family.last_used >= idle_ms) {
            return None;
        }
        family.last_used = now;
        let renewed = settings.refresh_rotation.then(refresh_text);
        if let Some(next) = &renewed {
            let ended = std::mem::replace(&mut family.current, next.clone());
            family.spent.push(ended);
        }
        let (id, user_id, scope) = (family.id, family.user_id.clone(), family.scope.clone());
        let access_token = self.open_session(org_id, Some(id), (client_id, &user_id, &scope), now);
        Some(Issued {
            access_token,
            refresh_token: renewed,
            scope,
            user_id,
        })
    }

    /// Ends a refresh token and every access token that came from it.
    pub(crate) fn kill_family(&mut self, id: u64) {
        for family in self.families.iter_mut().filter(|family| family.id == id) {
            family.revoked = true;
        }
        self.sessions.retain(|_, session| session.family != Some(id));
    }

    /// Ends a token of either kind; says whether it was known.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        if self.sessions.remove(token).is_some() {
            return true;
        }
        let known = self
            .families
            .iter()
            .find(|family| family.current == token && !family.revoked)
            .map(|family| family.id);
        if let Some(id) = known {
            self.kill_family(id);
        }
        known.is_some()
    }
}
