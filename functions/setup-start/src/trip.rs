//! Sending a person off to an authorize endpoint: the browser's secret, and the redirect.

use connector::connection::{Connection, Origin, depart};
use connector::problem::Problem;
use connector::random;
use connector::secret::{HandedOut, SecretUrl, Sensitive};
use connector::service::Services;
use connector::web::{Reply, see_other, set_browser};
use http::header;

/// Opens an attempt and redirects to the URL that `build` makes of the browser's secret and the new `state`.
pub(crate) async fn send_off(
    services: &Services,
    connection: &Connection,
    browser: Option<HandedOut>,
    origin: Origin,
    build: impl FnOnce(&HandedOut, &HandedOut) -> SecretUrl,
) -> Result<Reply, Problem> {
    let browser = browser.unwrap_or_else(|| random::token(&*services.random));
    let state = depart(services, connection, &browser, origin, false).await?;
    let mut reply = see_other(build(&browser, &state).expose());
    if let Some(cookie) = set_browser(&browser) {
        reply.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(reply)
}
