//! The person behind a browser request: session cookie, login, permissions.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, StatusCode};

use crate::answer::{self, Refusal};
use crate::authorization::Person;
use crate::session;
use crate::settings::UserAcls;
use crate::simulator::World;

/// A logged-in person.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) session: String,
    pub(super) name: String,
    pub(super) acls: UserAcls,
}

impl Visitor {
    /// The person as the use cases see it.
    pub(super) fn person(&self) -> Person<'_> {
        Person {
            session: &self.session,
            name: &self.name,
            acls: self.acls,
        }
    }

    /// The logged-in person of a request; permissions are read anew each time.
    pub(super) fn of(world: &World, headers: &HeaderMap) -> Option<Self> {
        let session = cookie(headers)?;
        let name = world.pim.sessions.user(Some(&session))?.to_owned();
        let acls = world.settings.users.get(&name).copied().unwrap_or_default();
        Some(Self { session, name, acls })
    }

    /// The same, or the redirect to the login page; `target` is where a login leads back to.
    pub(super) fn require(world: &mut World, headers: &HeaderMap, target: Option<String>) -> Result<Self, Refusal> {
        Self::of(world, headers).ok_or_else(|| {
            let id = world.pim.sessions.remember_target(cookie(headers).as_deref(), target);
            answer::with_session(answer::redirect("/user/login"), &id).into()
        })
    }
}

/// The value of the session cookie.
pub(super) fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == session::COOKIE)
        .map(|(_, value)| value.to_owned())
}

/// Whether the request says that a script made it.
fn is_xhr(headers: &HeaderMap) -> bool {
    headers
        .get("x-requested-with")
        .is_some_and(|value| value.as_bytes() == b"XMLHttpRequest")
}

/// A background call of the front end: a logged-in person, the flag, `X-Requested-With`, a permission, in this order.
pub(super) fn script_call(
    world: &mut World,
    headers: &HeaderMap,
    may: impl Fn(UserAcls) -> bool,
) -> Result<Visitor, Refusal> {
    let visitor = Visitor::require(world, headers, None)?;
    if !world.settings.marketplace_activate {
        return Err(answer::error_page(StatusCode::NOT_FOUND).into());
    }
    if !is_xhr(headers) {
        return Err(answer::redirect("/").into());
    }
    if may(visitor.acls) {
        Ok(visitor)
    } else {
        Err(answer::error_page(StatusCode::FORBIDDEN).into())
    }
}

/// Every logged-in person.
pub(super) fn anybody(_: UserAcls) -> bool {
    true
}

/// Who has "Manage apps".
pub(super) fn managers(acls: UserAcls) -> bool {
    acls.manage_apps
}

/// Who has "Manage apps" or "Open apps".
pub(super) fn openers(acls: UserAcls) -> bool {
    acls.manage_apps || acls.open_apps
}

/// Who has "Create and delete custom apps".
pub(super) fn creators(acls: UserAcls) -> bool {
    acls.manage_custom_apps
}
