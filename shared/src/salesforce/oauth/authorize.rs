//! The authorize URL.

use url::Url;

use crate::secret::{ClientSecret, HandedOut, Sensitive};

/// The External Client App whose keys we hold: the vendor's, or one that the customer made (facts/salesforce 0, decision 9).
#[derive(Debug, Clone)]
pub struct App {
    /// Consumer key.
    pub client_id: String,
    /// Consumer secret.
    pub client_secret: ClientSecret,
}

/// What the person is asked for (facts/salesforce 10.1). All of it travels through the browser.
#[derive(Debug, Clone)]
pub struct AuthorizeRequest<'a> {
    /// Consumer key of the app.
    pub client_id: &'a str,
    /// Our callback; compared literally by Salesforce.
    pub redirect_uri: &'a Url,
    /// The attempt's `state`.
    pub state: &'a HandedOut,
    /// The PKCE challenge, from [`super::super::pkce::challenge`].
    pub code_challenge: &'a str,
    /// Ask for the login and the consent again, for a person who wants another org than the one the browser is in.
    pub choose_again: bool,
    /// A user name to fill in.
    pub login_hint: Option<&'a str>,
}

impl AuthorizeRequest<'_> {
    /// `api` for every API that we call, `refresh_token` to come back later (facts/salesforce 10.4).
    pub const SCOPE: &'static str = "api refresh_token";

    /// The URL at a login host. The challenge method is always named: without it Salesforce compares in plain text and the
    /// exchange fails (facts/salesforce 10.1).
    #[must_use]
    pub fn url(&self, login: &Url) -> Url {
        let mut url = login.clone();
        url.set_path("/services/oauth2/authorize");
        url.set_fragment(None);
        url.query_pairs_mut()
            .clear()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri.as_str())
            .append_pair("scope", Self::SCOPE)
            .append_pair("state", self.state.expose())
            .append_pair("code_challenge", self.code_challenge)
            .append_pair("code_challenge_method", "S256");
        if self.choose_again {
            url.query_pairs_mut().append_pair("prompt", "login consent");
        }
        if let Some(user) = self.login_hint {
            url.query_pairs_mut().append_pair("login_hint", user);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_asks_for_exactly_what_is_needed() {
        let redirect_uri = Url::parse("https://connect.example.com/salesforce/callback").unwrap();
        let state = HandedOut::new("s-&=+ 1");
        let mut request = AuthorizeRequest {
            client_id: "3MVG9.key",
            redirect_uri: &redirect_uri,
            state: &state,
            code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            choose_again: false,
            login_hint: None,
        };
        let login = Url::parse("https://login.salesforce.com?x#y").unwrap();
        assert_eq!(
            request.url(&login).as_str(),
            "https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9.key\
             &redirect_uri=https%3A%2F%2Fconnect.example.com%2Fsalesforce%2Fcallback&scope=api+refresh_token&state=s-%26%3D%2B+1\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        );
        request.choose_again = true;
        request.login_hint = Some("ada@acme.example");
        assert!(
            request
                .url(&login)
                .as_str()
                .ends_with("&prompt=login+consent&login_hint=ada%40acme.example")
        );
    }
}
