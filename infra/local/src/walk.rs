//! The whole journey as people walk it: one method for each thing that a person does, over real HTTP.
//!
//! It knows the service by its pages and by the operator API, the PIM and the org by theirs. Where a real browser would run a
//! script of the PIM's front end (the consent wizard), it makes the one call that the script makes (facts/akeneo 1.3).

mod by_hand;
mod watch;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::browser::{Browser, Page, Stuck};

/// A person's way through the journey.
#[derive(Debug)]
pub struct Walk {
    /// The person's browser.
    pub browser: Browser,
    service: Url,
    pim: Url,
    client: reqwest::Client,
}

/// Why the journey cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WalkFault {
    /// A page is not as expected.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// A request failed.
    #[error("a request failed: {0}")]
    Request(#[from] reqwest::Error),
    /// An answer is not as expected.
    #[error("{what}: {found}")]
    Unexpected {
        /// What was asked for.
        what: &'static str,
        /// What came.
        found: String,
    },
}

fn unexpected(what: &'static str, found: impl ToString) -> WalkFault {
    WalkFault::Unexpected {
        what,
        found: found.to_string(),
    }
}

fn path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}

impl Walk {
    /// A person with a fresh browser.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(service: &Url, pim: &Url) -> Result<Self, WalkFault> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(40))
            .build()?;
        Ok(Self {
            browser: Browser::new()?,
            service: service.clone(),
            pim: pim.clone(),
            client,
        })
    }

    /// Presses the button of the form on the journey page that leads here, as it is filled in.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn press(&mut self, form: &str) -> Result<Page, WalkFault> {
        self.press_on("/setup", form, &[]).await
    }

    /// Fills a form of one of the service's pages in and presses its button; goes on where that leads to Salesforce.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn press_on(&mut self, page: &str, form: &str, fields: &[(&str, &str)]) -> Result<Page, WalkFault> {
        let form = self.browser.open(path(&self.service, page)).await?.form_to(form)?;
        let form = fields.iter().fold(form, |form, (name, value)| form.with(name, *value));
        let page = self.browser.submit(form).await?;
        let elsewhere = [&self.service, &self.pim]
            .iter()
            .all(|own| own.origin() != page.url.origin());
        if elsewhere {
            self.at_salesforce(page, "Allow").await
        } else {
            Ok(page)
        }
    }

    /// Has the org looked at again.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn check_again(&mut self) -> Result<Page, WalkFault> {
        self.press("/setup/check").await
    }

    /// Opens the link and presses Start.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn start(&mut self, link: &Url) -> Result<Page, WalkFault> {
        let landing = self.browser.open(link.clone()).await?;
        let form = landing.form_to(link.path())?;
        Ok(self.browser.submit(form).await?)
    }

    /// Where the service is.
    #[must_use]
    pub fn service(&self) -> &Url {
        &self.service
    }

    /// The journey page.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn journey(&mut self) -> Result<Page, WalkFault> {
        Ok(self.browser.open(path(&self.service, "/setup")).await?)
    }

    /// Connects the org: chooses the kind of login, logs in, presses Allow (or Deny).
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn connect_salesforce(&mut self, org_kind: &str, decision: &str) -> Result<Page, WalkFault> {
        let form = self
            .journey()
            .await?
            .form_to("/setup/salesforce")?
            .with("org_kind", org_kind);
        let page = self.browser.submit(form).await?;
        self.at_salesforce(page, decision).await
    }

    /// Logs in if Salesforce asks for it, and answers its question.
    async fn at_salesforce(&mut self, mut page: Page, decision: &str) -> Result<Page, WalkFault> {
        if let Ok(login) = page.form("Log in") {
            page = self.browser.submit(login).await?;
        }
        match page.form(decision) {
            Ok(form) => Ok(self.browser.submit(form).await?),
            // An org that knows the app already asks nothing.
            Err(_) if page.url.origin() == self.service.origin() => Ok(page),
            Err(stuck) => Err(stuck.into()),
        }
    }

    /// Creates a Custom App in the PIM, with the URLs that the journey page shows. Returns its client id and secret.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn create_app(&mut self, connection: &str) -> Result<(String, String), WalkFault> {
        let page = self.journey().await?;
        let shown = |kind: &str| {
            let url = path(&self.service, &format!("/akeneo/{connection}/{kind}")).to_string();
            page.html
                .contains(&url)
                .then_some(url)
                .ok_or_else(|| page.lacks(&format!("the {kind} URL")))
        };
        let urls = (shown("activate")?, shown("callback")?);
        self.make_app(&urls.0, &urls.1).await
    }

    /// Creates a Custom App as the package's guide says: with the callback that Salesforce shows. Returns its client id and secret.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn create_app_of_salesforce(&mut self, org: &Url) -> Result<(String, String), WalkFault> {
        let state = self.simulator_state(org).await?;
        let callback = &state["external_auth_identity_providers"][0]["callback_url"];
        let callback = callback
            .as_str()
            .ok_or_else(|| unexpected("Salesforce's callback", callback))?;
        self.make_app(org.as_str(), callback).await
    }

    async fn make_app(&self, activate_url: &str, callback_url: &str) -> Result<(String, String), WalkFault> {
        let app = json!({ "name": "Salesforce", "activate_url": activate_url, "callback_url": callback_url });
        let answer = self
            .client
            .post(path(&self.pim, "/_simulator/custom-apps"))
            .json(&app)
            .send()
            .await?;
        let created: Value = answer.json().await?;
        match (created["client_id"].as_str(), created["client_secret"].as_str()) {
            (Some(id), Some(secret)) => Ok((id.to_owned(), secret.to_owned())),
            _ => Err(unexpected("a Custom App", created)),
        }
    }

    /// Enters the credentials and follows to the PIM. Ends at the PIM's consent wizard, back at the service, or at the form again.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn enter_akeneo(
        &mut self,
        base_url: &str,
        client_id: &str,
        client_secret: &str,
    ) -> Result<Page, WalkFault> {
        let form = self.journey().await?.form_to("/setup/akeneo")?;
        let form = form
            .with("base_url", base_url)
            .with("client_id", client_id)
            .with("client_secret", client_secret);
        let page = self.browser.submit(form).await?;
        self.log_in_to_pim(page).await
    }

    /// Presses "Authorize" with the credentials that are known.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn authorize_again(&mut self) -> Result<Page, WalkFault> {
        let form = self.journey().await?.form_to("/setup/akeneo/authorize")?;
        let page = self.browser.submit(form).await?;
        self.log_in_to_pim(page).await
    }

    /// Logs in if the PIM asks for it.
    async fn log_in_to_pim(&mut self, page: Page) -> Result<Page, WalkFault> {
        match page.form("Log in") {
            Ok(form) => Ok(self
                .browser
                .submit(form.with("_username", "admin").with("_password", "admin"))
                .await?),
            Err(_) => Ok(page),
        }
    }

    /// Presses Confirm in the consent wizard, if that is where the person is, and follows back to the service.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn consent(&mut self, page: Page) -> Result<Page, WalkFault> {
        match self.confirm(&page).await? {
            Some(back) => Ok(self.browser.open(back).await?),
            None => Ok(page),
        }
    }

    /// Presses Confirm and returns where the wizard leads, without going there.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn confirm(&mut self, page: &Page) -> Result<Option<Url>, WalkFault> {
        let wizard = page
            .url
            .fragment()
            .and_then(|fragment| fragment.strip_prefix("/connect/apps/authorize?"));
        let Some(query) = wizard.filter(|_| page.url.origin() == self.pim.origin()) else {
            return Ok(None);
        };
        let client_id = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "client_id");
        let Some((_, client_id)) = client_id else {
            return Err(unexpected("the consent wizard", query));
        };
        let url = path(&self.pim, &format!("/rest/apps/confirm-authorization/{client_id}"));
        let answer = self.browser.script(Method::POST, url).await?;
        let answer: Value =
            serde_json::from_str(&answer.html).map_err(|_| unexpected("the wizard's answer", &answer.html))?;
        let back = answer["redirectUrl"].as_str().and_then(|url| Url::parse(url).ok());
        back.map(Some)
            .ok_or_else(|| unexpected("the wizard's redirect", answer))
    }

    /// Lets the org authorize itself: one hop through org, PIM and our relay.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn authorize_principal(&mut self) -> Result<Page, WalkFault> {
        let form = self.journey().await?.form_to("/setup/principal")?;
        let mut page = self.browser.submit(form).await?;
        if page.url.origin() != self.pim.origin()
            && let Ok(login) = page.form("Log in")
        {
            page = self.browser.submit(login).await?;
        }
        let page = self.log_in_to_pim(page).await?;
        self.consent(page).await
    }
}
