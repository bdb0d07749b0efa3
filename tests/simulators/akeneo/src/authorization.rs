//! Authorize and consent: the decisions of `/connect/apps/v1/authorize` in their exact order (facts/akeneo 1.2, 1.3).
//!
//! Login comes before all of this, in the firewall; the HTTP side does it.

use crate::php::{self, ArrayGiven, Parameters};
use crate::pim::Pim;
use crate::scope::{Offer, ScopeSet};
use crate::session::PendingAuthorization;
use crate::settings::{Settings, UserAcls};

const WIZARD: &str = "/#/connect/apps/authorize";
const CONSTRAINT: &str = "akeneo_connectivity.connection.connect.apps.constraint";

/// Translation key of an unknown app.
pub(crate) const APP_NOT_FOUND: &str = "akeneo_connectivity.connection.connect.apps.error.app_not_found";

/// Longest scope parameter, in characters (facts/akeneo 1.1).
const LONGEST_SCOPE: usize = 1000;

/// The pages that authorize answers instead of a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoRedirect {
    /// 404 page.
    NotFound,
    /// 403 page.
    Forbidden,
    /// 400 page: an array where one value is wanted.
    BadRequest,
}

impl From<ArrayGiven> for NoRedirect {
    fn from(_: ArrayGiven) -> Self {
        Self::BadRequest
    }
}

/// A person at the PIM, in a browser session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) session: &'a str,
    pub(crate) name: &'a str,
    pub(crate) acls: UserAcls,
}

/// The PIM's offer of scopes under these settings.
pub(crate) fn offer(settings: &Settings) -> Offer {
    Offer {
        catalogs: settings.catalogs,
        enterprise: settings.enterprise_scopes,
    }
}

/// `GET /connect/apps/v1/authorize` (facts/akeneo 1.2, rows 1 to 10).
pub(crate) fn authorize(
    pim: &mut Pim,
    settings: &Settings,
    person: Person<'_>,
    query: &Parameters,
    now: i64,
) -> Result<String, NoRedirect> {
    if !settings.marketplace_activate {
        return Err(NoRedirect::NotFound);
    }
    let client_id = query.text_or_empty("client_id")?;
    let Some(app) = pim.custom_app(client_id).cloned() else {
        return Ok(format!("{WIZARD}?error={APP_NOT_FOUND}"));
    };
    if !person.acls.manage_apps && !person.acls.open_apps {
        return Err(NoRedirect::Forbidden);
    }
    let response_type = query.text_or_empty("response_type")?;
    let state = query.text("state")?.map(str::to_owned);
    pim.oauth_clients.insert(client_id.to_owned());
    let scope = match valid_scope(response_type, query) {
        Ok(scope) => scope,
        Err(key) => return Ok(format!("{WIZARD}?error={CONSTRAINT}.{key}")),
    };
    let pending = PendingAuthorization {
        authorization_scope: ScopeSet::authorization(scope.split(' '), offer(settings)),
        authentication_scope: ScopeSet::authentication(scope.split(' ')),
        redirect_uri: app.callback_url.clone(),
        state,
    };
    if let Some(session) = pim.sessions.get_mut(Some(person.session)) {
        session.pending.insert(client_id.to_owned(), pending.clone());
    }

    let requested = &pending.authorization_scope;
    let stored = pim
        .connected_apps
        .get(client_id)
        .map(|connected| connected.scopes.clone());
    if stored.is_none() && !person.acls.manage_apps {
        return Err(NoRedirect::Forbidden);
    }
    let needs_wizard = stored.is_none_or(|stored| requested.exceeds(&stored));
    if person.acls.manage_apps {
        if needs_wizard {
            pim.consents.shown += 1;
            return Ok(format!("{WIZARD}?client_id={client_id}"));
        }
        // The silent reduction: no screen, the stored scopes become what was asked for.
        if settings.empty_scope_overwrites || !scope.is_empty() {
            pim.connect(&app, requested.clone());
        }
    }
    if needs_authentication_consent(pim, client_id, &pending.authentication_scope) {
        return Ok(format!("/#/connect/apps/authenticate?client_id={client_id}"));
    }
    Ok(redirect_with_code(pim, settings, person.name, client_id, &pending, now))
}

/// Why a consent could not be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotConfirmed {
    /// 404 with this error.
    UnknownApp,
    /// 403.
    Forbidden,
    /// 400 with this constraint key: nothing is pending in this browser session.
    Invalid(String),
}

/// What the wizard gets back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirmed {
    pub(crate) user_group: String,
    pub(crate) redirect_url: String,
}

/// `POST /rest/apps/confirm-authorization/{client_id}` (facts/akeneo 1.3). The flag and the XHR header are checked before.
pub(crate) fn confirm(
    pim: &mut Pim,
    settings: &Settings,
    person: Person<'_>,
    client_id: &str,
    now: i64,
) -> Result<Confirmed, NotConfirmed> {
    let app = pim.custom_app(client_id).cloned().ok_or(NotConfirmed::UnknownApp)?;
    if !person.acls.manage_apps {
        return Err(NotConfirmed::Forbidden);
    }
    let pending = pending(pim, person, client_id)?;
    pim.connect(&app, pending.authorization_scope.clone());
    pim.consents.accepted += 1;
    crate::catalog::give_first_catalogs(pim, settings, client_id);
    finish(pim, settings, person, client_id, &pending, now)
}

/// `POST /rest/apps/confirm-authentication/{client_id}`: consent to the identity scopes alone (facts/akeneo 1.2 row 10; shape INFERRED from 1.3).
pub(crate) fn confirm_authentication(
    pim: &mut Pim,
    settings: &Settings,
    person: Person<'_>,
    client_id: &str,
    now: i64,
) -> Result<Confirmed, NotConfirmed> {
    if pim.custom_app(client_id).is_none() || !pim.connected_apps.contains_key(client_id) {
        return Err(NotConfirmed::UnknownApp);
    }
    if !person.acls.manage_apps && !person.acls.open_apps {
        return Err(NotConfirmed::Forbidden);
    }
    let pending = pending(pim, person, client_id)?;
    finish(pim, settings, person, client_id, &pending, now)
}

fn pending(pim: &Pim, person: Person<'_>, client_id: &str) -> Result<PendingAuthorization, NotConfirmed> {
    pim.sessions
        .get(Some(person.session))
        .and_then(|session| session.pending.get(client_id).cloned())
        .ok_or_else(|| NotConfirmed::Invalid(format!("{CONSTRAINT}.client_id.must_have_ongoing_authorization")))
}

fn finish(
    pim: &mut Pim,
    settings: &Settings,
    person: Person<'_>,
    client_id: &str,
    pending: &PendingAuthorization,
    now: i64,
) -> Result<Confirmed, NotConfirmed> {
    let connected = pim.connected_apps.get_mut(client_id).ok_or(NotConfirmed::UnknownApp)?;
    if pending.authentication_scope.contains("openid") {
        connected.authentication_scopes = connected.authentication_scopes.merged(&pending.authentication_scope);
    }
    let user_group = connected.user_group.clone();
    let redirect_url = redirect_with_code(pim, settings, person.name, client_id, pending, now);
    Ok(Confirmed {
        user_group,
        redirect_url,
    })
}

/// The callback that was stored, plus `code` and, if it was given, `state` (facts/akeneo 1.4).
fn redirect_with_code(
    pim: &mut Pim,
    settings: &Settings,
    user: &str,
    client_id: &str,
    pending: &PendingAuthorization,
    now: i64,
) -> String {
    let code = pim.issue_code(client_id, user, settings.token_format, now);
    let mut parameters = vec![("code", code.as_str())];
    if let Some(state) = &pending.state {
        parameters.push(("state", state));
    }
    php::append_query(&pending.redirect_uri, &parameters)
}

fn needs_authentication_consent(pim: &Pim, client_id: &str, requested: &ScopeSet) -> bool {
    requested.contains("openid")
        && pim
            .connected_apps
            .get(client_id)
            .is_none_or(|connected| !requested.is_within(&connected.authentication_scopes))
}

/// The first violated rule, as the end of its translation key; else the scope parameter.
fn valid_scope<'a>(response_type: &str, query: &'a Parameters) -> Result<&'a str, &'static str> {
    if response_type.is_empty() {
        return Err("response_type.not_blank");
    }
    if response_type != "code" {
        return Err("response_type.must_be_code");
    }
    let scope = query
        .text_or_empty("scope")
        .map_err(|ArrayGiven| "scope.must_be_a_string")?;
    if scope.chars().count() > LONGEST_SCOPE {
        return Err("scope.too_long");
    }
    Ok(scope)
}
