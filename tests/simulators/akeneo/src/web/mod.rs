//! Everything that a browser, an OAuth client or a test reaches over HTTP besides the REST API.

mod app_store;
mod apps;
mod control;
mod custom_apps;
mod front_door;
mod pages;
mod visitor;
mod wizard;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{any, delete, get, post};

use crate::answer;
use crate::simulator::Simulator;

/// All routes. The control interface stays outside the front door: no fault and no journal touches it.
pub(crate) fn router(simulator: Simulator) -> Router {
    let pim = Router::new()
        .route("/connect/apps/v1/authorize", get(apps::authorize))
        .route("/connect/apps/v1/oauth2/token", post(apps::token))
        .route("/connect/apps/v1/scopes/update", post(apps::scopes_update))
        .route("/rest/apps/activate/{id}", get(app_store::activate))
        .route("/rest/apps/load-wizard-data/{client_id}", get(wizard::load))
        .route(
            "/rest/apps/confirm-authorization/{client_id}",
            post(wizard::confirm_authorization),
        )
        .route(
            "/rest/apps/confirm-authentication/{client_id}",
            post(wizard::confirm_authentication),
        )
        .route("/rest/apps/connected-apps", get(app_store::connected_apps))
        .route("/rest/apps/connected-apps/{code}", delete(app_store::disconnect))
        .route(
            "/rest/apps/connected-apps/{code}/open-app-url",
            get(app_store::open_url),
        )
        .route("/rest/custom-apps", get(custom_apps::list).post(custom_apps::create))
        .route("/rest/custom-apps/{id}", delete(custom_apps::remove))
        .route(
            "/rest/custom-apps/{id}/secret",
            get(custom_apps::masked_secret).post(custom_apps::regenerate_secret),
        )
        .route("/user/login", get(pages::login_form).post(pages::log_in))
        .route("/user/login-check", post(pages::log_in))
        .route("/user/logout", get(pages::log_out))
        .route("/", get(pages::front_end))
        .route("/bundles/simulator/pim.js", get(pages::script))
        .route("/bundles/simulator/pim.css", get(pages::stylesheet))
        .route("/api", any(crate::api::serve))
        .route("/api/{*path}", any(crate::api::serve))
        .fallback(|| async { answer::error_page(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { answer::error_page(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(axum::middleware::from_fn_with_state(
            simulator.clone(),
            front_door::pass,
        ))
        .with_state(simulator.clone());
    let control = control::router(crate::control::Control::new(simulator));
    Router::new().nest("/_simulator", control).fallback_service(pim)
}
