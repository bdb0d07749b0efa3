//! The token endpoint: which check speaks first (facts/akeneo 3.1), and what a success is (3.4).

use crate::credential;
use crate::php::{self, ArrayGiven, Parameters};
use crate::pim::Pim;
use crate::settings::Settings;

/// The five fields that are read; everything else is ignored, missing ones are empty.
#[derive(Clone, Copy)]
pub(crate) struct TokenRequest<'a> {
    client_id: &'a str,
    code: &'a str,
    grant_type: &'a str,
    code_identifier: &'a str,
    code_challenge: &'a str,
}

impl<'a> TokenRequest<'a> {
    /// Picks the fields from a parsed body.
    pub(crate) fn read(body: &'a Parameters) -> Result<Self, ArrayGiven> {
        Ok(Self {
            client_id: body.text_or_empty("client_id")?,
            code: body.text_or_empty("code")?,
            grant_type: body.text_or_empty("grant_type")?,
            code_identifier: body.text_or_empty("code_identifier")?,
            code_challenge: body.text_or_empty("code_challenge")?,
        })
    }
}

/// A refusal; always HTTP 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    InvalidRequest,
    InvalidClient,
    CodeNotValid,
    CodeHasExpired,
    UnsupportedGrantType,
    /// Not a refusal of the PIM but a crash: the app was authorized, never confirmed, and the code is another app's (INFERRED).
    NotConnected,
}

/// A success.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) access_token: String,
    pub(crate) scope: String,
}

/// Exchanges a code. Only a success consumes it; nothing checks whose it is (facts/akeneo 1.4, 3.3).
pub(crate) fn exchange(
    pim: &mut Pim,
    settings: &Settings,
    request: TokenRequest<'_>,
    now: i64,
) -> Result<Grant, Denial> {
    check(pim, settings, request, now)?;
    let connected = pim.connected_apps.get(request.client_id).ok_or(Denial::NotConnected)?;
    let scope = connected
        .scopes
        .merged(&connected.authentication_scopes)
        .to_scope_string();
    pim.codes.retain(|code| code.value != request.code);
    let access_token = pim.token_for(request.client_id, &scope, settings.token_format);
    Ok(Grant { access_token, scope })
}

fn check(pim: &Pim, settings: &Settings, request: TokenRequest<'_>, now: i64) -> Result<(), Denial> {
    let to_hash = [request.client_id, request.code_identifier, request.code_challenge];
    if !to_hash.iter().any(|field| php::is_empty(field)) {
        let holds = |secret: &str| credential::challenge_holds(request.code_identifier, secret, request.code_challenge);
        if !pim
            .custom_app(request.client_id)
            .is_some_and(|app| holds(&app.client_secret))
        {
            return Err(Denial::InvalidClient);
        }
    }
    if request.client_id.is_empty() {
        return Err(Denial::InvalidRequest);
    }
    if !pim.oauth_clients.contains(request.client_id) {
        return Err(Denial::InvalidClient);
    }
    if request.code.is_empty() {
        return Err(Denial::InvalidRequest);
    }
    let code = pim
        .codes
        .iter()
        .find(|code| code.value == request.code)
        .ok_or(Denial::CodeNotValid)?;
    if now > code.created_at.saturating_add(settings.code_lifetime_seconds) {
        return Err(Denial::CodeHasExpired);
    }
    if request.grant_type != "authorization_code" {
        return Err(Denial::UnsupportedGrantType);
    }
    if request.code_identifier.is_empty() || request.code_challenge.is_empty() {
        return Err(Denial::InvalidRequest);
    }
    Ok(())
}
