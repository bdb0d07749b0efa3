//! The principal's authorization: the one hop that needs a person's browser (facts/salesforce 4.4, 4.6, 14.2 rules k and l).
//!
//! `auth-url` makes a one-time address. Opening it, logged in to the org, leads to the PIM; the PIM leads back (directly or through a
//! relay) to the callback; the callback exchanges the code with the configured parameters and stores the token.

pub(crate) mod callback;
pub(crate) mod exchange;
pub(crate) mod start;

use std::collections::HashMap;

use axum::response::Html;
use serde::{Deserialize, Serialize};

use crate::browser::html::{escape, page};
use crate::clock::Millis;

/// Addresses that were handed out and trips that are under way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Hops {
    pub(crate) tickets: HashMap<String, Ticket>,
    pub(crate) trips: HashMap<String, Trip>,
    /// Trips of the legacy path.
    #[serde(default)]
    pub(crate) legacy: HashMap<String, crate::legacy::hop::Trip>,
    /// One-time addresses that open a user's session in a browser.
    #[serde(default)]
    pub(crate) doors: HashMap<String, String>,
}

/// A one-time authentication URL.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) principal: String,
    pub(crate) return_url: String,
    pub(crate) issued: Millis,
}

/// A browser that left for the PIM, by the `state` that it took along.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trip {
    pub(crate) principal: String,
    pub(crate) return_url: String,
    /// The login session that started; the callback wants the same.
    pub(crate) session: String,
}

/// Salesforce's page for a hop that failed.
pub(crate) fn error_page(problem: &str) -> Html<String> {
    let body = format!(
        "<h1>We can&#39;t log you in.</h1><p class=\"error\" role=\"alert\">{}</p>\
         <p>Contact your Salesforce admin for help.</p>",
        escape(problem)
    );
    page("Authentication Error", &body)
}
