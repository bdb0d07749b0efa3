//! Which hosts belong to Salesforce: the gate in front of every URL that we call or send a browser to.
//!
//! Tokens and codes go only where an [`OrgUrl`] points, and one can only be made here. The list of suffixes is
//! facts/salesforce 10.1; origins named exactly in `CONNECTOR_OUTBOUND_PERMIT` pass as well, for tests. What people
//! type is `login`'s business; this room reads what Salesforce answered.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use url::{Host, Url};

use crate::outbound::Permit;

/// The domains that Salesforce owns (facts/salesforce 10.1).
const SUFFIXES: [&str; 3] = [".salesforce.com", ".force.com", ".salesforce.mil"];

/// The longest URL that is read; one-time authorization URLs are long.
const LONGEST: usize = 4096;

/// Why a URL is not taken for one of Salesforce's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostFault {
    /// Not a URL with a host, too long, or with characters that have no place in one.
    #[error("the address is not a usable URL")]
    Malformed,
    /// Another scheme than https.
    #[error("the address does not start with https")]
    NotHttps,
    /// Holds a user name, a password, a port or a fragment.
    #[error("the address has parts that an org's address does not have")]
    ExtraParts,
    /// The host is not one of Salesforce's.
    #[error("the address is not one of salesforce's")]
    NotSalesforce,
}

/// A URL on a host that Salesforce owns: an org's `instance_url`, a provider's `callbackUrl`, an `authenticationUrl`.
///
/// `Debug` leaves the query out, which may hold one-time values. Reading one back from a store checks its shape
/// only; [`OrgUrl::is_allowed`] is asked again before a token is sent to it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct OrgUrl(Url);

impl OrgUrl {
    /// Reads a URL that Salesforce answered (facts/salesforce 10.1).
    ///
    /// # Errors
    /// [`HostFault`].
    pub fn parse(text: &str, permit: &Permit) -> Result<Self, HostFault> {
        let url = shaped(text)?;
        if permit.permits(&url) {
            return Ok(Self(url));
        }
        if url.scheme() != "https" {
            return Err(HostFault::NotHttps);
        }
        if url.port().is_some() {
            return Err(HostFault::ExtraParts);
        }
        if belongs_to_salesforce(&url) {
            Ok(Self(url))
        } else {
            Err(HostFault::NotSalesforce)
        }
    }

    /// Whether the host is (still) one that may be called: Salesforce's own, or named by the permit.
    #[must_use]
    pub fn is_allowed(&self, permit: &Permit) -> bool {
        Self::parse(self.0.as_str(), permit).is_ok()
    }

    /// The URL without path and query.
    #[must_use]
    pub fn origin(&self) -> Self {
        let mut url = self.0.clone();
        url.set_path("/");
        url.set_query(None);
        Self(url)
    }

    /// The host's name.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether the host is a sandbox's by its name: `acme--uat.sandbox.my.salesforce.com` (facts/salesforce 10.1).
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.host().split('.').nth(1) == Some("sandbox")
    }

    /// The URL itself.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether both have the same scheme, host and port.
    #[must_use]
    pub fn same_origin(&self, other: &Url) -> bool {
        self.0.origin() == other.origin()
    }
}

impl fmt::Debug for OrgUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrgUrl({}{})", self.host(), self.0.path())
    }
}

impl<'de> Deserialize<'de> for OrgUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        shaped(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// What every such URL looks like, whoever owns the host.
fn shaped(text: &str) -> Result<Url, HostFault> {
    // The URL parser drops tabs and line breaks and reads `\` as `/`; nothing honest contains them.
    if text.len() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(HostFault::Malformed);
    }
    let url = Url::parse(text).map_err(|_| HostFault::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(HostFault::ExtraParts);
    }
    match url.scheme() {
        "https" | "http" if url.has_host() => Ok(url),
        "https" | "http" => Err(HostFault::Malformed),
        _ => Err(HostFault::NotHttps),
    }
}

/// Whether the host lies below one of Salesforce's domains, at a dot. A trailing dot, an IP literal and a name that
/// only looks alike (IDN arrives as `xn--`) do not.
fn belongs_to_salesforce(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    SUFFIXES.iter().any(|suffix| {
        host.strip_suffix(suffix)
            .is_some_and(|name| !name.is_empty() && name.split('.').all(|label| !label.is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sandbox_shows_in_the_second_label() {
        let of = |host: &str| {
            OrgUrl::parse(&format!("https://{host}/"), &Permit::default())
                .unwrap()
                .is_sandbox()
        };
        assert!(of("acme--uat.sandbox.my.salesforce.com") && of("acme--uat.sandbox.lightning.force.com"));
        assert!(!of("sandbox.my.salesforce.com") && !of("acme.my.salesforce.com") && !of("test.salesforce.com"));
    }

    #[test]
    fn salesforces_own_hosts_pass() {
        let permit = Permit::default();
        for text in [
            "https://acme.my.salesforce.com",
            "https://ACME--uat.sandbox.my.salesforce.com/services/authcallback/Akeneo",
            "https://acme.lightning.force.com/",
            "https://acme.my.salesforce.mil/",
            "https://login.salesforce.com:443/id/x",
        ] {
            assert!(OrgUrl::parse(text, &permit).is_ok(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let permit = Permit::default();
        for (text, expect) in [
            ("https://salesforce.com.evil.example/", HostFault::NotSalesforce),
            ("https://acme.my.salesforce.com.evil.example/", HostFault::NotSalesforce),
            ("https://evilsalesforce.com/", HostFault::NotSalesforce),
            ("https://acme.evilsalesforce.com/", HostFault::NotSalesforce),
            ("https://evil-force.com/", HostFault::NotSalesforce),
            ("https://salesforce.com/", HostFault::NotSalesforce),
            ("https://.salesforce.com/", HostFault::NotSalesforce),
            ("https://a..salesforce.com/", HostFault::NotSalesforce),
            ("https://acme.my.salesforce.com./", HostFault::NotSalesforce),
            ("https://evil.example/?x=.salesforce.com", HostFault::NotSalesforce),
            ("https://evil.example/.salesforce.com", HostFault::NotSalesforce),
            ("https://evil.example#.salesforce.com", HostFault::ExtraParts),
            ("https://acme.my.salesforce.com@evil.example/", HostFault::ExtraParts),
            ("https://user:pw@acme.my.salesforce.com/", HostFault::ExtraParts),
            ("https://acme.my.salesforce.com:8443/", HostFault::ExtraParts),
            ("https://acme.my.s\u{430}lesforce.com/", HostFault::NotSalesforce),
            ("https://evil.example\\.salesforce.com/", HostFault::Malformed),
            ("https://evil.example\t.salesforce.com/", HostFault::Malformed),
            (" https://acme.my.salesforce.com/", HostFault::Malformed),
            ("https://127.0.0.1/", HostFault::NotSalesforce),
            ("https://[::1]/", HostFault::NotSalesforce),
            ("https://2130706433/", HostFault::NotSalesforce),
            ("http://acme.my.salesforce.com/", HostFault::NotHttps),
            ("javascript:alert(1)//.salesforce.com", HostFault::NotHttps),
            ("//acme.my.salesforce.com/", HostFault::Malformed),
            ("", HostFault::Malformed),
        ] {
            assert_eq!(OrgUrl::parse(text, &permit), Err(expect), "{text}");
        }
        let long = format!("https://acme.my.salesforce.com/{}", "a".repeat(LONGEST));
        assert_eq!(OrgUrl::parse(&long, &permit), Err(HostFault::Malformed));
    }

    #[test]
    fn a_stored_url_is_checked_again_before_use() {
        let stored: OrgUrl = serde_json::from_str("\"https://evil.example/\"").unwrap();
        assert!(!stored.is_allowed(&Permit::default()));
        assert!(serde_json::from_str::<OrgUrl>("\"https://a@evil.example/\"").is_err());
    }

    #[test]
    fn debug_leaves_the_query_out() {
        let url = OrgUrl::parse("https://acme.my.salesforce.com/x?once=1", &Permit::default()).unwrap();
        assert_eq!(
            format!("{url:?} {:?}", url.origin()),
            "OrgUrl(acme.my.salesforce.com/x) OrgUrl(acme.my.salesforce.com/)"
        );
    }

    proptest! {
        #[test]
        fn whatever_passes_is_https_below_a_domain_of_salesforces(text in "(https?://)?[a-z0-9.@:/\\\\#?%-]{0,20}(salesforce|force)\\.(com|mil)[a-z0-9.@:/\\\\#?%-]{0,12}") {
            if let Ok(url) = OrgUrl::parse(&text, &Permit::none()) {
                let url = url.url();
                let host = url.host_str().unwrap();
                prop_assert!(url.scheme() == "https" && url.port().is_none() && url.username().is_empty());
                prop_assert!(SUFFIXES.iter().any(|suffix| host.ends_with(suffix) && host.len() > suffix.len()), "{}", host);
            }
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,60}") {
            let _ = OrgUrl::parse(&text, &Permit::none());
            let _ = OrgUrl::parse(&format!("https://{text}.salesforce.com"), &Permit::none());
        }
    }
}
