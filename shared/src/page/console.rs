//! The console of Customer Success: a page without data. Its script fetches what the person who is logged in may see.

use askama::Template;

use crate::web::Html;

/// The console's style sheet, beside that of every page; served at `/console/assets/console.css`.
pub const CONSOLE_STYLE: &str = include_str!("../../assets/console/console.css");

/// The console's scripts, served below `/console/assets/`. The first one loads the others.
pub const CONSOLE_SCRIPTS: [(&str, &str); 7] = [
    ("console.js", include_str!("../../assets/console/console.js")),
    ("login.js", include_str!("../../assets/console/login.js")),
    ("service.js", include_str!("../../assets/console/service.js")),
    ("elements.js", include_str!("../../assets/console/elements.js")),
    ("overview.js", include_str!("../../assets/console/overview.js")),
    ("invite.js", include_str!("../../assets/console/invite.js")),
    ("connection.js", include_str!("../../assets/console/connection.js")),
];

#[derive(Template)]
#[template(path = "console.html")]
struct ConsolePage;

/// The page.
#[must_use]
pub fn console() -> Html {
    super::html(&ConsolePage)
}
