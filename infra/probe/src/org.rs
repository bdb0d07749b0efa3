//! The org as the probe sees it: one call at a time, with the answer as it came.

use std::time::Duration;

use connector::outbound::Permit;
use connector::salesforce::OrgUrl;
use connector::salesforce::deploy::{self, Component};
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use reqwest::{Client, Method, StatusCode, redirect::Policy};
use serde_json::Value;
use url::Url;

use crate::credentials::{Credentials, Target};

/// For one call.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The newest version that the service uses, and the oldest that it can work with (facts/salesforce 0).
const VERSIONS: (u16, u16) = (66, 63);

/// Where an access token is traded for a browser's session.
pub(crate) const SINGLE_ACCESS: &str = "/services/oauth2/singleaccess";

/// An org and a session.
pub struct Org {
    client: Client,
    instance: Url,
    token: String,
    permit: Permit,
    version: u16,
}

impl std::fmt::Debug for Org {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Org({} v{}.0)", self.instance, self.version)
    }
}

/// An answer of any status. `Debug` shows the status only: text, cookies and location may hold one-time values.
#[derive(Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its body; null if it is no JSON.
    pub body: Value,
    /// Its text, for what a browser would show.
    pub text: String,
    /// Where it redirects to.
    pub location: Option<Url>,
    /// Cookies that it sets, as they came.
    pub cookies: Vec<String>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({})", self.status.as_u16())
    }
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
            permit: credentials.permit,
            version: VERSIONS.0,
        };
        let offered = org.send(Method::GET, "/services/data/", None).await?;
        let versions = offered.body.as_array().cloned().unwrap_or_default();
        let number = |entry: &Value| entry["version"].as_str()?.split('.').next()?.parse::<u16>().ok();
        let newest = versions.iter().filter_map(number).max().unwrap_or(0);
        org.version = newest.min(VERSIONS.0);
        if org.version < VERSIONS.1 {
            return Err(CallFault::TooOld);
        }
        Ok(org)
    }

    /// The version in use.
    #[must_use]
    pub fn version(&self) -> u16 {
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

    /// A Tooling row's compound `Metadata`, without what is output only; none if it cannot be read.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn metadata(&self, row: &str) -> Result<Option<Value>, CallFault> {
        let mut reply = self.get(row).await?;
        let found = reply.is_ok().then(|| reply.body["Metadata"].take());
        Ok(found.filter(Value::is_object).map(|mut metadata| {
            if let Some(fields) = metadata.as_object_mut() {
                fields.remove("urls");
            }
            metadata
        }))
    }

    /// Sends a deploy of all these components or none. An org that cannot read the first part under the name that clients give it is
    /// asked with the guide's (facts/salesforce 11).
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn deploy(&self, components: &[Component]) -> Result<Reply, CallFault> {
        let url = self.at(&self.path("metadata/deployRequest"))?;
        let mut last = None;
        for part in ["entity_content", "json"] {
            let packed = deploy::form(part, components, self.version);
            let (kind, body) =
                packed.ok_or_else(|| CallFault::Unreachable("the deploy cannot be packed".to_owned()))?;
            let call = self.client.post(url.clone()).bearer_auth(&self.token);
            let reply = read(call.header(CONTENT_TYPE, kind).body(body).send().await?).await?;
            if reply.body[0]["errorCode"] != "POST_BODY_PARSE_ERROR" {
                return Ok(reply);
            }
            last = Some(reply);
        }
        last.ok_or_else(|| CallFault::Unreachable("no answer".to_owned()))
    }

    /// The address at which a browser gets a session of this user (facts/salesforce 4.4, "singleaccess"); the refusal as it came.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn single_access(&self, page: &str) -> Result<Result<Url, Reply>, CallFault> {
        let url = self.at(SINGLE_ACCESS)?;
        let call = self.client.post(url).bearer_auth(&self.token);
        let reply = read(call.form(&[("redirect_uri", page)]).send().await?).await?;
        let door = reply.body["frontdoor_uri"]
            .as_str()
            .and_then(|text| Url::parse(text).ok());
        Ok(door.filter(|door| reply.is_ok() && self.owns(door)).ok_or(reply))
    }

    /// Whether an address is Salesforce's, by the service's own rule: cookies go nowhere else.
    #[must_use]
    pub fn owns(&self, url: &Url) -> bool {
        OrgUrl::parse(url.as_str(), &self.permit).is_ok()
    }

    /// An address of this org.
    ///
    /// # Errors
    /// [`CallFault`] if the path is none.
    pub fn at(&self, path: &str) -> Result<Url, CallFault> {
        self.instance
            .join(path)
            .map_err(|error| CallFault::Unreachable(error.to_string()))
    }

    /// GET of a whole address as a browser makes it that another site has sent there, without the API session.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn visit(&self, url: Url, cookies: &str) -> Result<Reply, CallFault> {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "text/html,application/xhtml+xml"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let (Ok(value), false) = (cookies.parse(), cookies.is_empty()) {
            headers.insert(COOKIE, value);
        }
        read(self.client.get(url).headers(headers).send().await?).await
    }

    /// GET of the operator's own target with the operator's token, from here: whether the token is good for it at all.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn from_here(&self, target: &Target) -> Result<Reply, CallFault> {
        let call = self.client.get(target.url.clone()).bearer_auth(&target.token);
        read(call.send().await?).await
    }

    /// What a classic Named Credential is tried with if the operator names nothing else: this org's own API and this session.
    ///
    /// # Errors
    /// [`CallFault`].
    pub(crate) fn itself(&self) -> Result<Target, CallFault> {
        Ok(Target {
            url: self.at(&self.path("limits"))?,
            token: self.token.clone(),
        })
    }

    async fn send(&self, method: Method, path_and_query: &str, body: Option<&Value>) -> Result<Reply, CallFault> {
        let mut call = self
            .client
            .request(method, self.at(path_and_query)?)
            .bearer_auth(&self.token);
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
    let cookies = answer.headers().get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok().map(str::to_owned));
    let cookies = cookies.collect();
    let text = answer.text().await?;
    Ok(Reply {
        status,
        body: serde_json::from_str(&text).unwrap_or_default(),
        text,
        location,
        cookies,
    })
}
