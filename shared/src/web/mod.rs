//! What every HTTP function needs before and after its own work: requests read strictly, cookies, guards against forged
//! posts, and answers with their security headers. Built on the `http` crate's types; knows no framework and no Lambda.

mod cookies;
mod event;
mod form;
mod guard;
mod reply;
mod request;

pub use cookies::{Cookies, clear_session, set_browser, set_session};
pub use event::readable;
pub use form::{Form, FormFault};
pub use guard::{GuardFault, csrf_token, guard_origin, guard_session_post};
pub use reply::{Html, Reply, asset, console_page, csv, json, page, plain_status, see_other};
pub use request::Request;
