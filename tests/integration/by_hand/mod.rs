//! What people do by hand: entering in Salesforce what the org refuses to take from us, setting everything up without access for
//! us, and choosing the users that run transfers.

mod alone;
mod refused;
mod users;

use connector_local::browser::Page;
use salesforce_simulator::Action;
use url::Url;

use crate::attended::Attended;

/// Where the page is.
const MANUAL: &str = "/setup/org/manual";

impl Attended {
    fn at(&self, path: &str) -> Url {
        self.stack.url.join(path).unwrap()
    }

    /// The page for setting the org up by hand.
    async fn manual(&mut self) -> Page {
        let url = self.at(MANUAL);
        self.walk.browser.open(url).await.unwrap()
    }

    /// A person enters what the page shows: the values of the fields, and the Client Secret that they have.
    fn enter_all(&self, page: &Page) {
        let value = |id: &str| shown(page, id).unwrap_or_else(|| panic!("{id}: {}", page.text()));
        self.act(&Action::EditProvider {
            authorize_url: Some(value("authorize-url")),
            token_url: Some(value("token-url")),
        });
        for (row, field) in [
            ("code_identifier", "code-identifier"),
            ("code_challenge", "code-challenge"),
        ] {
            self.act(&Action::SetParameter {
                name: row.to_owned(),
                value: value(field),
            });
        }
        self.act(&Action::SetCredentials {
            client_id: value("client-id"),
            client_secret: self.app.clone().unwrap().1,
        });
        self.act(&Action::GrantAccess {
            username: "admin@acme.example".to_owned(),
        });
        self.act(&Action::EditUrl {
            url: value("named-credential-url"),
        });
    }
}

/// The value of a field to copy.
fn shown(page: &Page, id: &str) -> Option<String> {
    page.value(&format!("input[readonly]#{id}"))
}

/// The states of the tasks on the page, in order.
fn states(page: &Page) -> Vec<(String, String)> {
    let (tasks, states) = (
        page.attributes("ol.steps > li", "id"),
        page.texts("ol.steps > li .state"),
    );
    tasks.into_iter().zip(states).collect()
}

/// Ids of the tasks that are still to do.
fn open(page: &Page) -> Vec<String> {
    let left = states(page).into_iter().filter(|(_, state)| state == "To do");
    left.map(|(task, _)| task).collect()
}
