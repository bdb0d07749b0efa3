//! The address to which a person is sent to authorize the app (facts/akeneo 1.1).
//!
//! Four parameters and no more: the PIM ignores `redirect_uri` and PKCE, so sending them would only claim a protection
//! that is not there. The full scope list is always sent: without it the PIM would shrink the grant (facts/akeneo 12).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{PimUrl, Scopes};
use crate::secret::{HandedOut, SecretUrl, Sensitive};

const PATH: &str = "/connect/apps/v1/authorize";

/// Everything but RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The authorize URL. It carries the `state`, so it is kept out of logs.
#[must_use]
pub fn authorize_url(pim: &PimUrl, client_id: &str, scopes: &Scopes, state: &HandedOut) -> SecretUrl {
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let (client_id, scope, state) = (
        escaped(client_id),
        escaped(&scopes.to_string()),
        escaped(state.expose()),
    );
    let mut url = pim.endpoint(PATH);
    url.set_query(Some(&format!(
        "response_type=code&client_id={client_id}&scope={scope}&state={state}"
    )));
    SecretUrl::new(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Permit;

    #[test]
    fn it_is_the_url_that_an_independent_client_builds() {
        let pim = PimUrl::parse("https://example.com", &Permit::none()).unwrap();
        let scopes = Scopes::parse("openid email profile read_channel_localization read_channel_settings");
        // Facts/akeneo 11, SA: the assertion of a public client, with the scopes sorted.
        let expect = "https://example.com/connect/apps/v1/authorize?response_type=code&client_id=client_id\
                      &scope=email%20openid%20profile%20read_channel_localization%20read_channel_settings&state=state";
        assert_eq!(
            authorize_url(&pim, "client_id", &scopes, &HandedOut::new("state")).expose(),
            expect
        );
    }

    #[test]
    fn nothing_breaks_out_of_its_parameter() {
        let pim = PimUrl::parse("https://example.com", &Permit::none()).unwrap();
        let url = authorize_url(&pim, "a&state=b#c", &Scopes::parse("x&y"), &HandedOut::new("s +%é\r\n"));
        let url = url::Url::parse(url.expose()).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let expect = [
            ("response_type", "code"),
            ("client_id", "a&state=b#c"),
            ("scope", "x&y"),
            ("state", "s +%é\r\n"),
        ];
        assert_eq!(pairs, expect.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(url.fragment(), None);
    }
}
