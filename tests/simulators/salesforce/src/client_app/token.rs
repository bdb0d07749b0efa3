//! The client credentials flow (facts/salesforce 10.1): at the org's own My Domain only, as the user that the app runs as.

use axum::http::{HeaderMap, header};

use crate::form::Fields;
use crate::oauth::client::OAuthClient;
use crate::oauth::session::Issued;
use crate::oauth::token::basic_credentials;
use crate::settings::EarlyApp;
use crate::world::{Shared, World};

/// Error and description.
type Failure = (String, String);

fn failure(error: &str, description: &str) -> Failure {
    (error.to_owned(), description.to_owned())
}

/// Issues a token, with the client whose secret signs the answer.
pub(crate) fn issue(
    sim: &Shared,
    world: &mut World,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<(Issued, OAuthClient), Failure> {
    // The simulator is login host and My Domain in one: it is asked as the login host where it is called by another name than its own.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if host != Some(sim.base.authority()) {
        return Err(failure("invalid_request", &world.settings.texts.not_this_domain));
    }
    let basic = basic_credentials(headers);
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (fields.get("client_id"), fields.get("client_secret")),
    };
    let now = sim.clock.now();
    let app = world
        .org
        .client_apps
        .iter()
        .find(|app| Some(app.consumer_key.as_str()) == id);
    let app = match app {
        Some(app) if app.is_known(now, &world.settings) => app,
        Some(_) if world.settings.client_app_early_error == EarlyApp::InvalidGrant => {
            return Err(failure(
                "invalid_grant",
                "authentication failure, app is not available yet",
            ));
        }
        // A client of the code flow is known and runs as nobody.
        None if id.is_some_and(|id| world.oauth.client(id).is_some()) => {
            return Err(failure("invalid_grant", "no client credentials user enabled"));
        }
        _ => return Err(failure("invalid_client_id", "client identifier invalid")),
    };
    if secret != Some(app.consumer_secret.as_str()) {
        return Err(failure("invalid_client", "invalid client credentials"));
    }
    if !app.flow_in_settings {
        return Err(failure("unsupported_grant_type", "grant type not supported"));
    }
    let user = app
        .run_as
        .as_deref()
        .filter(|_| app.flow_in_policy)
        .and_then(|name| world.org.user_named(name));
    let Some(user) = user else {
        return Err(failure("invalid_grant", "no client credentials user enabled"));
    };
    if !user.active {
        return Err(failure("invalid_grant", &world.settings.texts.inactive_user));
    }
    let client = OAuthClient {
        client_id: app.consumer_key.clone(),
        client_secret: app.consumer_secret.clone(),
        ..OAuthClient::default()
    };
    let (user_id, scope, org_id) = (user.id.clone(), app.scopes.clone(), world.org.id.clone());
    let issued = world
        .oauth
        .issue_to_app(&org_id, &client.client_id, &user_id, &scope, now);
    Ok((issued, client))
}
