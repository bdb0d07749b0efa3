//! The way out: from the one-time address to the PIM's authorize page (facts/salesforce 14.2 rule k).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::{Ticket, Trip, error_page};
use crate::browser::session::require_person;
use crate::identifier::{random_text, same};
use crate::oauth::authorize::found;
use crate::org::Org;
use crate::org::external_credential::{ExternalCredential, Row};
use crate::org::scope;
use crate::world::{Shared, Simulator, World};

/// The principal with this id and its credential.
pub(crate) fn principal<'a>(org: &'a Org, id: &str) -> Option<(&'a ExternalCredential, &'a Row)> {
    org.external_credentials.iter().find_map(|credential| {
        credential
            .metadata
            .principals()
            .find(|row| same(&row.id, id))
            .map(|row| (credential, row))
    })
}

/// Makes a one-time authentication URL.
pub(crate) fn ticket(sim: &Simulator, world: &mut World, principal: &str, return_url: String) -> String {
    let id = random_text(40);
    let ticket = Ticket {
        principal: principal.to_owned(),
        return_url,
        issued: sim.clock.now(),
    };
    world.hops.tickets.insert(id.clone(), ticket);
    format!("{}services/auth/external-credential/{id}", sim.base)
}

/// GET of a one-time authentication URL.
pub(crate) async fn open(State(sim): State<Shared>, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let mut world = sim.world();
    // The login comes first and uses nothing up.
    let person = match require_person(&sim, &mut world, Some(&headers), uri.path(), None) {
        Ok(person) => person,
        Err(login) => return login,
    };
    let lifetime = world.settings.authentication_url_lifetime_seconds.saturating_mul(1000);
    let now = sim.clock.now();
    let ticket = world
        .hops
        .tickets
        .remove(&id)
        .filter(|ticket| now - ticket.issued < lifetime);
    let Some(ticket) = ticket else {
        return (
            StatusCode::BAD_REQUEST,
            error_page("This authentication link is no longer valid."),
        )
            .into_response();
    };
    match depart(&sim, &mut world, &ticket.principal, &person.session, ticket.return_url) {
        Ok(location) => found(&location),
        Err(problem) => (StatusCode::BAD_REQUEST, error_page(&problem)).into_response(),
    }
}

/// Notes the trip and returns the PIM's authorize address with everything that the org asks for.
pub(crate) fn depart(
    sim: &Simulator,
    world: &mut World,
    principal_id: &str,
    session: &str,
    return_url: String,
) -> Result<String, String> {
    let (credential, row) = principal(&world.org, principal_id).ok_or("The principal does not exist.")?;
    let provider = world
        .org
        .provider_of(credential)
        .ok_or("The external auth identity provider does not exist.")?;
    let credentials = provider
        .credentials
        .as_ref()
        .ok_or("The external auth identity provider has no client ID and client secret.")?;
    let authorize = provider
        .metadata
        .value("AuthorizeUrl")
        .and_then(|url| Url::parse(url).ok());
    let mut target = authorize.ok_or("The Authorize URL of the external auth identity provider is not valid.")?;
    let state = random_text(64);
    target
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &credentials.client_id)
        .append_pair("redirect_uri", &sim.callback_url(world, provider))
        .append_pair("state", &state)
        .extend_pairs(scope::declared(credential, provider).map(|scope| ("scope", scope)))
        .extend_pairs(provider.metadata.rows("AuthorizeRequestQueryParameter").map(|row| {
            (
                row.parameter_name.as_str(),
                row.parameter_value.as_deref().unwrap_or_default(),
            )
        }));
    let trip = Trip {
        principal: row.id.clone(),
        return_url,
        session: session.to_owned(),
    };
    world.hops.trips.insert(state, trip);
    Ok(target.into())
}
