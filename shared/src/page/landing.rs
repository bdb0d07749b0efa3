//! The page behind a setup link: what this is, what you need, how long it takes. Opening it changes nothing.

use askama::Template;

use super::status::Status;
use super::view::Landing;
use crate::connection::{CallbackMode, Leg};
use crate::web::Html;

#[derive(Template)]
#[template(path = "landing.html")]
struct LandingPage<'a> {
    view: &'a Landing<'a>,
    title: String,
    heading: &'static str,
    status: Option<Status<'a>>,
    by_service: bool,
}

/// The page behind a setup link, for the whole journey or for one leg (design section 4).
#[must_use]
pub fn landing(view: &Landing<'_>) -> Html {
    let heading = match view.leg {
        None => "Connect Akeneo PIM to Salesforce",
        Some(Leg::Akeneo) => "Connect Akeneo PIM",
        Some(Leg::Salesforce) => "Connect the Salesforce org",
    };
    super::html(&LandingPage {
        view,
        title: format!("{heading} – {}", view.connection.customer),
        heading,
        status: Status::of(view.connection),
        by_service: view.connection.terms.callback == CallbackMode::Service,
    })
}
