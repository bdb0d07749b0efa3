//! The Activate URL: what the PIM opens for "Connect" and later for "Open app" (facts/akeneo 2).
//!
//! `pim_url` is unsigned, so it is only compared, never followed, fetched or stored. If it is this connection's PIM and the
//! credentials are known, the authorization starts: harmless, because only an admin of that PIM can finish it. Scanners do not
//! come here: the address is known to the PIM alone.

use connector::akeneo::{PimUrl, authorize_url};
use connector::connection::{CallbackMode, ConnectionId, Origin, load_connection, open_session};
use connector::problem::Problem;
use connector::service::Services;
use connector::web::{Cookies, Reply, Request, plain_status, see_other};
use http::{Method, StatusCode};

use crate::akeneo::other_than_pinned;
use crate::trip::send_off;

/// GET /akeneo/{connection}/activate.
pub(crate) async fn open(services: &Services, request: &Request, connection: &str) -> Result<Reply, Problem> {
    if request.method == Method::HEAD {
        return Ok(plain_status(StatusCode::OK));
    }
    let id = ConnectionId::parse(connection).ok_or(Problem::ActivateTooEarly)?;
    let connection = load_connection(services, &id).await?.ok_or(Problem::ActivateTooEarly)?;
    let cookies = Cookies::read(&request.headers);
    let credentials = connection.akeneo.credentials.clone().ok_or(Problem::ActivateTooEarly)?;
    let usable = connection.revoked_at.is_none() && connection.terms.callback == CallbackMode::Service;
    let pinned = other_than_pinned(&connection, &credentials.pim).is_none();
    if !usable || !pinned || !names(&request.query, &credentials.pim, services) {
        return Err(Problem::ActivateTooEarly);
    }
    // An app that has all it needs is not sent round again: that could go on for ever (facts/akeneo 2).
    let done = connection.akeneo.proven.as_ref().is_some_and(|proven| {
        proven.credentials.generation == credentials.generation
            && connection.scopes_to_request() == proven.requested
            && connection.akeneo.fault.is_none()
            && !connection.health.state.needs_akeneo()
    });
    if done {
        // "Open app" works for everyone in the PIM; the setup opens only for those who hold its link.
        let session = match &cookies.session {
            Some(secret) => open_session(services, secret).await?,
            None => None,
        };
        let held = session.is_some_and(|(session, _)| session.connection == id);
        return if held {
            Ok(see_other("/setup"))
        } else {
            Err(Problem::ActivateDone)
        };
    }
    let scopes = connection.scopes_to_request();
    let origin = Origin::Akeneo {
        credentials: credentials.clone(),
        scopes: scopes.clone(),
    };
    send_off(services, &connection, cookies.browser, origin, |_, state| {
        authorize_url(&credentials.pim, &credentials.client_id, &scopes, state)
    })
    .await
}

/// Whether the query has exactly one `pim_url` and it is this PIM, with or without a trailing slash.
fn names(query: &str, pim: &PimUrl, services: &Services) -> bool {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "pim_url");
    let (Some((_, value)), None) = (values.next(), values.next()) else {
        return false;
    };
    PimUrl::parse(&value, &services.config.permit).is_ok_and(|named| named == *pim)
}
