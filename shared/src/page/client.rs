//! "Use your own External Client App": the exact instructions, and the form for its key and secret (facts/salesforce 10.3).

use askama::Template;

use super::view::FieldView;
use crate::connection::CustomerClient;
use crate::salesforce::oauth::AuthorizeRequest;
use crate::web::Html;

/// What the page shows. The Consumer Secret is never among it.
#[derive(Debug, Clone, Default)]
pub struct ClientView<'a> {
    /// The customer, for the heading.
    pub customer: &'a str,
    /// The token of the session's forms.
    pub csrf: &'a str,
    /// The callback that the app needs.
    pub callback_url: String,
    /// The app that is in use, if it is the customer's own.
    pub present: Option<&'a CustomerClient>,
    /// The Consumer Key, as typed.
    pub client_id: FieldView,
    /// What is wrong with the Consumer Secret; the secret itself never comes back.
    pub secret_fault: Option<String>,
    /// The My Domain address, as typed.
    pub my_domain: FieldView,
}

#[derive(Template)]
#[template(path = "client.html")]
struct ClientPage<'a> {
    view: &'a ClientView<'a>,
    scopes: Vec<&'static str>,
}

/// The page `GET /setup/org/client`.
#[must_use]
pub fn client(view: &ClientView<'_>) -> Html {
    let scopes = AuthorizeRequest::SCOPE.split(' ').map(in_setup).collect();
    super::html(&ClientPage { view, scopes })
}

/// A scope in the words of Salesforce's Setup.
fn in_setup(scope: &'static str) -> &'static str {
    match scope {
        "api" => "Manage user data via APIs (api)",
        "refresh_token" => "Perform requests at any time (refresh_token, offline_access)",
        other => other,
    }
}
