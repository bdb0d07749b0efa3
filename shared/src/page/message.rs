//! The page for everything that does not go as planned: what happened, whose turn it is, one way on, and a reference.

use askama::Template;

use super::view::Message;
use crate::web::Html;

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    view: &'a Message,
}

/// A page that says what happened and how to go on (design section 6, "Errors").
#[must_use]
pub fn message(view: &Message) -> Html {
    super::html(&MessagePage { view })
}
