//! The one browser hop: the org's own link that lets a person authorize the principal (facts/salesforce 4.4).
//!
//! No API writes the token of a browser-flow principal. The org makes a one-time link, a person opens it in a browser that
//! is logged in to the org, and the rest happens between that browser, Akeneo and the org. Whether it worked is read
//! from the External Credential afterwards; nobody tells us.

use serde::{Deserialize, Serialize};
use url::Url;

use super::api::{ApiError, Org, Resource};
use super::host::{HostFault, OrgUrl};
use super::record::FullName;
use crate::secret::SecretUrl;

/// Where Salesforce leaves the browser when nothing else is wanted (facts/salesforce 4.4).
pub const SETUP_HOME: &str = "lightning/setup/SetupOneHome/home";

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum PrincipalError {
    /// The org did not make one.
    #[error("the org made no authorization link")]
    Api(#[from] ApiError),
    /// The org made a link to somewhere else.
    #[error("the authorization link leads outside salesforce")]
    Host(#[source] HostFault),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    external_credential: &'a str,
    principal_name: &'a str,
    principal_type: &'a str,
    return_url: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    authentication_url: String,
}

/// Asks the org for its one-time link (facts/salesforce 4.4). It must lead to Salesforce, or to the very origin that the
/// provider's Authorize URL has, in case an org skips its own redirect; whoever holds it can authorize, so it is secret.
///
/// # Errors
/// [`PrincipalError`].
pub async fn authorization_url(
    org: &Org,
    external_credential: &FullName,
    principal_name: &str,
    return_url: &str,
    authorize_url: &Url,
) -> Result<SecretUrl, PrincipalError> {
    let resource = Resource::new(&["named-credentials", "credential", "auth-url", "o-auth"]);
    let input = Input {
        external_credential: external_credential.as_str(),
        principal_name,
        principal_type: "NamedPrincipal",
        return_url,
    };
    let output: Output = org.ask("salesforce.principal.link", &resource, &input).await?;
    check(org, output, authorize_url)
}

fn check(org: &Org, output: Output, authorize_url: &Url) -> Result<SecretUrl, PrincipalError> {
    let link = output.authentication_url;
    match OrgUrl::parse(&link, org.outbound().permit()) {
        Ok(_) => Ok(SecretUrl::new(link)),
        Err(HostFault::NotSalesforce) if is_authorize(&link, authorize_url) => Ok(SecretUrl::new(link)),
        Err(fault) => Err(PrincipalError::Host(fault)),
    }
}

/// The same address but for the query.
fn is_authorize(link: &str, authorize_url: &Url) -> bool {
    Url::parse(link).is_ok_and(|mut link| {
        link.set_query(None);
        link == *authorize_url
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};
    use crate::secret::Sensitive;

    async fn link(url: &str) -> (ScriptedOrg, Result<SecretUrl, PrincipalError>) {
        let org = ScriptedOrg::start(vec![Reply::json(201, &json!({"authenticationUrl": url}).to_string())]);
        let authorize = Url::parse("https://acme.cloud.akeneo.com/connect/apps/v1/authorize").unwrap();
        let result = authorization_url(
            &org.org(),
            &FullName::new("ns", "Akeneo"),
            "Default",
            SETUP_HOME,
            &authorize,
        )
        .await;
        (org, result)
    }

    #[tokio::test]
    async fn a_link_into_the_org() {
        let (org, result) = link("https://acme.my.salesforce.com/services/auth/x?once=1").await;
        let url = result.unwrap();
        assert_eq!(url.expose(), "https://acme.my.salesforce.com/services/auth/x?once=1");
        assert!(!format!("{url:?}").contains("once"));
        assert_eq!(org.lines(), ["POST named-credentials/credential/auth-url/o-auth"]);
        assert_eq!(
            org.seen()[0].body,
            json!({"externalCredential": "ns__Akeneo", "principalName": "Default", "principalType": "NamedPrincipal", "returnUrl": "lightning/setup/SetupOneHome/home"})
        );
    }

    #[tokio::test]
    async fn a_link_to_our_own_authorize_url() {
        assert!(
            link("https://acme.cloud.akeneo.com/connect/apps/v1/authorize?client_id=x&state=y")
                .await
                .1
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_link_to_anywhere_else_is_refused() {
        for url in [
            "https://evil.example/connect/apps/v1/authorize",
            "https://acme.cloud.akeneo.com/other",
            "http://acme.cloud.akeneo.com/connect/apps/v1/authorize",
            "https://x@acme.cloud.akeneo.com/connect/apps/v1/authorize",
            "https://acme.my.salesforce.com.evil.example/x",
            "javascript:alert(1)",
            "",
        ] {
            let (_, result) = link(url).await;
            assert!(matches!(result, Err(PrincipalError::Host(_))), "{url}");
        }
    }
}
