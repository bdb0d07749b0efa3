//! Where a person logs in to Salesforce: production, sandbox, or the org's own My Domain host.
//!
//! People paste whatever is in their address bar. This room turns that into the login host of the same org, or says
//! in words what to type instead. It never calls the host: a wrong name shows itself as Salesforce's own error page.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::host::OrgUrl;
use crate::outbound::Permit;

/// The longest text that is looked at.
const LONGEST: usize = 1000;

/// A login host (facts/salesforce 10.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "url", rename_all = "snake_case")]
pub enum LoginHost {
    /// `login.salesforce.com`.
    Production,
    /// `test.salesforce.com`.
    Sandbox,
    /// The org's own host; the only way in where the org forbids the general ones.
    MyDomain(OrgUrl),
}

/// The general login hosts as configured: `CONNECTOR_SALESFORCE_LOGIN_URL`, `CONNECTOR_SALESFORCE_TEST_LOGIN_URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginHosts {
    /// Production.
    pub production: Url,
    /// Sandboxes.
    pub sandbox: Url,
}

impl LoginHosts {
    /// The origin behind a login host.
    #[must_use]
    pub fn base(&self, login: &LoginHost) -> Url {
        match login {
            LoginHost::Production => self.production.clone(),
            LoginHost::Sandbox => self.sandbox.clone(),
            LoginHost::MyDomain(url) => url.url().clone(),
        }
    }
}

/// Why what was typed leads to no login host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginFault {
    /// Nothing was typed.
    #[error("no address was given")]
    Empty,
    /// Not a name and not an address.
    #[error("the text is neither a my domain name nor an address")]
    Malformed,
    /// An address with a user name, a port or another scheme.
    #[error("the address has parts that a login address does not have")]
    ExtraParts,
    /// One of Salesforce's servers, but not an org's own name, such as `na139.salesforce.com`.
    #[error("the address is a salesforce server, not an org's own name")]
    Server,
    /// A page host such as `acme--c.vf.force.com`, from which the org's name cannot be told for certain.
    #[error("the address belongs to a page inside an org")]
    PageHost,
    /// A public site.
    #[error("the address belongs to a public site")]
    Site,
    /// Not one of Salesforce's.
    #[error("the address is not one of salesforce's")]
    NotSalesforce,
}

impl LoginFault {
    /// What the person can do, in a sentence.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Empty => "Type your org’s My Domain name, for example acme or acme.my.salesforce.com.",
            Self::Malformed | Self::ExtraParts => {
                "Copy the address from the browser’s address bar while you are in your org, or type only the My Domain name, for example acme."
            }
            Self::Server => {
                "This is one of Salesforce’s servers. Open Setup, search for My Domain, and copy the address shown under Current My Domain URL."
            }
            Self::PageHost => {
                "Open your org’s home page and copy its address from there; it ends in lightning.force.com or my.salesforce.com."
            }
            Self::Site => {
                "This is the address of a public site. Log in to the org itself and copy the address that ends in lightning.force.com or my.salesforce.com."
            }
            Self::NotSalesforce => {
                "This is not a Salesforce address. Open your org and copy the address that ends in lightning.force.com or my.salesforce.com."
            }
        }
    }
}

/// Hosts that show an org's pages, and the login domain of the same org.
const PAGES_TO_LOGIN: [(&str, &str); 5] = [
    (".my.salesforce.com", ".my.salesforce.com"),
    (".lightning.force.com", ".my.salesforce.com"),
    (".my.salesforce-setup.com", ".my.salesforce.com"),
    (".my.salesforce.mil", ".my.salesforce.mil"),
    (".lightning.crmforce.mil", ".my.salesforce.mil"),
];

/// Hosts of pages whose name carries more than the org's.
const PAGE_HOSTS: [&str; 5] = [
    ".vf.force.com",
    ".visualforce.com",
    ".file.force.com",
    ".documentforce.com",
    ".container.force.com",
];

impl LoginHost {
    /// Reads what a person typed or pasted: a bare My Domain name, a host, or any address inside the org.
    ///
    /// # Errors
    /// [`LoginFault`], with its remedy.
    pub fn typed(text: &str, permit: &Permit) -> Result<Self, LoginFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LoginFault::Empty);
        }
        if text.len() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(LoginFault::Malformed);
        }
        if is_label(text) {
            return Self::my_domain(&bare(text), permit);
        }
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let mut url = Url::parse(&full).map_err(|_| LoginFault::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LoginFault::ExtraParts);
        }
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        if permit.permits(&url) {
            return OrgUrl::parse(url.as_str(), permit)
                .map(Self::MyDomain)
                .map_err(|_| LoginFault::Malformed);
        }
        if !matches!(url.scheme(), "https" | "http") || url.port().is_some() {
            return Err(LoginFault::ExtraParts);
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(LoginFault::NotSalesforce);
        };
        Self::of_host(host.strip_suffix('.').unwrap_or(host), permit)
    }

    fn of_host(host: &str, permit: &Permit) -> Result<Self, LoginFault> {
        match host {
            "login.salesforce.com" => return Ok(Self::Production),
            "test.salesforce.com" => return Ok(Self::Sandbox),
            _ => {}
        }
        for (pages, login) in PAGES_TO_LOGIN {
            if let Some(name) = host.strip_suffix(pages) {
                return if name.split('.').all(is_label) {
                    Self::my_domain(&format!("{name}{login}"), permit)
                } else {
                    Err(LoginFault::Malformed)
                };
            }
        }
        let below = |suffixes: &[&str]| suffixes.iter().any(|suffix| host.ends_with(suffix));
        if below(&PAGE_HOSTS) {
            Err(LoginFault::PageHost)
        } else if below(&[".salesforce.com", ".salesforce.mil"]) || host == "salesforce.com" {
            Err(LoginFault::Server)
        } else if below(&[".my.site.com", ".force.com", ".salesforce-sites.com"]) {
            Err(LoginFault::Site)
        } else {
            Err(LoginFault::NotSalesforce)
        }
    }

    fn my_domain(host: &str, permit: &Permit) -> Result<Self, LoginFault> {
        OrgUrl::parse(&format!("https://{host}/"), permit)
            .map(Self::MyDomain)
            .map_err(|_| LoginFault::Malformed)
    }
}

/// The host of a bare My Domain name; `name--sandbox` is a sandbox's.
fn bare(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name.contains("--") {
        format!("{name}.sandbox.my.salesforce.com")
    } else {
        format!("{name}.my.salesforce.com")
    }
}

/// One label of a host name: letters, digits and inner hyphens, at most 63.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Result<&str, LoginFault>) {
        let hosts = LoginHosts {
            production: Url::parse("https://login.salesforce.com").unwrap(),
            sandbox: Url::parse("https://test.salesforce.com").unwrap(),
        };
        let login = LoginHost::typed(text, &Permit::default()).map(|login| hosts.base(&login).to_string());
        assert_eq!(login.as_deref().map_err(|fault| *fault), expect, "{text}");
    }

    #[test]
    fn what_people_type_leads_to_their_org() {
        let acme = Ok("https://acme.my.salesforce.com/");
        let sandbox = Ok("https://acme--uat.sandbox.my.salesforce.com/");
        check("acme", acme);
        check(" Acme ", acme);
        check("acme.my.salesforce.com", acme);
        check("https://acme.my.salesforce.com/secur/frontdoor.jsp?sid=x#y", acme);
        check("http://acme.my.salesforce.com", acme);
        check("https://acme.lightning.force.com/lightning/page/home", acme);
        check("acme.my.salesforce-setup.com/lightning/setup/SetupOneHome/home", acme);
        check("acme--uat", sandbox);
        check("https://ACME--UAT.sandbox.lightning.force.com/", sandbox);
        check(
            "acme-dev-ed.develop.lightning.force.com",
            Ok("https://acme-dev-ed.develop.my.salesforce.com/"),
        );
        check("acme.lightning.crmforce.mil", Ok("https://acme.my.salesforce.mil/"));
        check("login.salesforce.com", Ok("https://login.salesforce.com/"));
        check("https://test.salesforce.com/?un=me", Ok("https://test.salesforce.com/"));
    }

    #[test]
    fn the_rest_is_refused_with_a_remedy() {
        for (text, fault) in [
            ("", LoginFault::Empty),
            ("  ", LoginFault::Empty),
            ("my org", LoginFault::Malformed),
            ("-acme", LoginFault::NotSalesforce),
            ("https://", LoginFault::Malformed),
            ("acme\\.my.salesforce.com", LoginFault::Malformed),
            ("https://me:pw@acme.my.salesforce.com", LoginFault::ExtraParts),
            ("acme.my.salesforce.com@evil.example", LoginFault::ExtraParts),
            ("acme.my.salesforce.com:8443", LoginFault::ExtraParts),
            ("ftp://acme.my.salesforce.com", LoginFault::ExtraParts),
            ("na139.salesforce.com", LoginFault::Server),
            ("www.salesforce.com", LoginFault::Server),
            ("salesforce.com", LoginFault::Server),
            ("acme--c.vf.force.com", LoginFault::PageHost),
            ("acme.my.site.com", LoginFault::Site),
            ("acme.secure.force.com", LoginFault::Site),
            ("acme.cloud.akeneo.com", LoginFault::NotSalesforce),
            ("acme.my.salesforce.com.evil.example", LoginFault::NotSalesforce),
            ("evilsalesforce.com", LoginFault::NotSalesforce),
            (".my.salesforce.com", LoginFault::Malformed),
            ("127.0.0.1", LoginFault::NotSalesforce),
            ("2130706433.", LoginFault::NotSalesforce),
            ("acme.my.s\u{430}lesforce.com", LoginFault::NotSalesforce),
        ] {
            check(text, Err(fault));
            assert!(fault.remedy().ends_with('.'));
        }
    }

    #[test]
    fn a_login_host_is_stored_and_read_back() {
        let login = LoginHost::typed("acme", &Permit::default()).unwrap();
        let text = serde_json::to_string(&login).unwrap();
        assert_eq!(text, r#"{"kind":"my_domain","url":"https://acme.my.salesforce.com/"}"#);
        assert_eq!(serde_json::from_str::<LoginHost>(&text).unwrap(), login);
        assert_eq!(
            serde_json::from_str::<LoginHost>(r#"{"kind":"sandbox"}"#).unwrap(),
            LoginHost::Sandbox
        );
    }

    proptest! {
        #[test]
        fn a_login_host_is_always_an_orgs_own(text in "(https?://)?[a-zA-Z0-9.@:/?#-]{0,20}(\\.my\\.salesforce\\.com|\\.lightning\\.force\\.com)?[a-z0-9.@:/?#-]{0,12}") {
            if let Ok(LoginHost::MyDomain(url)) = LoginHost::typed(&text, &Permit::none()) {
                let host = url.host();
                prop_assert!(host.ends_with(".my.salesforce.com") || host.ends_with(".my.salesforce.mil"), "{}", host);
                prop_assert_eq!(url.url().path(), "/");
            }
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,60}") {
            let _ = LoginHost::typed(&text, &Permit::none());
        }
    }
}
