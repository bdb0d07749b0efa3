//! How much of the org's daily API quota is used, from the header of every answer.

use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// `Sforce-Limit-Info: api-usage=18/5000` (facts/salesforce 12.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiUsage {
    /// Calls in the last 24 hours, by everybody.
    pub used: u64,
    /// The org's quota.
    pub quota: u64,
}

impl ApiUsage {
    /// Reads the header; the part about the single app is left out.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get("sforce-limit-info")?.to_str().ok()?;
        let pair = text
            .split(';')
            .find_map(|part| part.trim().strip_prefix("api-usage="))?;
        let (used, quota) = pair.split_once('/')?;
        Some(Self {
            used: used.parse().ok()?,
            quota: quota.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_header() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("sforce-limit-info", http::HeaderValue::from_static(text));
            ApiUsage::read(&headers)
        };
        assert_eq!(read("api-usage=18/5000"), Some(ApiUsage { used: 18, quota: 5000 }));
        assert_eq!(
            read("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)"),
            Some(ApiUsage { used: 25, quota: 5000 })
        );
        for text in ["", "api-usage=", "api-usage=x/1", "per-app-api-usage=17/250(appName=x)"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(ApiUsage::read(&HeaderMap::new()), None);
    }
}
