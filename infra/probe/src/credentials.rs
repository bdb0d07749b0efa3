//! Where the org is and who asks: from the environment or from standard input, never from an argument that others can see.

use std::io::Read;

use connector::outbound::Permit;
use connector::salesforce::OrgUrl;
use serde::Deserialize;
use url::Url;

/// An org and a session in it. `Debug` shows the host only.
pub struct Credentials {
    /// Where the API is.
    pub instance: Url,
    /// The access token.
    pub token: String,
    /// Origins beside Salesforce's that may be called.
    pub(crate) permit: Permit,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.instance)
    }
}

/// What a classic Named Credential with a deployed token calls, and with which token. `Debug` shows the address only.
pub struct Target {
    /// Answers 2xx to a GET with the token, and 401 without.
    pub url: Url,
    /// The token.
    pub token: String,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.url)
    }
}

impl Target {
    /// The operator's own: a whole https address, or one of an origin that is permitted.
    ///
    /// # Errors
    /// [`CredentialsFault::NoTarget`].
    pub fn named(url: &str, token: &str, permit: &Permit) -> Result<Self, CredentialsFault> {
        let fault = || CredentialsFault::NoTarget(url.chars().take(100).collect());
        let parsed = Url::parse(url.trim()).map_err(|_| fault())?;
        let plain = parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none();
        if !plain || !(parsed.scheme() == "https" || permit.permits(&parsed)) {
            return Err(fault());
        }
        Ok(Self {
            url: parsed,
            token: token.trim().to_owned(),
        })
    }
}

/// Why there are no usable credentials.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFault {
    /// The variable is not set.
    #[error("the environment variable {0} is not set; it holds the access token")]
    NoToken(String),
    /// Neither an address nor a JSON document that has one.
    #[error("say where the org is: --instance-url, or pipe `sf org display --json` in with --sf-json")]
    NoInstance,
    /// Standard input is not what `sf org display --json` prints.
    #[error("standard input is not the JSON that `sf org display --json` prints")]
    NotSf,
    /// Not Salesforce's.
    #[error("{0} is not an address of a Salesforce org")]
    NotSalesforce(String),
    /// Not an address that a token may be sent to.
    #[error("{0} is no https address that a callout could be tried with")]
    NoTarget(String),
    /// Standard input cannot be read.
    #[error("standard input cannot be read")]
    Input(#[from] std::io::Error),
}

#[derive(Deserialize)]
struct Display {
    result: Shown,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    access_token: String,
    instance_url: String,
}

impl Credentials {
    /// Checked: a token goes to Salesforce's hosts only, or to origins that the caller permits (a simulator's).
    ///
    /// # Errors
    /// [`CredentialsFault::NotSalesforce`].
    pub fn new(instance: &str, token: &str, permit: &Permit) -> Result<Self, CredentialsFault> {
        let url = OrgUrl::parse(instance.trim(), permit)
            .map_err(|_| CredentialsFault::NotSalesforce(instance.trim().chars().take(100).collect()))?;
        Ok(Self {
            instance: url.origin().url().clone(),
            token: token.trim().to_owned(),
            permit: permit.clone(),
        })
    }

    /// From what `sf org display --json` prints.
    ///
    /// # Errors
    /// [`CredentialsFault`].
    pub fn of_sf(mut input: impl Read, permit: &Permit) -> Result<Self, CredentialsFault> {
        let mut text = String::new();
        input.read_to_string(&mut text)?;
        let shown: Display = serde_json::from_str(&text).map_err(|_| CredentialsFault::NotSf)?;
        Self::new(&shown.result.instance_url, &shown.result.access_token, permit)
    }

    /// A token alone from standard input.
    ///
    /// # Errors
    /// [`CredentialsFault`].
    pub fn token_of(mut input: impl Read) -> Result<String, CredentialsFault> {
        let mut text = String::new();
        input.read_to_string(&mut text)?;
        Ok(text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_display_of_the_salesforce_cli_is_understood() {
        let text = r#"{"status":0,"result":{"id":"00D","accessToken":"00D!AQ.x","instanceUrl":"https://acme--dev.sandbox.my.salesforce.com","username":"a@b.c"},"warnings":[]}"#;
        let found = Credentials::of_sf(text.as_bytes(), &Permit::none()).unwrap();
        assert_eq!(found.token, "00D!AQ.x");
        assert_eq!(found.instance.as_str(), "https://acme--dev.sandbox.my.salesforce.com/");
        assert!(!format!("{found:?}").contains("AQ.x"));
        assert!(matches!(
            Credentials::of_sf(&b"ERROR"[..], &Permit::none()),
            Err(CredentialsFault::NotSf)
        ));
    }

    #[test]
    fn a_target_is_a_whole_https_address() {
        let target = Target::named("https://api.example.com/me?x=1", " t ", &Permit::none()).unwrap();
        assert_eq!((target.url.path(), target.token.as_str()), ("/me", "t"));
        assert!(!format!("{target:?}").contains("t ") && !format!("{target:?}").contains("\"t\""));
        for url in [
            "http://api.example.com/",
            "https://a:b@api.example.com/",
            "api.example.com",
            "",
        ] {
            assert!(Target::named(url, "t", &Permit::none()).is_err(), "{url}");
        }
    }

    #[test]
    fn a_token_goes_to_salesforce_only() {
        for instance in ["https://evil.example", "http://acme.my.salesforce.com", "acme", ""] {
            let refused = Credentials::new(instance, "t", &Permit::none());
            assert!(matches!(refused, Err(CredentialsFault::NotSalesforce(_))), "{instance}");
        }
    }
}
