//! What is addressed: a path below `/services/data/vNN.0/`, segment by segment.

use url::Url;

use super::super::host::OrgUrl;
use super::super::version::ApiVersion;

/// A path and a query below the versioned root. Segments and values are encoded, never pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    segments: Vec<String>,
    query: Vec<(&'static str, String)>,
}

impl Resource {
    /// The resource under these segments.
    #[must_use]
    pub fn new(segments: &[&str]) -> Self {
        Self {
            segments: segments.iter().map(|segment| (*segment).to_owned()).collect(),
            query: Vec::new(),
        }
    }

    /// A Connect resource of named credentials (facts/salesforce 1.2).
    #[must_use]
    pub fn named_credentials(kind: &str, full_name: &str) -> Self {
        Self::new(&["named-credentials", kind, full_name])
    }

    /// A Tooling row (facts/salesforce 1.3).
    #[must_use]
    pub fn tooling(kind: &str, id: &str) -> Self {
        Self::new(&["tooling", "sobjects", kind, id])
    }

    /// The collection of a data object, where rows are created.
    #[must_use]
    pub fn data(kind: &str) -> Self {
        Self::new(&["sobjects", kind])
    }

    /// The same with a query parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// The whole URL in an org.
    pub(super) fn url(&self, instance: &OrgUrl, version: ApiVersion) -> Url {
        let mut url = instance.origin().url().clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["services", "data", &version.to_string()]);
            // The parser would take a dot segment for a step up; no name of Salesforce's looks like that.
            path.extend(
                self.segments
                    .iter()
                    .map(|segment| if is_dots(segment) { "_" } else { segment.as_str() }),
            );
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Permit;

    fn path(resource: &Resource) -> String {
        let instance = OrgUrl::parse("https://acme.my.salesforce.com/x?y", &Permit::none()).unwrap();
        resource.url(&instance, ApiVersion::new(64)).to_string()
    }

    #[test]
    fn segments_and_values_are_encoded() {
        assert_eq!(
            path(&Resource::named_credentials("external-credentials", "ns__Akeneo")),
            "https://acme.my.salesforce.com/services/data/v64.0/named-credentials/external-credentials/ns__Akeneo"
        );
        assert_eq!(
            path(&Resource::named_credentials("x", "../../a b/c?d#e%2f\u{e9}")),
            "https://acme.my.salesforce.com/services/data/v64.0/named-credentials/x/..%2F..%2Fa%20b%2Fc%3Fd%23e%252f%C3%A9"
        );
        assert_eq!(
            path(&Resource::new(&["tooling", "query", ""]).with("q", "SELECT Id FROM X WHERE A='b&c+d'")),
            "https://acme.my.salesforce.com/services/data/v64.0/tooling/query/?q=SELECT+Id+FROM+X+WHERE+A%3D%27b%26c%2Bd%27"
        );
    }

    #[test]
    fn no_segment_climbs() {
        for segment in ["..", ".", "%2e%2E", ".%2e"] {
            let url = path(&Resource::tooling("NamedCredential", segment));
            assert!(
                url.starts_with("https://acme.my.salesforce.com/services/data/v64.0/tooling/sobjects/NamedCredential/"),
                "{url}"
            );
        }
    }
}
