//! The users who run transfers: who they are, whether each can use the credentials, and a search for others.

use askama::Template;

use super::progress::is_looking;
use super::view::UsersView;
use crate::connection::{Connection, Runner};
use crate::web::Html;
use crate::wiring::Finding;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage<'a> {
    view: &'a UsersView<'a>,
    title: String,
    chosen: Vec<Chosen>,
    /// Whether nobody was chosen, so that the user who connected the org counts.
    by_default: bool,
    /// Whether the org is being looked at.
    looking: bool,
    /// The users that a search found, without those who were chosen.
    found: Option<Vec<Offered<'a>>>,
}

/// A user who runs transfers.
struct Chosen {
    username: String,
    id: String,
    /// What the last look saw.
    state: &'static str,
    class: &'static str,
    /// What a person has to do about it.
    trouble: Option<String>,
}

/// A user who can be chosen.
struct Offered<'a> {
    id: &'a str,
    name: &'a str,
    username: &'a str,
    is_person: bool,
}

/// The page of the users who run transfers (facts/salesforce 6).
#[must_use]
pub fn users(view: &UsersView<'_>) -> Html {
    let connection = view.connection;
    let runners = connection.runners();
    let is_chosen = |id: &str| runners.iter().any(|runner| runner.user_id.as_str() == id);
    let by_default = connection.salesforce.runners.is_empty();
    let found = view.found.map(|found| {
        let offered = found.iter().filter(|user| by_default || !is_chosen(user.id.as_str()));
        offered
            .map(|user| Offered {
                id: user.id.as_str(),
                name: &user.name,
                username: &user.username,
                is_person: user.is_person,
            })
            .collect()
    });
    let faulty = if view.query.fault.is_some() { "Error: " } else { "" };
    super::html(&UsersPage {
        title: format!("{faulty}Users who run transfers – {}", connection.customer),
        chosen: runners.iter().map(|runner| Chosen::of(connection, runner)).collect(),
        by_default,
        looking: is_looking(connection),
        found,
        view,
    })
}

impl Chosen {
    fn of(connection: &Connection, runner: &Runner) -> Self {
        let (name, id) = (runner.username.as_str(), runner.user_id.as_str());
        let named = |user: &str| user.eq_ignore_ascii_case(name) || user == id;
        let (mut trouble, mut missing) = (None, false);
        for finding in &connection.wiring.findings {
            match finding {
                Finding::RunnerWithoutAccess { user, .. } if named(user) => trouble = Some(finding.in_words()),
                Finding::AccessMissing { users } => missing |= users.iter().any(|user| named(user)),
                _ => {}
            }
        }
        let looked = connection.wiring.looked_at.is_some() && connection.wiring.requested_at.is_none();
        let (state, class) = match (&trouble, missing, looked) {
            (Some(_), ..) => ("No access", "waiting"),
            (None, _, false) => ("Not looked at yet", "waiting"),
            (None, true, true) => ("Access is being given", "waiting"),
            (None, false, true) => ("Has access", "done"),
        };
        Self {
            username: name.to_owned(),
            id: id.to_owned(),
            state,
            class,
            trouble,
        }
    }
}
