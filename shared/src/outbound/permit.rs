//! The operator's list of exempt origins.
//!
//! Tests, the local stack and on-premises PIMs live on addresses that the rules forbid. `CONNECTOR_OUTBOUND_PERMIT`
//! (design section 8) names them one by one. A permit is an exact origin: scheme, host and port; it has no wildcards, no
//! paths and no suffixes, so that it cannot be read more widely than it was meant. It is empty in the template.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::{Origin, Url};

/// Origins that are exempt from the https and public-address rules. Cheap to clone: each look at an org has one of its own.
#[derive(Debug, Clone, Default)]
pub struct Permit(Arc<BTreeSet<String>>);

/// A list of permitted origins that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is not an origin of the form scheme://host:port")]
pub struct PermitError {
    /// The entry as it was given. Configuration, not a secret.
    pub entry: String,
}

impl Permit {
    /// Nothing is exempt.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a comma-separated list of origins; blanks around them and an empty list are fine.
    ///
    /// # Errors
    /// The first entry that is not exactly an `http` or `https` origin: with user info, a path, a query, a wildcard …
    pub fn parse(list: &str) -> Result<Self, PermitError> {
        list.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(exact_origin)
            .collect::<Result<_, _>>()
            .map(|origins| Self(Arc::new(origins)))
    }

    /// The origins, each as `scheme://host:port`.
    #[must_use]
    pub fn origins(&self) -> &BTreeSet<String> {
        &self.0
    }

    /// Whether this URL's origin is on the list.
    #[must_use]
    pub fn permits(&self, url: &Url) -> bool {
        origin_text(url).is_some_and(|origin| self.0.contains(&origin))
    }
}

fn exact_origin(entry: &str) -> Result<String, PermitError> {
    let malformed = || PermitError {
        entry: entry.to_owned(),
    };
    let url = Url::parse(entry).map_err(|_| malformed())?;
    let bare = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    let nothing_after = url.query().is_none() && url.fragment().is_none() && !entry.ends_with('/');
    if !(bare && nothing_after) || entry.contains(['*', '@', '\\']) {
        return Err(malformed());
    }
    origin_text(&url).ok_or_else(malformed)
}

/// `scheme://host:port` with the port always written, or nothing for a scheme other than http and https.
fn origin_text(url: &Url) -> Option<String> {
    match url.origin() {
        Origin::Tuple(scheme, host, port) if scheme == "http" || scheme == "https" => {
            Some(format!("{scheme}://{host}:{port}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_permitted_exactly() {
        let permit = Permit::parse(" http://127.0.0.1:8080 ,https://pim.intranet,, http://[::1]:9000").unwrap();
        let check = |url: &str, expect: bool| assert_eq!(permit.permits(&Url::parse(url).unwrap()), expect, "{url}");
        let origins: Vec<&str> = permit.origins().iter().map(String::as_str).collect();
        assert_eq!(
            origins,
            ["http://127.0.0.1:8080", "http://[::1]:9000", "https://pim.intranet:443"]
        );
        check("http://127.0.0.1:8080/api/rest/v1?limit=1", true);
        check("http://2130706433:8080/", true);
        check("https://pim.intranet:443/", true);
        check("http://[0:0:0:0:0:0:0:1]:9000/", true);
        check("https://127.0.0.1:8080/", false);
        check("http://127.0.0.1:8081/", false);
        check("http://127.0.0.1/", false);
        check("http://127.0.0.2:8080/", false);
        check("http://pim.intranet/", false);
        check("https://pim.intranet.evil.example/", false);
        check("https://sub.pim.intranet/", false);
        check("ftp://127.0.0.1:8080/", false);
        check("data:text/plain,http://127.0.0.1:8080", false);
    }

    #[test]
    fn nothing_is_permitted_by_an_empty_list() {
        for list in ["", "  ", ",", " , "] {
            assert!(
                !Permit::parse(list)
                    .unwrap()
                    .permits(&Url::parse("http://localhost:1/").unwrap()),
                "{list:?}"
            );
        }
    }

    #[test]
    fn anything_but_an_origin_is_refused() {
        for entry in [
            "localhost:8080",
            "127.0.0.1",
            "*",
            "https://*",
            "https://*.akeneo.example",
            "https://pim.example/",
            "https://pim.example/path",
            "https://pim.example?x",
            "https://pim.example#x",
            "https://user@pim.example",
            "https://:secret@pim.example",
            "https://@pim.example",
            "file:///etc/passwd",
            "ftp://pim.example",
            "https://",
            "https://a:99999",
        ] {
            assert_eq!(Permit::parse(entry).unwrap_err().entry, entry);
        }
        assert_eq!(Permit::parse("http://good:1,bad").unwrap_err().entry, "bad");
    }
}
