//! Pages for people: login, and the shell of the front end. The script `pim.js` draws everything behind `#`.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::visitor::{Visitor, cookie};
use crate::answer::{self, Refusal};
use crate::php::Parameters;
use crate::simulator::Simulator;

const LOGIN: &str = include_str!("../../assets/login.html");
const SHELL: &str = include_str!("../../assets/shell.html");
const SCRIPT: &str = include_str!("../../assets/pim.js");
const STYLESHEET: &str = include_str!("../../assets/pim.css");

/// `GET /user/login`.
pub(super) async fn login_form(State(simulator): State<Simulator>) -> Response {
    answer::page(StatusCode::OK, login_page(&simulator, ""))
}

/// `POST /user/login` and `/user/login-check`: any password will do, the person must be one of the knob `users`.
pub(super) async fn log_in(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Parameters::parse(&body);
    let user = form.text_or_empty("_username").unwrap_or_default();
    let mut world = simulator.world();
    if !world.settings.users.contains_key(user) {
        drop(world);
        return answer::page(StatusCode::UNAUTHORIZED, login_page(&simulator, "Invalid credentials."));
    }
    let (session, target) = world.pim.sessions.log_in(cookie(&headers).as_deref(), user);
    let target = target
        .filter(|_| world.settings.return_to_target)
        .unwrap_or_else(|| "/".to_owned());
    answer::with_session(answer::redirect(&target), &session)
}

/// `GET /user/logout`.
pub(super) async fn log_out(State(simulator): State<Simulator>, headers: HeaderMap) -> Response {
    simulator.world().pim.sessions.log_out(cookie(&headers).as_deref());
    answer::redirect("/user/login")
}

/// `GET /`: the front end.
pub(super) async fn front_end(State(simulator): State<Simulator>, headers: HeaderMap) -> Result<Response, Refusal> {
    let mut world = simulator.world();
    let visitor = Visitor::require(&mut world, &headers, Some("/".to_owned()))?;
    Ok(answer::page(
        StatusCode::OK,
        SHELL.replace("{{user}}", &escaped(&visitor.name)),
    ))
}

/// `GET /bundles/simulator/pim.js`.
pub(super) async fn script() -> Response {
    asset("text/javascript; charset=UTF-8", SCRIPT)
}

/// `GET /bundles/simulator/pim.css`.
pub(super) async fn stylesheet() -> Response {
    asset("text/css; charset=UTF-8", STYLESHEET)
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body).into_response()
}

fn login_page(simulator: &Simulator, error: &str) -> String {
    let users: Vec<String> = simulator
        .world()
        .settings
        .users
        .keys()
        .map(|name| escaped(name))
        .collect();
    let error = if error.is_empty() {
        String::new()
    } else {
        format!("<p class=\"error\" role=\"alert\">{error}</p>")
    };
    LOGIN
        .replace("{{users}}", &users.join(", "))
        .replace("{{error}}", &error)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
