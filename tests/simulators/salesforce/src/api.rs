//! The REST API below `/services/data` (facts/salesforce 1, 6, 12): who may enter, versions, limits, queries and records.
//!
//! Connect's named-credential resources are in `connect`; the query language is in `soql`.

pub(crate) mod anonymous;
pub(crate) mod describe;
pub(crate) mod gate;
pub(crate) mod grant;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod tooling;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::connect;
use crate::deploy;
use crate::package_install;
use crate::refusal::Refusal;
use crate::server::BODY_LIMIT;
use crate::world::Shared;

/// Everything below `/services/data/vNN.0`.
pub(crate) fn router(sim: &Shared) -> Router<Shared> {
    Router::new()
        .route("/limits", get(describe::limits))
        .route("/limits/", get(describe::limits))
        .route("/query", get(query::data))
        .route("/query/", get(query::data))
        .route("/tooling/query", get(query::tooling))
        .route("/tooling/query/", get(query::tooling))
        .route("/sobjects/{object}/describe", get(crate::legacy::described::describe))
        .route("/sobjects/{object}/describe/", get(crate::legacy::described::describe))
        .route("/tooling/executeAnonymous", get(anonymous::execute))
        .route("/tooling/executeAnonymous/", get(anonymous::execute))
        .route(
            "/tooling/sobjects/{object}/{id}",
            get(record::tooling).patch(tooling::patch).delete(tooling::remove),
        )
        .route(
            "/tooling/sobjects/PackageInstallRequest",
            axum::routing::post(package_install::create),
        )
        .route("/sobjects/{object}", axum::routing::post(grant::create))
        .route("/sobjects/{object}/", axum::routing::post(grant::create))
        .route(
            "/sobjects/{object}/{id}",
            get(record::data).patch(grant::update).delete(grant::remove),
        )
        .route(
            "/metadata/deployRequest",
            axum::routing::post(deploy::create).layer(DefaultBodyLimit::max(BODY_LIMIT)),
        )
        .route("/metadata/deployRequest/{id}", get(deploy::poll).patch(deploy::cancel))
        .nest("/named-credentials", connect::router())
        .nest("/apps/oauth", crate::client_app::consumer::router())
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(sim.clone(), gate::gate))
}

async fn missing(_: Uri) -> Refusal {
    Refusal::not_found()
}

async fn wrong_method(method: axum::http::Method) -> Response {
    let message = format!("HTTP Method '{method}' not allowed.");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message).into_response()
}
