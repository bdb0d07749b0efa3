//! Connect REST, `named-credentials/…` (facts/salesforce 1.2, 2.2, 2.3, 3, 4).
//!
//! Inputs are strict: an unknown key is an error, PUT replaces everything, what is output-only cannot be sent. Inputs and outputs are
//! therefore separate types.

pub(crate) mod auth_url;
pub(crate) mod credential;
pub(crate) mod external_credential;
pub(crate) mod identity_provider;
pub(crate) mod input;
pub(crate) mod named_credential;
pub(crate) mod output;
pub(crate) mod provider_credentials;

use axum::Router;
use axum::routing::{get, post};

use crate::world::Shared;

/// The resources.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route(
            "/named-credential-setup",
            get(named_credential::list).post(named_credential::create),
        )
        .route(
            "/named-credential-setup/{name}",
            get(named_credential::show)
                .put(named_credential::replace)
                .delete(named_credential::remove),
        )
        .route(
            "/external-credentials",
            get(external_credential::list).post(external_credential::create),
        )
        .route(
            "/external-credentials/{name}",
            get(external_credential::show)
                .put(external_credential::replace)
                .delete(external_credential::remove),
        )
        .route(
            "/external-auth-identity-providers",
            get(identity_provider::list).post(identity_provider::create),
        )
        .route(
            "/external-auth-identity-providers/{name}",
            get(identity_provider::show)
                .put(identity_provider::replace)
                .delete(identity_provider::remove),
        )
        .route(
            "/external-auth-identity-provider-credentials/{name}",
            get(provider_credentials::show)
                .post(provider_credentials::create)
                .put(provider_credentials::replace),
        )
        .route(
            "/credential",
            get(credential::show)
                .post(credential::create)
                .put(credential::replace)
                .patch(credential::merge)
                .delete(credential::remove),
        )
        .route("/credential/auth-url/o-auth", post(auth_url::create))
}
