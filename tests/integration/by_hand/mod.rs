//! What people do by hand: entering in Salesforce what the org refuses to take from us, setting everything up without access for
//! us, and choosing the users that run transfers.

mod alone;
mod older_alone;
mod older_refused;
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

impl Attended {
    /// Says on the setup page whether the org is set up by hand.
    async fn choose_by_hand(&mut self, choice: &str) {
        let page = self.walk.journey().await.unwrap();
        let form = page.form_to("/setup/by-hand").unwrap().with("choice", choice);
        self.walk.browser.submit(form).await.unwrap();
    }

    /// Posts to the page as one of its forms does.
    async fn say(&mut self, fields: &[(&str, &str)]) -> http::StatusCode {
        let form = self.manual().await.form_to(MANUAL).unwrap();
        let form = fields.iter().fold(form, |form, (name, value)| form.with(name, *value));
        self.walk.browser.submit(form).await.unwrap().status
    }

    /// Presses the button of one task that is to do.
    async fn tick(&mut self, task: &str) {
        let page = self.manual().await;
        let (_, state) = states(&page).into_iter().find(|(id, _)| id == task).unwrap();
        assert_eq!(state, "To do", "{task}");
        self.say(&[("action", "tick"), ("task", task)]).await;
    }

    /// Pastes the Callback URL of the org's provider.
    async fn paste(&mut self, callback: &str) -> http::StatusCode {
        self.say(&[("action", "callback"), ("callback", callback)]).await
    }

    /// Presses a button of the page.
    async fn press(&mut self, button: &str) {
        let form = self.manual().await.form(button).unwrap();
        self.walk.browser.submit(form).await.unwrap();
    }

    /// A person presses a button in Setup that starts the org's own authorization.
    async fn authenticate(&mut self, button: &str) {
        let org = self.stack.org.url().clone();
        self.walk.authenticate(&org, button).await.unwrap();
    }

    /// A person makes the Auth. Provider of Part D with the values that the page shows, and the Client Secret that they have.
    fn make_provider(&self, page: &Page) {
        let value = |id: &str| shown(page, id).unwrap_or_else(|| panic!("{id}: {}", page.text()));
        self.act(&Action::MakeAuthProvider {
            name: value("provider-name"),
            client_id: value("client-id"),
            client_secret: self.app.clone().unwrap().1,
            authorize_endpoint: value("authorize-endpoint"),
            token_endpoint: value("token-endpoint"),
            base_endpoint: value("base-endpoint"),
            scopes: value("authentication-scopes"),
        });
    }

    /// A person makes the classic Named Credential of Part D with the values that the page shows, or edits it.
    fn make_credential(&self, page: &Page) {
        let value = |id: &str| shown(page, id).unwrap_or_else(|| panic!("{id}: {}", page.text()));
        self.act(&Action::MakeClassicCredential {
            name: value("credential-name"),
            url: value("named-credential-url"),
            scope: value("scope"),
        });
    }
}

/// The button with which a person starts the authorization of Part D.
const START_ON_SAVE: &str = "Save Akeneo with Start Authentication Flow on Save";

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
