//! The org as the probe sees it: one call at a time, with the answer as it came.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode, redirect::Policy};
use serde_json::Value;
use url::Url;

use crate::credentials::Credentials;

/// For one call.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The newest version that the service uses, and the oldest that it can work with (facts/salesforce 0).
const VERSIONS: (u32, u32) = (66, 63);

/// An org and a session.
pub struct Org {
    client: Client,
    instance: Url,
    token: String,
    version: u32,
}

impl std::fmt::Debug for Org {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Org({} v{}.0)", self.instance, self.version)
    }
}

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its body; null if it is no JSON.
    pub body: Value,
    /// Where it redirects to.
    pub location: Option<Url>,
}

impl Reply {
    /// Whether the org did it.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status.is_success()
    }

    /// Status and Salesforce's error code, for the report. Never its message, which may quote what was sent.
    #[must_use]
    pub fn brief(&self) -> String {
        match self.body[0]["errorCode"].as_str() {
            Some(code) => format!("{} {}", self.status.as_u16(), code.chars().take(64).collect::<String>()),
            None => self.status.as_u16().to_string(),
        }
    }
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallFault {
    /// The org cannot be reached.
    #[error("the org cannot be reached ({0})")]
    Unreachable(String),
    /// It offers no version that the service can use.
    #[error("the org offers no API version from 63.0 on")]
    TooOld,
}

impl From<reqwest::Error> for CallFault {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url().to_string())
    }
}

impl Org {
    /// Opens an org with the version that the service would use.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn open(credentials: Credentials) -> Result<Self, CallFault> {
        let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build()?;
        let mut org = Self {
            client,
            instance: credentials.instance,
            token: credentials.token,
            version: VERSIONS.0,
        };
        let offered = org.send(Method::GET, "/services/data/", None).await?;
        let versions = offered.body.as_array().cloned().unwrap_or_default();
        let number = |entry: &Value| entry["version"].as_str()?.split('.').next()?.parse::<u32>().ok();
        let newest = versions.iter().filter_map(number).max().unwrap_or(0);
        org.version = newest.min(VERSIONS.0);
        if org.version < VERSIONS.1 {
            return Err(CallFault::TooOld);
        }
        Ok(org)
    }

    /// The version in use.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The org's host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.instance.host_str().unwrap_or_default()
    }

    /// A path below the versioned root.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        format!("/services/data/v{}.0/{below}", self.version)
    }

    /// GET below the versioned root.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn get(&self, below: &str) -> Result<Reply, CallFault> {
        self.send(Method::GET, &self.path(below), None).await
    }

    /// A query's rows; the refusal as it came.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn query(&self, tooling: bool, soql: &str) -> Result<Reply, CallFault> {
        let q: String = url::form_urlencoded::byte_serialize(soql.as_bytes()).collect();
        let api = if tooling { "tooling/query" } else { "query" };
        self.get(&format!("{api}/?q={q}")).await
    }

    /// Any call below the versioned root.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn call(&self, method: &str, below: &str, body: Option<&Value>) -> Result<Reply, CallFault> {
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        self.send(method, &self.path(below), body).await
    }

    /// GET of a whole address without the session, as a stranger's browser would make it.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn stranger(&self, url: Url) -> Result<Reply, CallFault> {
        read(self.client.get(url).send().await?).await
    }

    async fn send(&self, method: Method, path_and_query: &str, body: Option<&Value>) -> Result<Reply, CallFault> {
        let url = self
            .instance
            .join(path_and_query)
            .map_err(|error| CallFault::Unreachable(error.to_string()))?;
        let mut call = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            call = call.json(body);
        }
        read(call.send().await?).await
    }
}

async fn read(answer: reqwest::Response) -> Result<Reply, CallFault> {
    let status = answer.status();
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    let location = location.and_then(|text| answer.url().join(text).ok());
    let text = answer.text().await?;
    Ok(Reply {
        status,
        body: serde_json::from_str(&text).unwrap_or_default(),
        location,
    })
}
