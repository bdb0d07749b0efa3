//! What the consent screen asks for in the background (facts/akeneo 1.3).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::visitor::{anybody, openers, script_call};
use crate::answer::{self, Refusal};
use crate::authorization::{self, APP_NOT_FOUND, Confirmed, NotConfirmed};
use crate::simulator::{Simulator, World};

/// `GET /rest/apps/load-wizard-data/{client_id}`: what the consent screen shows.
pub(super) async fn load(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let visitor = script_call(&mut world, &headers, openers)?;
    let World { pim, settings, .. } = &mut *world;
    let pending = pim
        .sessions
        .get(Some(&visitor.session))
        .and_then(|session| session.pending.get(&client_id));
    let (Some(app), Some(pending)) = (pim.custom_app(&client_id), pending) else {
        let body = json!({"errors": [{"message": APP_NOT_FOUND}]});
        return Err(answer::json(StatusCode::NOT_FOUND, &body).into());
    };
    let connected = pim.connected_apps.get(&client_id);
    let old = connected
        .map(|connected| connected.scopes.in_words())
        .unwrap_or_default();
    let asks_for_products = pending.authorization_scope.expanded().contains("read_products");
    let body = json!({
        "appName": app.name,
        "scopeMessages": pending.authorization_scope.in_words(),
        "oldScopeMessages": old,
        "authenticationScopes": pending.authentication_scope.in_words(),
        "permissionStep": settings.permission_step && connected.is_none() && asks_for_products,
        "userDecision": settings.user_decision,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /rest/apps/confirm-authorization/{client_id}`.
pub(super) async fn confirm_authorization(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let visitor = script_call(&mut world, &headers, anybody)?;
    let now = world.now();
    let World { pim, settings, .. } = &mut *world;
    Ok(confirmation(
        &client_id,
        authorization::confirm(pim, settings, visitor.person(), &client_id, now),
    ))
}

/// `POST /rest/apps/confirm-authentication/{client_id}`.
pub(super) async fn confirm_authentication(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(client_id): Path<String>,
) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let visitor = script_call(&mut world, &headers, anybody)?;
    let now = world.now();
    let World { pim, settings, .. } = &mut *world;
    Ok(confirmation(
        &client_id,
        authorization::confirm_authentication(pim, settings, visitor.person(), &client_id, now),
    ))
}

fn confirmation(client_id: &str, outcome: Result<Confirmed, NotConfirmed>) -> Response {
    let errors = |status, message: &str| answer::json(status, &json!({"errors": [{"message": message}]}));
    match outcome {
        Ok(confirmed) => answer::json_text(
            StatusCode::OK,
            format!(
                "{{\"appId\":{},\"userGroup\":{},\"redirectUrl\":{}}}",
                json!(client_id),
                json!(confirmed.user_group),
                json!(confirmed.redirect_url)
            ),
        ),
        Err(NotConfirmed::UnknownApp) => errors(StatusCode::NOT_FOUND, APP_NOT_FOUND),
        Err(NotConfirmed::Forbidden) => answer::error_page(StatusCode::FORBIDDEN),
        Err(NotConfirmed::Invalid(message)) => errors(StatusCode::BAD_REQUEST, &message),
    }
}
