//! The way back: the provider's `callbackUrl` (facts/salesforce 4.6, 14.2 rule l).
//!
//! It works when it is reached by a relay. It refuses a `state` that the org did not issue and a browser that did not start, both
//! switchable. A failure changes nothing: the principal stays as it was.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::exchange::{self, Order};
use super::{Trip, error_page};
use crate::browser::session::person;
use crate::form::Fields;
use crate::hop::start::principal;
use crate::oauth::authorize::found;
use crate::org::external_credential::StoredToken;
use crate::org::identity_provider::IdentityProvider;
use crate::world::{Shared, World};

/// The provider whose callback URL has this path on this server.
pub(crate) fn addressed<'a>(sim: &Shared, world: &'a World, path: &str) -> Option<&'a IdentityProvider> {
    world
        .org
        .identity_providers
        .iter()
        .find(|provider| Url::parse(&sim.callback_url(world, provider)).is_ok_and(|url| url.path() == path))
}

fn refuse(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, error_page(problem)).into_response()
}

/// GET on a callback URL.
pub(crate) async fn arrive(sim: &Shared, path: &str, query: &str, headers: &HeaderMap) -> Response {
    let fields = Fields::parse(query.as_bytes());
    let (order, trip) = match admit(sim, path, &fields, headers) {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(&problem),
    };
    let token = match exchange::run(sim, &order).await {
        Ok(token) => token,
        Err(problem) => return refuse(&problem),
    };
    let mut world = sim.world();
    let stored = StoredToken {
        access_token: token.access_token,
        scope: token.scope,
        obtained: sim.clock.now(),
    };
    world.org.principal_tokens.insert(trip.principal, stored);
    found(&trip.return_url)
}

/// Everything that is checked before the code is spent.
fn admit(sim: &Shared, path: &str, fields: &Fields, headers: &HeaderMap) -> Result<(Order, Trip), String> {
    let mut world = sim.world();
    if let Some(name) = fields.repeated() {
        return Err(format!("The parameter {name} appears more than once."));
    }
    let session = person(&world, headers).map(|person| person.session);
    let trip = match fields.get("state").and_then(|state| world.hops.trips.remove(state)) {
        Some(trip) => trip,
        None if world.settings.relay_unknown_state.accepts() => stray(sim, &world, path)?,
        None => return Err("The state parameter is not valid.".to_owned()),
    };
    if session.as_deref() != Some(&trip.session) && !world.settings.relay_foreign_browser.accepts() {
        return Err("Authentication was started in another session. Log in and try again.".to_owned());
    }
    if let Some(error) = fields.get("error") {
        let description = fields.get("error_description").unwrap_or_default();
        return Err(format!(
            "Unable to fetch the OAuth token. Error: {error}. Error description: {description}"
        ));
    }
    let code = fields.get("code").ok_or("The code parameter is missing.")?;
    let (credential, _) = principal(&world.org, &trip.principal).ok_or("The principal does not exist.")?;
    let provider = world
        .org
        .provider_of(credential)
        .ok_or("The external auth identity provider does not exist.")?;
    let redirect_uri = sim.callback_url(&world, provider);
    if Url::parse(&redirect_uri).is_ok_and(|url| url.path() != path) {
        return Err("The state parameter belongs to another provider.".to_owned());
    }
    let order = exchange::order(provider, code, redirect_uri)?;
    Ok((order, trip))
}

/// The trip that an org assumes if it does not check `state`: the first principal that uses the addressed provider.
fn stray(sim: &Shared, world: &World, path: &str) -> Result<Trip, String> {
    let provider = addressed(sim, world, path).ok_or("The external auth identity provider does not exist.")?;
    let name = provider.header.full_name();
    let principal = world
        .org
        .external_credentials
        .iter()
        .filter(|credential| credential.metadata.provider_name() == Some(&name))
        .find_map(|credential| credential.metadata.principals().next())
        .ok_or("The principal does not exist.")?;
    let return_url = format!("{}lightning/setup/SetupOneHome/home", sim.base);
    Ok(Trip {
        principal: principal.id.clone(),
        return_url,
        session: String::new(),
    })
}
