//! The token endpoint and the revocation endpoint.

use std::time::Duration;

use http::Method;
use url::Url;

use super::refusal::refusal;
use super::{App, TokenAnswer, TokenError};
use crate::clock::Deadline;
use crate::outbound::{Body, Call, Outbound, Retry};
use crate::secret::{AccessToken, AuthorizationCode, CodeVerifier, RefreshToken, Sensitive};

/// One host's token endpoint, as one app. Codes go to the login host of their attempt, refresh tokens to the org's
/// `instance_url` (facts/salesforce 10.1).
#[derive(Debug, Clone)]
pub struct TokenEndpoint<'a> {
    outbound: &'a Outbound,
    base: Url,
    app: &'a App,
    deadline: Deadline,
}

impl<'a> TokenEndpoint<'a> {
    /// The endpoint at `base`: [`super::super::login::LoginHosts::base`] or [`super::super::host::OrgUrl::url`].
    #[must_use]
    pub fn new(outbound: &'a Outbound, base: Url, app: &'a App, deadline: Deadline) -> Self {
        Self {
            outbound,
            base,
            app,
            deadline,
        }
    }

    /// Trades a code for tokens (facts/salesforce 10.1). The verifier is used up.
    ///
    /// # Errors
    /// [`TokenError`]; see [`TokenError::may_be_retried`].
    pub async fn exchange(
        &self,
        code: &AuthorizationCode,
        verifier: CodeVerifier,
        redirect_uri: &Url,
    ) -> Result<TokenAnswer, TokenError> {
        let form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose().to_owned()),
            ("redirect_uri", redirect_uri.to_string()),
            ("code_verifier", verifier.expose().to_owned()),
        ];
        self.token("salesforce.token.exchange", form).await
    }

    /// Trades a refresh token for an access token, and for a new refresh token where rotation is on (facts/salesforce 10.3).
    /// The caller holds the connection's lease and persists the answer before it uses it.
    ///
    /// # Errors
    /// [`TokenError`]; see [`TokenError::may_be_retried`].
    pub async fn refresh(&self, token: &RefreshToken) -> Result<TokenAnswer, TokenError> {
        let form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token.expose().to_owned()),
        ];
        self.token("salesforce.token.refresh", form).await
    }

    /// An access token of the user that the app itself runs as (facts/salesforce 10.1, "client credentials"); `base` must be the
    /// org's own My Domain. Nothing is spent by it, so it may be asked for again.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn client_credentials(&self) -> Result<TokenAnswer, TokenError> {
        let form = vec![("grant_type", "client_credentials".to_owned())];
        self.token("salesforce.token.client_credentials", form).await
    }

    /// Revokes a refresh token and with it the grant's access tokens. A token that is gone already counts as revoked.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn revoke_refresh(&self, token: &RefreshToken) -> Result<(), TokenError> {
        self.revoke(token.expose()).await
    }

    /// Revokes an access token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn revoke_access(&self, token: &AccessToken) -> Result<(), TokenError> {
        self.revoke(token.expose()).await
    }

    async fn token(
        &self,
        name: &'static str,
        mut form: Vec<(&'static str, String)>,
    ) -> Result<TokenAnswer, TokenError> {
        form.push(("client_id", self.app.client_id.clone()));
        form.push(("client_secret", self.app.client_secret.expose().to_owned()));
        let answer = self.post(name, "/services/oauth2/token", form, Retry::Never).await?;
        if answer.status.is_success() {
            TokenAnswer::read(&answer.body, &self.app.client_secret, self.outbound.permit())
        } else {
            Err(refusal(answer.status, &answer.body))
        }
    }

    async fn revoke(&self, token: &str) -> Result<(), TokenError> {
        let form = vec![("token", token.to_owned())];
        let answer = self
            .post(
                "salesforce.token.revoke",
                "/services/oauth2/revoke",
                form,
                Retry::Idempotent,
            )
            .await?;
        if answer.status.is_success() {
            return Ok(());
        }
        match refusal(answer.status, &answer.body) {
            // RFC 7009 section 2.2: a token that is not known counts as revoked.
            TokenError::InvalidGrant => Ok(()),
            fault => Err(fault),
        }
    }

    async fn post(
        &self,
        name: &'static str,
        path: &str,
        form: Vec<(&'static str, String)>,
        retry: Retry,
    ) -> Result<crate::outbound::Answer, TokenError> {
        let mut url = self.base.clone();
        url.set_path(path);
        url.set_query(None);
        let mut call = Call::new(name, Method::POST, url);
        call.headers
            .insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
        call.body = Body::Form(form);
        call.retry = retry;
        call.timeout = Duration::from_secs(15);
        self.outbound
            .send(&call, self.deadline)
            .await
            .map_err(TokenError::Transport)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};
    use crate::secret::ClientSecret;

    /// The signature is computed in `answer`'s tests.
    const BODY: &str = r#"{"access_token":"00Dxx0000001gER!AQ.x","signature":"J4vxAB+0pK2io9xWoRqn7GJg+S/NOy7+kUQQ3ZuA0i8=","scope":"refresh_token api","instance_url":"https://acme.my.salesforce.com",
        "id":"https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001Sv6eAAC","token_type":"Bearer","issued_at":"1716295200000"}"#;

    fn app() -> App {
        App {
            client_id: "key".into(),
            client_secret: ClientSecret::new("F8D2A1C7E0B94D5F"),
        }
    }

    fn refused(error: &str, description: &str) -> Reply {
        let body = serde_json::json!({"error": error, "error_description": description});
        Reply::json(400, &body.to_string())
    }

    fn form(org: &ScriptedOrg, at: usize) -> String {
        org.seen()[at].body.as_str().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn an_exchange_sends_verifier_and_secret_as_a_form() {
        let org = ScriptedOrg::start(vec![
            Reply::json(200, BODY),
            refused("invalid_grant", "expired authorization code"),
        ]);
        let (app, outbound) = (app(), org.outbound());
        let endpoint = TokenEndpoint::new(&outbound, org.instance().url().clone(), &app, org.deadline());
        let redirect = Url::parse("https://connect.example.com/salesforce/callback").unwrap();
        let code = AuthorizationCode::new("aPrx.code==");
        let answer = endpoint
            .exchange(&code, CodeVerifier::new("ver"), &redirect)
            .await
            .unwrap();
        assert_eq!(answer.org_id.as_str(), "00Dxx0000001gEREAY");
        assert!(answer.refresh_token.is_none());
        assert_eq!(org.seen()[0].line, "POST /services/oauth2/token");
        assert_eq!(
            form(&org, 0),
            "grant_type=authorization_code&code=aPrx.code%3D%3D&redirect_uri=https%3A%2F%2Fconnect.example.com%2Fsalesforce%2Fcallback\
             &code_verifier=ver&client_id=key&client_secret=F8D2A1C7E0B94D5F"
        );
        let again = endpoint.exchange(&code, CodeVerifier::new("ver"), &redirect).await;
        assert!(matches!(again, Err(TokenError::ExpiredCode)));
    }

    #[tokio::test]
    async fn a_refresh_is_sent_once_whatever_happens() {
        let rotated = BODY.replace(r#""token_type""#, r#""refresh_token":"5Aep.new","token_type""#);
        let org = ScriptedOrg::start(vec![
            Reply::json(200, &rotated),
            Reply::json(503, "<html>"),
            refused("invalid_grant", "expired access/refresh token"),
        ]);
        let (app, outbound) = (app(), org.outbound());
        let endpoint = TokenEndpoint::new(&outbound, org.instance().url().clone(), &app, org.deadline());
        let token = RefreshToken::new("5Aep.old");
        let answer = endpoint.refresh(&token).await.unwrap();
        assert_eq!(answer.refresh_token.as_ref().map(Sensitive::expose), Some("5Aep.new"));
        assert_eq!(
            form(&org, 0),
            "grant_type=refresh_token&refresh_token=5Aep.old&client_id=key&client_secret=F8D2A1C7E0B94D5F"
        );
        assert!(matches!(endpoint.refresh(&token).await, Err(TokenError::Retryable)));
        assert_eq!(org.seen().len(), 2, "the layer below must not repeat it");
        assert!(endpoint.refresh(&token).await.unwrap_err().needs_reconnect());
    }

    #[tokio::test]
    async fn a_token_that_is_gone_counts_as_revoked() {
        let org = ScriptedOrg::start(vec![
            Reply::empty(200),
            refused("unsupported_token_type", "this token type is not supported"),
            refused("invalid_client", "invalid client credentials"),
        ]);
        let (app, outbound) = (app(), org.outbound());
        let endpoint = TokenEndpoint::new(&outbound, org.instance().url().clone(), &app, org.deadline());
        endpoint.revoke_refresh(&RefreshToken::new("5Aep.y")).await.unwrap();
        endpoint.revoke_access(&AccessToken::new("00D!x")).await.unwrap();
        assert!(matches!(
            endpoint.revoke_access(&AccessToken::new("00D!x")).await,
            Err(TokenError::InvalidClient)
        ));
        assert_eq!(
            (org.seen()[0].line.as_str(), form(&org, 0).as_str()),
            ("POST /services/oauth2/revoke", "token=5Aep.y")
        );
    }
}
