//! The gate in front of every API request: session, scope, user, quota (facts/salesforce 12.2, 12.4, 14.2 rules a and i).

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::oauth::identity::bearer;
use crate::org::user::Permissions;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::world::{Shared, World};

/// Who calls, and which version of the API.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The server's origin, for addresses in answers.
    pub(crate) base: url::Url,
    pub(crate) user_id: String,
    pub(crate) permissions: Permissions,
    pub(crate) version: u32,
}

impl Caller {
    /// `/services/data/vNN.0` of this request.
    pub(crate) fn root(&self) -> String {
        format!("/services/data/v{}.0", self.version)
    }

    /// Refuses a caller who lacks a permission.
    pub(crate) fn needs(&self, permitted: bool, settings: &Settings) -> Result<(), Refusal> {
        if permitted {
            Ok(())
        } else {
            Err(Refusal::forbidden(
                "INSUFFICIENT_ACCESS",
                settings.texts.no_permission.clone(),
            ))
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| expired("Session expired or invalid"))
    }
}

fn expired(message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID", message)
}

/// The number in `v66.0`, if this org serves it.
fn served(version: &str, settings: &Settings) -> Option<u32> {
    let number: u32 = version.strip_prefix('v')?.strip_suffix(".0")?.parse().ok()?;
    (settings.version_min..=settings.version_max)
        .contains(&number)
        .then_some(number)
}

/// Middleware.
pub(crate) async fn gate(
    State(sim): State<Shared>,
    parts: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let version = parts
        .iter()
        .find(|(name, _)| *name == "version")
        .map(|(_, version)| version);
    let admitted = {
        let mut world = sim.world();
        enter(&sim, &mut world, request.headers(), version.unwrap_or_default())
    };
    let mut response = match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    let usage = {
        let world = sim.world();
        format!(
            "api-usage={}/{}",
            world.org.api_usage.used, world.settings.api_requests_max
        )
    };
    if let Ok(value) = HeaderValue::try_from(usage) {
        response.headers_mut().insert("sforce-limit-info", value);
    }
    response
}

fn enter(sim: &Shared, world: &mut World, headers: &HeaderMap, version: &str) -> Result<Caller, Refusal> {
    let now = sim.clock.now();
    crate::package_install::settle(world, now);
    let token = bearer(headers).ok_or_else(|| expired("Session expired or invalid"))?;
    let session = world
        .oauth
        .sessions
        .get_mut(token)
        .filter(|session| session.live(now, &world.settings));
    let session = session.ok_or_else(|| expired("Session expired or invalid"))?;
    session.last_used = now;
    let (user_id, scope) = (session.user_id.clone(), session.scope.clone());
    let user = world
        .org
        .user(&user_id)
        .filter(|user| user.active)
        .ok_or_else(|| expired("Session expired or invalid"))?;
    let permissions = user.permissions;
    if !scope.iter().any(|scope| matches!(scope.as_str(), "api" | "full")) {
        return Err(expired("This session is not valid for use with the REST API"));
    }
    if !permissions.api_enabled {
        return Err(Refusal::forbidden(
            "API_DISABLED_FOR_ORG",
            "API is not enabled for this Organization or Partner",
        ));
    }
    let settings = &world.settings;
    if !world.org.api_usage.count(now, settings) {
        return Err(Refusal::forbidden(
            "REQUEST_LIMIT_EXCEEDED",
            "TotalRequests Limit exceeded.",
        ));
    }
    let version = served(version, settings).ok_or_else(Refusal::not_found)?;
    Ok(Caller {
        base: sim.base.clone(),
        user_id,
        permissions,
        version,
    })
}
