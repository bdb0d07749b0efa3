//! The browser's way of the legacy path: kick-off, the PIM, the provider's callback (facts/salesforce 7).
//!
//! `xds` binds the token to the Named Credential of `startURL`; the plain kick-off of a provider runs the same way and binds nothing.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::{AuthProvider, PluginRecord, plugin};
use crate::browser::session::{person, require_person};
use crate::form::Fields;
use crate::hop::error_page;
use crate::hop::exchange::{self, Order};
use crate::identifier::{random_text, same};
use crate::oauth::authorize::found;
use crate::org::external_credential::StoredToken;
use crate::world::{Shared, Simulator, World};

/// A browser that left for the PIM.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trip {
    /// Developer name of the provider.
    provider: String,
    /// Id of the Named Credential that gets the token.
    named_credential: Option<String>,
    start_url: String,
    session: String,
}

fn refuse(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, error_page(problem)).into_response()
}

/// The callback of a provider; its address names the provider's URL suffix.
fn callback_url(sim: &Simulator, provider: &str) -> String {
    format!("{}services/authcallback/{provider}", sim.base)
}

/// The provider whose callback has this path.
pub(crate) fn addressed(world: &World, path: &str) -> Option<String> {
    let suffix = path.strip_prefix("/services/authcallback/")?;
    world
        .org
        .auth_provider(suffix)
        .map(|provider| provider.header.developer_name.clone())
}

/// A provider of the plugin with its settings.
fn plugged<'a>(world: &'a World, name: &str) -> Result<(&'a AuthProvider, &'a PluginRecord), String> {
    let provider = world
        .org
        .auth_provider(name)
        .ok_or("The Auth. Provider does not exist.")?;
    let record = provider
        .metadata
        .custom_metadata_type_record
        .as_deref()
        .and_then(|record| world.org.plugin_record(record));
    Ok((
        provider,
        record.ok_or("The Auth. Provider is not one of the package's plugin.")?,
    ))
}

fn setting(world: &World, record: &PluginRecord, label: &str) -> String {
    let plugin = plugin(&world.org, &world.settings);
    let name = plugin.as_ref().map_or("", |plugin| plugin.field(label));
    record.values.get(name).cloned().unwrap_or_default()
}

/// GET `/services/auth/xds/{org}/{provider}`.
pub(crate) async fn xds(
    State(sim): State<Shared>,
    Path((org, provider)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut world = sim.world();
    let person = match require_person(&sim, &mut world, Some(&headers), &uri.to_string(), None) {
        Ok(person) => person,
        Err(login) => return login,
    };
    if !same(&world.org.id, &org) {
        return refuse("The org does not exist.");
    }
    let start_url = fields.get("startURL").unwrap_or_default().to_owned();
    let wanted = start_url.trim_start_matches('/');
    let bound = world
        .org
        .named_credentials
        .iter()
        .find(|named| same(&named.header.id, wanted) && named.metadata.auth_provider.as_deref() == Some(&provider))
        .map(|named| named.header.id.clone());
    let Some(bound) = bound else {
        return refuse("The start URL is not a Named Credential that uses this Auth. Provider.");
    };
    let scope = fields.get("scope").map(str::to_owned);
    depart(
        &sim,
        &mut world,
        &provider,
        Some(bound),
        start_url,
        scope,
        person.session,
    )
}

/// GET `/services/auth/oauth/{provider}`.
pub(crate) async fn kickoff(
    State(sim): State<Shared>,
    Path(provider): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut world = sim.world();
    match require_person(&sim, &mut world, Some(&headers), &uri.to_string(), None) {
        Ok(person) => depart(&sim, &mut world, &provider, None, "/".to_owned(), None, person.session),
        Err(login) => login,
    }
}

fn depart(
    sim: &Simulator,
    world: &mut World,
    provider: &str,
    named_credential: Option<String>,
    start_url: String,
    scope: Option<String>,
    session: String,
) -> Response {
    let settings = match plugged(world, provider) {
        Ok((_, record)) => {
            ["Authorize Endpoint", "Client ID", "Authentication Scopes"].map(|label| setting(world, record, label))
        }
        Err(problem) => return refuse(&problem),
    };
    let [authorize, client_id, scopes] = settings;
    let Ok(mut target) = Url::parse(&authorize) else {
        return refuse("The Authorize Endpoint of the Auth. Provider is not valid.");
    };
    let state = random_text(64);
    target
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client_id)
        .append_pair("redirect_uri", &callback_url(sim, provider))
        .append_pair("scope", scope.as_deref().unwrap_or(&scopes))
        .append_pair("state", &state);
    let trip = Trip {
        provider: provider.to_owned(),
        named_credential,
        start_url,
        session,
    };
    world.hops.legacy.insert(state, trip);
    found(target.as_str())
}

/// GET on a provider's callback.
pub(crate) async fn arrive(sim: &Shared, provider: &str, query: &str, headers: &HeaderMap) -> Response {
    let fields = Fields::parse(query.as_bytes());
    let (order, trip) = match admit(sim, provider, &fields, headers) {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(&problem),
    };
    let token = match exchange::run(sim, &order).await {
        Ok(token) => token,
        Err(problem) => return refuse(&problem),
    };
    let mut world = sim.world();
    let kept = trip.named_credential.filter(|id| {
        world
            .org
            .named_credentials
            .iter()
            .any(|named| same(&named.header.id, id))
    });
    if let Some(id) = kept {
        let stored = StoredToken {
            access_token: token.access_token,
            scope: token.scope,
            obtained: sim.clock.now(),
        };
        world.org.legacy_tokens.insert(id, stored);
    }
    found(&trip.start_url)
}

/// Everything that is checked before the code is spent; the plugin's own pair is made here.
fn admit(sim: &Shared, provider: &str, fields: &Fields, headers: &HeaderMap) -> Result<(Order, Trip), String> {
    let mut world = sim.world();
    let session = person(&world, headers).map(|person| person.session);
    let trip = match fields.get("state").and_then(|state| world.hops.legacy.remove(state)) {
        Some(trip) if trip.provider == provider => trip,
        _ if world.settings.relay_unknown_state.accepts() => stray(&world, provider),
        _ => return Err("The state parameter is not valid.".to_owned()),
    };
    if session.as_deref() != Some(&trip.session) && !world.settings.relay_foreign_browser.accepts() {
        return Err("Authentication was started in another session. Log in and try again.".to_owned());
    }
    let code = fields.get("code").ok_or("The code parameter is missing.")?;
    let (_, record) = plugged(&world, provider)?;
    let [token, client_id, secret] =
        ["Token Endpoint", "Client ID", "Client Secret"].map(|label| setting(&world, record, label));
    let url = Url::parse(&token).map_err(|_| "The Token Endpoint of the Auth. Provider is not valid.")?;
    let identifier = random_text(32);
    let challenge = hex::encode(Sha256::digest(format!("{identifier}{secret}")));
    let form = [
        ("client_id", client_id),
        ("code", code.to_owned()),
        ("grant_type", "authorization_code".to_owned()),
        ("code_identifier", identifier),
        ("code_challenge", challenge),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Ok((Order::of_plugin(url, form), trip))
}

/// The trip that an org assumes if it does not check `state`: the first Named Credential that uses the provider.
fn stray(world: &World, provider: &str) -> Trip {
    let named = world
        .org
        .named_credentials
        .iter()
        .find(|named| named.metadata.auth_provider.as_deref() == Some(provider));
    Trip {
        provider: provider.to_owned(),
        named_credential: named.map(|named| named.header.id.clone()),
        start_url: "/".to_owned(),
        session: String::new(),
    }
}
