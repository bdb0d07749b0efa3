//! One org with one access token.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::super::capability::Capabilities;
use super::super::host::OrgUrl;
use super::super::version::ApiVersion;
use super::{ApiError, ApiUsage, Resource, refusal};
use crate::clock::Deadline;
use crate::outbound::{Answer, Body, Call, CallError, Outbound, Retry};
use crate::secret::{AccessToken, Sensitive};

/// At most this long for one try; a Tooling PATCH of metadata can take its time.
const TRY: Duration = Duration::from_secs(20);

/// An org as one user sees it. Cheap to clone. `Debug` shows the host and the version.
#[derive(Clone)]
pub struct Org {
    outbound: Outbound,
    instance: OrgUrl,
    token: AccessToken,
    version: ApiVersion,
    deadline: Deadline,
    usage: Arc<Mutex<Option<ApiUsage>>>,
    capabilities: Capabilities,
}

impl Org {
    /// An org at its `instance_url`, with everything done before the deadline.
    #[must_use]
    pub fn new(
        outbound: &Outbound,
        instance: OrgUrl,
        token: AccessToken,
        version: ApiVersion,
        deadline: Deadline,
    ) -> Self {
        Self {
            outbound: outbound.clone(),
            instance,
            token,
            version,
            deadline,
            usage: Arc::default(),
            capabilities: Capabilities::default(),
        }
    }

    /// The same org, with what is known about its ways.
    #[must_use]
    pub fn knowing(self, capabilities: Capabilities) -> Self {
        Self { capabilities, ..self }
    }

    /// What is known about its ways.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Where the org's APIs are.
    #[must_use]
    pub fn instance(&self) -> &OrgUrl {
        &self.instance
    }

    /// The way out, for checking URLs against its permit.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The same org with another deadline.
    #[must_use]
    pub fn until(&self, deadline: Deadline) -> Self {
        Self {
            deadline,
            ..self.clone()
        }
    }

    /// The version of its APIs that is spoken.
    #[must_use]
    pub fn version(&self) -> ApiVersion {
        self.version
    }

    /// By when everything has to be done.
    #[must_use]
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// What the last answer said about the daily quota (facts/salesforce 12.4).
    #[must_use]
    pub fn usage(&self) -> Option<ApiUsage> {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn get<T: DeserializeOwned>(&self, name: &'static str, resource: &Resource) -> Result<T, ApiError> {
        self.get_at(name, resource.url(&self.instance, self.version)).await
    }

    /// [`Org::get`] by URL, which must lie in this org.
    pub(super) async fn get_at<T: DeserializeOwned>(&self, name: &'static str, url: Url) -> Result<T, ApiError> {
        let answer = self.send(Call::new(name, Method::GET, url)).await?;
        answer.json().map_err(|_| ApiError::Malformed)
    }

    /// Creates something. Never repeated unless the org said that nothing was done: the caller looks first whether it exists
    /// (facts/salesforce 12.6).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn post<T: DeserializeOwned>(
        &self,
        name: &'static str,
        resource: &Resource,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        let answer = self
            .send(self.with_body(name, Method::POST, resource, body, Retry::Never)?)
            .await?;
        answer.json().map_err(|_| ApiError::Malformed)
    }

    /// [`Org::post`] with a body that is no JSON. Repeated only after a lock, like that.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn upload<T: DeserializeOwned>(
        &self,
        name: &'static str,
        resource: &Resource,
        content_type: &str,
        bytes: Bytes,
    ) -> Result<T, ApiError> {
        let mut call = Call::new(name, Method::POST, resource.url(&self.instance, self.version));
        call.body = Body::Raw {
            content_type: content_type.to_owned(),
            bytes,
        };
        self.send(call).await?.json().map_err(|_| ApiError::Malformed)
    }

    /// Asks a question that is put as a POST and changes nothing, so that it may be repeated (facts/salesforce 1.2, "retrieves").
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn ask<T: DeserializeOwned>(
        &self,
        name: &'static str,
        resource: &Resource,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        let answer = self
            .send(self.with_body(name, Method::POST, resource, body, Retry::Idempotent)?)
            .await?;
        answer.json().map_err(|_| ApiError::Malformed)
    }

    /// [`Org::post`] where the answer does not matter.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn create(&self, name: &'static str, resource: &Resource, body: &impl Serialize) -> Result<(), ApiError> {
        self.send(self.with_body(name, Method::POST, resource, body, Retry::Never)?)
            .await
            .map(drop)
    }

    /// Replaces the whole state of something (facts/salesforce 0, decision 4).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn put(&self, name: &'static str, resource: &Resource, body: &impl Serialize) -> Result<(), ApiError> {
        self.send(self.with_body(name, Method::PUT, resource, body, Retry::Idempotent)?)
            .await
            .map(drop)
    }

    /// Replaces the whole state of a Tooling row or fields of a data row. Any success counts: 204, or 200 with `{}` (facts/salesforce 1.3).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn patch(&self, name: &'static str, resource: &Resource, body: &impl Serialize) -> Result<(), ApiError> {
        self.send(self.with_body(name, Method::PATCH, resource, body, Retry::Idempotent)?)
            .await
            .map(drop)
    }

    /// Deletes something. After a lost answer the repetition finds nothing, so the caller takes [`ApiError::NotFound`] for done.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn delete(&self, name: &'static str, resource: &Resource) -> Result<(), ApiError> {
        let mut call = Call::new(name, Method::DELETE, resource.url(&self.instance, self.version));
        call.retry = Retry::Idempotent;
        self.send(call).await.map(drop)
    }

    fn with_body(
        &self,
        name: &'static str,
        method: Method,
        resource: &Resource,
        body: &impl Serialize,
        retry: Retry,
    ) -> Result<Call, ApiError> {
        let mut call = Call::new(name, method, resource.url(&self.instance, self.version));
        call.body = Body::Json(serde_json::to_value(body).map_err(|_| ApiError::Malformed)?);
        call.retry = retry;
        Ok(call)
    }

    /// Sends a call with the token, and again after a lock or, where that is harmless, after a refusal for now that the
    /// layer below does not know (420, concurrent requests).
    async fn send(&self, mut call: Call) -> Result<Answer, ApiError> {
        // The URL was made from `instance`, which may have come out of a store: the token goes to Salesforce only.
        if !self.instance.is_allowed(self.outbound.permit()) || !self.instance.same_origin(&call.url) {
            return Err(ApiError::Transport(CallError::Forbidden));
        }
        call.headers.insert(header::AUTHORIZATION, self.bearer()?);
        call.headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        call.timeout = TRY;
        let pauses = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(400))
            .with_max_times(4)
            .with_jitter();
        let mut pauses = pauses.build();
        loop {
            let error = match self.once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(Setback::Final(error)) => return Err(error),
                Err(Setback::Passing(error)) => error,
            };
            match pauses.next().filter(|pause| *pause < self.deadline.remaining()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    async fn once(&self, call: &Call) -> Result<Answer, Setback> {
        let sent = self.outbound.send(call, self.deadline).await;
        let answer = sent.map_err(|fault| Setback::Final(ApiError::Transport(fault)))?;
        if let Some(usage) = ApiUsage::read(&answer.headers) {
            *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = Some(usage);
        }
        if answer.status.is_success() {
            return Ok(answer);
        }
        let error = refusal(answer.status, &answer.body);
        // 5xx and 429 were repeated below already.
        let worth_it = match error {
            ApiError::RowLocked => true,
            ApiError::Unavailable => {
                call.retry == Retry::Idempotent && matches!(answer.status.as_u16(), 400 | 403 | 420)
            }
            _ => false,
        };
        Err(if worth_it {
            Setback::Passing(error)
        } else {
            Setback::Final(error)
        })
    }

    fn bearer(&self) -> Result<HeaderValue, ApiError> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.token.expose())).map_err(|_| ApiError::SessionInvalid)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// What can stop one try.
enum Setback {
    Passing(ApiError),
    Final(ApiError),
}

impl fmt::Debug for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Org({} {})", self.instance.host(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    const LOCKED: &str =
        r#"[{"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record"}]"#;

    fn resource() -> Resource {
        Resource::data("X")
    }

    #[tokio::test]
    async fn the_token_and_json_are_sent_and_the_quota_is_noted() {
        let org = ScriptedOrg::start(vec![
            Reply::json(201, r#"{"id":"x"}"#).with_header("Sforce-Limit-Info", "api-usage=18/5000"),
        ]);
        let client = org.org();
        let answer: Value = client.post("test", &resource(), &json!({"a": 1})).await.unwrap();
        assert_eq!(answer["id"], "x");
        assert_eq!(client.usage(), Some(ApiUsage { used: 18, quota: 5000 }));
        let seen = org.seen();
        assert_eq!(seen[0].line, "POST /services/data/v66.0/sobjects/X");
        assert_eq!(seen[0].body, json!({"a": 1}));
        let head = seen[0].head.to_ascii_lowercase();
        assert!(
            head.contains("authorization: bearer 00dxx!token") && head.contains("content-type: application/json"),
            "{head}"
        );
        assert!(!format!("{client:?}").contains("token"));
    }

    #[tokio::test]
    async fn a_lock_is_waited_for_even_by_a_post() {
        let org = ScriptedOrg::start(vec![Reply::json(400, LOCKED), Reply::json(201, "{}")]);
        org.org().create("test", &resource(), &json!({})).await.unwrap();
        assert_eq!(org.seen().len(), 2);
    }

    #[tokio::test]
    async fn a_lock_that_stays_is_reported() {
        let org = ScriptedOrg::start(vec![Reply::json(400, LOCKED); 5]);
        let client = org.org().until(Deadline::after(Duration::from_secs(2)));
        assert!(matches!(
            client.delete("test", &resource()).await,
            Err(ApiError::RowLocked)
        ));
        assert!((2..5).contains(&org.seen().len()), "as often as the deadline allows");
    }

    #[tokio::test]
    async fn only_harmless_calls_are_repeated_when_the_org_is_busy() {
        let org = ScriptedOrg::start(vec![Reply::json(420, "[]"), Reply::empty(204)]);
        org.org().put("test", &resource(), &json!({})).await.unwrap();
        let org = ScriptedOrg::start(vec![Reply::json(420, "[]"), Reply::json(201, "{}")]);
        assert!(matches!(
            org.org().create("test", &resource(), &json!({})).await,
            Err(ApiError::Unavailable)
        ));
        assert_eq!(org.seen().len(), 1);
        let org = ScriptedOrg::start(vec![Reply::json(503, "<html>"), Reply::empty(204)]);
        org.org().patch("test", &resource(), &json!({})).await.unwrap();
    }

    #[tokio::test]
    async fn the_daily_limit_and_a_dead_session_are_final() {
        let limit = r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#;
        let org = ScriptedOrg::start(vec![Reply::json(403, limit)]);
        assert!(matches!(
            org.org().get::<Value>("test", &resource()).await,
            Err(ApiError::DailyLimit)
        ));
        let org = ScriptedOrg::start(vec![Reply::json(
            401,
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
        )]);
        assert!(matches!(
            org.org().get::<Value>("test", &resource()).await,
            Err(ApiError::SessionInvalid)
        ));
        let org = ScriptedOrg::start(vec![Reply::json(200, "null and void")]);
        assert!(matches!(
            org.org().get::<Value>("test", &resource()).await,
            Err(ApiError::Malformed)
        ));
    }
}
