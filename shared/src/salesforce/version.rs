//! Which API version an org is spoken to in.
//!
//! Custom request parameters of an identity provider exist in Connect since 63.0; below that the packaged records cannot
//! be wired. We use the newest version that we know, or the org's newest if that is older (facts/salesforce 0).

use std::fmt;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::api::{ApiError, refusal};
use super::host::OrgUrl;
use crate::clock::Deadline;
use crate::outbound::{Call, CallError, Outbound};

/// An API version, such as `v66.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiVersion(u16);

impl ApiVersion {
    /// The oldest version that can wire the packaged records (facts/salesforce 0).
    pub const OLDEST: Self = Self(63);
    /// The newest version that this client was written for (facts/salesforce 0).
    pub const NEWEST: Self = Self(66);

    /// `64` for `v64.0`.
    #[must_use]
    pub const fn new(major: u16) -> Self {
        Self(major)
    }

    /// `64.0`, as it stands in metadata.
    #[must_use]
    pub fn number(self) -> String {
        format!("{}.0", self.0)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.0", self.0)
    }
}

/// At most this long for one try: the first call to an org is one of the cheapest, and shows whether anybody is there. An org that was
/// asleep needs some of it.
const FIRST_CONTACT: Duration = Duration::from_secs(8);

/// Why no version could be agreed on.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The org's newest version is older than [`ApiVersion::OLDEST`].
    #[error("the org's newest api version {newest} is too old")]
    TooOld {
        /// What the org has.
        newest: ApiVersion,
    },
    /// The org did not say which versions it has.
    #[error("the org's api versions could not be read")]
    Api(#[from] ApiError),
}

#[derive(Deserialize)]
struct Supported {
    version: String,
}

/// Asks the org for its versions and chooses one (facts/salesforce 10.4). Needs no token.
///
/// # Errors
/// [`VersionError`].
pub async fn discover(outbound: &Outbound, instance: &OrgUrl, deadline: Deadline) -> Result<ApiVersion, VersionError> {
    if !instance.is_allowed(outbound.permit()) {
        return Err(ApiError::Transport(CallError::Forbidden).into());
    }
    let mut url = instance.origin().url().clone();
    url.set_path("/services/data/");
    let mut call = Call::new("salesforce.versions", Method::GET, url);
    call.timeout = FIRST_CONTACT;
    let answer = outbound.send(&call, deadline).await.map_err(ApiError::Transport)?;
    if !answer.status.is_success() {
        return Err(refusal(answer.status, &answer.body).into());
    }
    let supported: Vec<Supported> = answer.json().map_err(|_| ApiError::Malformed)?;
    choose(supported.iter().map(|entry| entry.version.as_str()))
}

fn choose<'a>(supported: impl Iterator<Item = &'a str>) -> Result<ApiVersion, VersionError> {
    let major = |text: &str| text.split('.').next()?.parse().ok().map(ApiVersion);
    let newest = supported.filter_map(major).max().ok_or(ApiError::Malformed)?;
    if newest < ApiVersion::OLDEST {
        Err(VersionError::TooOld { newest })
    } else {
        Ok(newest.min(ApiVersion::NEWEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    #[test]
    fn the_newest_that_both_know() {
        let check = |versions: &[&str], expect: &str| {
            let chosen =
                choose(versions.iter().copied()).map_or_else(|error| error.to_string(), |version| version.to_string());
            assert_eq!(chosen, expect, "{versions:?}");
        };
        check(&["31.0", "64.0", "63.0"], "v64.0");
        check(&["66.0", "67.0", "70.0"], "v66.0");
        check(&["9.0", "63.0"], "v63.0");
        check(&["61.0", "62.0"], "the org's newest api version v62.0 is too old");
        check(&["x", ""], "the org's api versions could not be read");
        check(&[], "the org's api versions could not be read");
    }

    #[tokio::test]
    async fn the_org_is_asked_without_a_token() {
        let org = ScriptedOrg::start(vec![Reply::json(
            200,
            r#"[{"label":"Winter '26","url":"/services/data/v65.0","version":"65.0"},{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"}]"#,
        )]);
        let version = discover(&org.outbound(), &org.instance(), org.deadline())
            .await
            .unwrap();
        assert_eq!(version, ApiVersion::NEWEST);
        let seen = org.seen();
        assert_eq!(seen[0].line, "GET /services/data/");
        assert!(!seen[0].head.to_ascii_lowercase().contains("authorization"));
    }

    #[tokio::test]
    async fn a_host_outside_salesforce_is_not_called() {
        let stored: OrgUrl = serde_json::from_str("\"https://evil.example.com/\"").unwrap();
        let outbound = Outbound::new(crate::outbound::Permit::none()).unwrap();
        let error = discover(&outbound, &stored, Deadline::after(std::time::Duration::from_secs(5)))
            .await
            .unwrap_err();
        assert!(matches!(
            error,
            VersionError::Api(ApiError::Transport(CallError::Forbidden))
        ));
    }
}
