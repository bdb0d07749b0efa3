//! A browser that the probe plays: cookies, one page at a time, never another host than Salesforce's.
//!
//! It has no scripts and sends no forms. It only finds out what an org answers to a browser that is sent there.

use url::Url;

use crate::org::{CallFault, Org, Reply};

/// The most redirects that are followed.
const HOPS: usize = 10;

/// Cookies of one person's browser, or of a stranger's who has none.
pub(crate) struct Browser<'a> {
    org: &'a Org,
    jar: Vec<Cookie>,
}

struct Cookie {
    host: String,
    /// Whether subdomains get it too.
    wide: bool,
    name: String,
    value: String,
    same_site: Option<String>,
}

impl Cookie {
    fn read(line: &str, url: &Url) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let attributes: Vec<(&str, &str)> = parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
        let attribute = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| (*value).to_owned())
        };
        let host = url.host_str()?.to_owned();
        let domain = attribute("domain").map(|domain| domain.trim_start_matches('.').to_ascii_lowercase());
        let domain = domain.filter(|domain| within(&host, domain));
        Some(Self {
            wide: domain.is_some(),
            host: domain.unwrap_or(host),
            name: name.to_owned(),
            value: value.to_owned(),
            same_site: attribute("samesite"),
        })
    }

    fn goes_to(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        host == self.host || (self.wide && within(host, &self.host))
    }
}

/// Whether a host is a domain or lies below it.
fn within(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'))
}

impl<'a> Browser<'a> {
    /// Without any cookie.
    pub(crate) fn stranger(org: &'a Org) -> Self {
        Self { org, jar: Vec::new() }
    }

    /// Opens a page of Salesforce's. Anything else is not opened and answers nothing.
    pub(crate) async fn open(&mut self, url: &Url) -> Result<Option<Reply>, CallFault> {
        if !self.org.owns(url) {
            return Ok(None);
        }
        let fitting = self.jar.iter().filter(|cookie| cookie.goes_to(url));
        let sent: Vec<String> = fitting
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let reply = self.org.visit(url.clone(), &sent.join("; ")).await?;
        for cookie in reply.cookies.iter().filter_map(|line| Cookie::read(line, url)) {
            self.jar
                .retain(|known| !(known.name == cookie.name && known.host == cookie.host));
            self.jar.push(cookie);
        }
        Ok(Some(reply))
    }

    /// Opens a page and goes where it redirects to, up to the address that `ends` tells, which is not opened.
    pub(crate) async fn follow(&mut self, url: &Url, ends: impl Fn(&Url) -> bool) -> Result<Option<Reply>, CallFault> {
        let mut reply = self.open(url).await?;
        for _ in 0..HOPS {
            let Some(next) = reply.as_ref().and_then(|reply| reply.location.clone()) else {
                return Ok(reply);
            };
            if ends(&next) {
                return Ok(reply);
            }
            match self.open(&next).await? {
                None => return Ok(reply),
                opened => reply = opened,
            }
        }
        Ok(reply)
    }

    /// Which cookies come along when another site sends the browser here: their names with what they say of `SameSite`.
    pub(crate) fn cookies(&self) -> String {
        let each = self.jar.iter().map(|cookie| {
            let same_site = cookie.same_site.as_deref().unwrap_or("unsaid");
            format!("{} ({same_site})", cookie.name.chars().take(40).collect::<String>())
        });
        let all: Vec<String> = each.collect();
        if all.is_empty() {
            "none".to_owned()
        } else {
            all.join(", ")
        }
    }

    /// The way of a relay: a cookie that only the own site sends is left at home.
    pub(crate) fn arrives_from_elsewhere(&mut self) {
        let strict = |cookie: &Cookie| {
            cookie
                .same_site
                .as_deref()
                .is_some_and(|value| value.eq_ignore_ascii_case("strict"))
        };
        self.jar.retain(|cookie| !strict(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_where_they_belong() {
        let check = |line: &str, to: &str, goes: bool| {
            let from = Url::parse("https://acme.my.salesforce.com/secur/frontdoor.jsp").unwrap();
            let cookie = Cookie::read(line, &from).unwrap();
            assert_eq!(cookie.goes_to(&Url::parse(to).unwrap()), goes, "{line} {to}");
        };
        check("sid=1; Path=/; HttpOnly", "https://acme.my.salesforce.com/x", true);
        check("sid=1", "https://evil.my.salesforce.com/", false);
        check(
            "BrowserId=1; domain=.salesforce.com",
            "https://other.salesforce.com/",
            true,
        );
        check(
            "BrowserId=1; domain=.salesforce.com",
            "https://evilsalesforce.com/",
            false,
        );
        check("x=1; Domain=force.com", "https://acme.force.com/", false);
        check("x=1; Domain=force.com", "https://acme.my.salesforce.com/", true);
    }
}
