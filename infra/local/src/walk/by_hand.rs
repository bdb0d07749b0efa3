//! What a person does beside the journey page: reads values to enter in Salesforce by hand, and chooses the users that run transfers.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use super::{Walk, WalkFault, path};
use crate::browser::Page;

/// The page for setting the org up by hand.
const MANUAL: &str = "/setup/org/manual";
/// The page of the users that run transfers.
const USERS: &str = "/setup/org/users";
/// The org's page of credentials in Setup.
const CREDENTIALS: &str = "/lightning/setup/NamedCredential/home";

impl Walk {
    /// The values to copy into Salesforce, by the ids of their fields.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn values_by_hand(&mut self) -> Result<BTreeMap<String, String>, WalkFault> {
        let page = self.browser.open(path(&self.service, MANUAL)).await?;
        let fields = page.attributes("input[readonly]", "id");
        let values = page.attributes("input[readonly]", "value");
        Ok(fields.into_iter().zip(values).collect())
    }

    /// A person at the org presses a button that starts the org's own authorization: out to the PIM, and back by the Custom App's callback.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn authenticate(&mut self, org: &Url, button: &str) -> Result<Page, WalkFault> {
        let mut page = self.browser.open(path(org, CREDENTIALS)).await?;
        if let Ok(login) = page.form("Log in") {
            page = self.browser.submit(login).await?;
        }
        let page = self.browser.submit(page.form(button)?).await?;
        let page = self.log_in_to_pim(page).await?;
        self.consent(page).await
    }

    /// Waits until the look that was asked for has been taken.
    ///
    /// # Errors
    /// [`WalkFault::Unexpected`] after a minute.
    pub async fn looked_at(&self, connection: &str) -> Result<(), WalkFault> {
        let taken = |shown: &Value| shown["wiring"]["requested_at"].is_null();
        self.wait_until(connection, "the look was not taken", taken)
            .await
            .map(drop)
    }

    /// Searches for users that run transfers and chooses whoever is found.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn choose_users(&mut self, text: &str) -> Result<Page, WalkFault> {
        let page = self.browser.open(path(&self.service, USERS)).await?;
        let found = self
            .browser
            .submit(page.form("Search in Salesforce")?.with("query", text))
            .await?;
        let boxes = found.attributes("input[type=checkbox]", "name");
        let ids = found.attributes("input[type=checkbox]", "value");
        let form = found.form("Add the chosen users")?;
        let form = boxes.iter().zip(ids).fold(form, |form, (name, id)| form.with(name, id));
        Ok(self.browser.submit(form).await?)
    }
}
