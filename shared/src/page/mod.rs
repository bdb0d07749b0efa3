//! The pages that people see: the landing page behind a link, the task list that becomes the status page, and messages.
//!
//! They work without JavaScript and on a phone, in plain words, and have no dead ends: each says whose turn it is and what
//! to do. Everything is rendered from plain values by templates that escape; nothing here reads a store, calls anybody or
//! knows a secret. Style sheet and script are files of their own because the content security policy forbids any inline.

mod akeneo_step;
mod client;
mod console;
mod hand_off;
mod instant;
mod journey;
mod landing;
mod letter;
mod manual;
mod message;
mod next;
mod org_steps;
mod progress;
mod salesforce_step;
mod self_callout;
mod status;
mod step;
#[cfg(test)]
mod tests;
mod trip;
mod trouble;
mod users;
mod view;

use askama::Template;

use crate::web::Html;

pub use client::{ClientView, client};
pub use console::{CONSOLE_SCRIPTS, CONSOLE_STYLE, console};
pub use journey::journey;
pub use landing::landing;
pub use letter::{Letter, letters};
pub use manual::manual;
pub use message::message;
pub use progress::progress;
pub use self_callout::{SelfView, self_callout};
pub use users::users;
pub use view::{
    AkeneoForm, Button, FieldView, HandOffLink, Journey, Landing, ManualView, Message, Notice, NoticeKind, PairView,
    SalesforceForm, UsersView,
};

/// The style sheet, served at `/setup/assets/page.css`.
pub const STYLE: &str = include_str!("../../assets/page.css");
/// The script, served at `/setup/assets/page.js`. Every page works without it.
pub const SCRIPT: &str = include_str!("../../assets/page.js");

/// The icon on the browser's tab, served at `/setup/assets/icon.svg`.
pub const ICON: &str = include_str!("../../assets/icon.svg");

/// Renders a template. Writing into a string cannot fail; if a template ever does, the page says how to go on.
fn html(template: &impl Template) -> Html {
    Html(template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "page.render");
        FALLBACK.to_owned()
    }))
}

const FALLBACK: &str = "<!doctype html><html lang=\"en\"><head><title>Connector Setup</title></head><body><main>\
     <h1>This page could not be shown</h1><p>Load it again. If that does not help, tell your Akeneo contact.</p>\
     </main></body></html>";
