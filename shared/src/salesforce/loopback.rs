//! The org calling itself, tried by us first: a token by client credentials at the org's own My Domain, one look at the
//! global picklists, and the token given back (facts/salesforce 8.3, "Preflight").

use serde::Deserialize;

use super::OrgUrl;
use super::api::{ApiError, Org};
use super::oauth::{App, TokenEndpoint, TokenError};
use super::version::ApiVersion;
use crate::clock::Deadline;
use crate::outbound::Outbound;

/// Why picklists cannot be synchronised with this app.
#[derive(Debug, thiserror::Error)]
pub enum LoopbackError {
    /// No token.
    #[error("the app gets no token")]
    Token(#[from] TokenError),
    /// The token is one of another org.
    #[error("the app belongs to another org")]
    OtherOrg,
    /// The token is not good for the API.
    #[error("the app lacks the scope api")]
    ScopeMissing,
    /// The user behind the token may not see global picklists.
    #[error("the app's user cannot read global picklists")]
    TooWeak,
    /// The org refused or did not answer.
    #[error("the picklists could not be read")]
    Api(#[source] ApiError),
}

#[derive(Deserialize)]
struct Row {}

/// Tries the app. The token lives only as long as this takes.
///
/// # Errors
/// [`LoopbackError`].
pub async fn preflight(
    outbound: &Outbound,
    (instance, org_id): (&OrgUrl, &str),
    app: &App,
    version: ApiVersion,
    deadline: Deadline,
) -> Result<(), LoopbackError> {
    let endpoint = TokenEndpoint::new(outbound, instance.origin().url().clone(), app, deadline);
    let answer = endpoint.client_credentials().await?;
    let looked = if answer.org_id.as_str() == org_id {
        let org = Org::new(
            outbound,
            instance.clone(),
            answer.access_token.clone(),
            version,
            deadline,
        );
        look(&org).await
    } else {
        Err(LoopbackError::OtherOrg)
    };
    if let Err(error) = endpoint.revoke_access(&answer.access_token).await {
        // It ends by itself with the session time-out, and nobody keeps it.
        tracing::warn!(name: "salesforce.token.revoke", error = %error);
    }
    looked
}

async fn look(org: &Org) -> Result<(), LoopbackError> {
    let soql = "SELECT Id FROM GlobalValueSet LIMIT 1";
    match org.tooling_query::<Row>("salesforce.self.preflight", soql).await {
        Ok(_) => Ok(()),
        Err(ApiError::SessionNotForRest) => Err(LoopbackError::ScopeMissing),
        // An object that a user may not see does not exist for that user (facts/salesforce 12.2).
        Err(error) if error.is_refusal() => Err(LoopbackError::TooWeak),
        Err(error) => Err(LoopbackError::Api(error)),
    }
}
