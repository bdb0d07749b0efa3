//! The browser's login session, in the cookie `sim_sid`.
//!
//! It is not an API session: an access token opens no page and this cookie calls no API.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::identifier::random_text;
use crate::oauth::authorize::found;
use crate::settings::Login;
use crate::world::{Simulator, World};

/// Name of the session cookie.
pub(crate) const COOKIE: &str = "sim_sid";

/// Who is logged in, by session id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct BrowserSessions(HashMap<String, String>);

/// A logged-in person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) session: String,
    pub(crate) user_id: String,
}

impl BrowserSessions {
    /// Logs a user in and returns the session id.
    pub(crate) fn open(&mut self, user_id: &str) -> String {
        let session = random_text(48);
        self.0.insert(session.clone(), user_id.to_owned());
        session
    }

    pub(crate) fn close(&mut self, session: &str) {
        self.0.remove(session);
    }

    pub(crate) fn close_all(&mut self) {
        self.0.clear();
    }
}

/// The person behind a request, if logged in and still active.
pub(crate) fn person(world: &World, headers: &HeaderMap) -> Option<Person> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let session = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && world.browser.0.contains_key(*value))
        .map(|(_, value)| value.to_owned())?;
    let user_id = world.browser.0.get(&session)?.clone();
    world.org.user(&user_id).filter(|user| user.active)?;
    Some(Person { session, user_id })
}

/// Adds the session cookie to an answer.
pub(crate) fn remember(mut response: Response, session: &str) -> Response {
    if let Ok(cookie) = HeaderValue::try_from(format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax")) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The person, or the way to the login page and from there back to `target`. Without `headers` a new login is forced.
#[expect(
    clippy::result_large_err,
    reason = "the refusal is the answer itself, and callers return it at once"
)]
pub(crate) fn require_person(
    sim: &Simulator,
    world: &mut World,
    headers: Option<&HeaderMap>,
    target: &str,
    hint: Option<&str>,
) -> Result<Person, Response> {
    if let Some(person) = headers.and_then(|headers| person(world, headers)) {
        return Ok(person);
    }
    if world.settings.login == Login::Automatic
        && let Some(administrator) = world.org.administrator().map(|user| user.id.clone())
    {
        let session = world.browser.open(&administrator);
        return Err(remember(found(target), &session));
    }
    let mut url = sim.base.clone();
    url.set_path("/login");
    url.query_pairs_mut()
        .append_pair("startURL", target)
        .extend_pairs(hint.map(|hint| ("un", hint)));
    Err(found(&format!("/login?{}", url.query().unwrap_or_default())))
}
