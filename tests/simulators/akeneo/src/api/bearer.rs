//! Who calls: the token, the ways it can be refused, and what its role may do (facts/akeneo 6, 7.3).

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::answer::{self, Refusal};
use crate::settings::UnauthorizedStyle;
use crate::simulator::World;

/// The owner of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A connected app, by its client id.
    App(String),
    /// An ordinary connection with every permission.
    Connection,
}

impl Caller {
    /// Whether the role has the permission behind the scope; else the 403 "You are not allowed to …".
    pub(crate) fn may(&self, world: &World, scope: &str, action: &str) -> Result<(), Refusal> {
        let granted = match self {
            Self::Connection => true,
            Self::App(client_id) => {
                !world.settings.removed_role_acls.contains(scope)
                    && world
                        .pim
                        .connected_apps
                        .get(client_id)
                        .is_some_and(|connected| connected.scopes.expanded().contains(scope))
            }
        };
        if granted { Ok(()) } else { Err(forbidden(action)) }
    }
}

/// `Access forbidden. You are not allowed to {action}.`
pub(crate) fn forbidden(action: &str) -> Refusal {
    answer::envelope(
        StatusCode::FORBIDDEN,
        &format!("Access forbidden. You are not allowed to {action}."),
    )
    .into()
}

/// The token of an Authorization header.
pub(crate) fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value
        .strip_prefix("Bearer ")
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

/// Finds the caller, or answers 401.
pub(crate) fn authenticate(world: &World, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let (settings, pim) = (&world.settings, &world.pim);
    let Some(token) = bearer_of(headers).filter(|_| !settings.strip_authorization) else {
        let refusal = match settings.missing_token_style {
            UnauthorizedStyle::Akeneo => answer::envelope(StatusCode::UNAUTHORIZED, "Authentication is required"),
            UnauthorizedStyle::Fos => fos("access_denied", "OAuth2 authentication required"),
        };
        return Err(refusal.into());
    };
    if let Some(known) = pim.tokens.iter().find(|known| known.value == token) {
        return Ok(Caller::App(known.client_id.clone()));
    }
    if token == pim.connection_token {
        return Ok(Caller::Connection);
    }
    let message = if pim.revoked.iter().any(|revoked| revoked.value == token) {
        "The access token provided is invalid. Your app has been disconnected from that PIM."
    } else {
        "The access token provided is invalid."
    };
    let refusal = match settings.invalid_token_style {
        UnauthorizedStyle::Akeneo => answer::envelope(StatusCode::UNAUTHORIZED, message),
        UnauthorizedStyle::Fos => fos("invalid_grant", message),
    };
    Err(refusal.into())
}

fn fos(error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description});
    let challenge = format!("Bearer realm=\"Service\", error=\"{error}\", error_description=\"{description}\"");
    answer::with_header(
        answer::json(StatusCode::UNAUTHORIZED, &body),
        WWW_AUTHENTICATE,
        &challenge,
    )
}
