//! Where Customer Success logs in to the console: an OpenID provider and the client that is registered there. Neither is a secret.

use url::Url;

/// The console's login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// The issuer, as it stands in tokens.
    pub issuer: String,
    /// The client's id: the audience of the tokens.
    pub client_id: String,
    /// Origins that the browser talks to for a login: the issuer's, and where it exchanges codes if that is another one.
    pub origins: Vec<String>,
}

/// The names of the variables.
pub(super) const ISSUER: &str = "CONNECTOR_CONSOLE_ISSUER";
pub(super) const CLIENT: &str = "CONNECTOR_CONSOLE_CLIENT_ID";
pub(super) const EXCHANGE: &str = "CONNECTOR_CONSOLE_EXCHANGE_ORIGIN";

impl Console {
    /// The login; none without an issuer and a client. Faults are added to `faults`.
    pub(super) fn read(get: impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> Option<Self> {
        let (issuer, client_id) = match (get(ISSUER), get(CLIENT)) {
            (None, None) => return None,
            (Some(issuer), Some(client_id)) => (issuer, client_id),
            (issuer, _) => {
                let missing = if issuer.is_none() { ISSUER } else { CLIENT };
                faults.push(format!(
                    "{missing} is missing: the console's login needs both its issuer and its client"
                ));
                return None;
            }
        };
        let exchange = get(EXCHANGE);
        let mut origins = Vec::new();
        for (name, text) in [(ISSUER, Some(&issuer)), (EXCHANGE, exchange.as_ref())] {
            match text.map(|text| origin(text)) {
                Some(Some(origin)) if origins.contains(&origin) => {}
                Some(Some(origin)) => origins.push(origin),
                Some(None) => faults.push(format!("{name} is not an https address without query and fragment")),
                None => {}
            }
        }
        Some(Self {
            issuer,
            client_id,
            origins,
        })
    }
}

/// The origin of an https address, or of an http one on this machine.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    let fits = (url.scheme() == "https" || (url.scheme() == "http" && here))
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    fits.then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (Option<Console>, Vec<String>) {
        let mut faults = Vec::new();
        let get = |name: &str| {
            pairs
                .iter()
                .find(|(given, _)| *given == name)
                .map(|(_, value)| (*value).to_owned())
        };
        (Console::read(get, &mut faults), faults)
    }

    #[test]
    fn a_login_has_an_issuer_and_a_client_or_is_not_there() {
        assert_eq!(read(&[]), (None, Vec::new()));
        let (console, faults) = read(&[(ISSUER, "https://login.example.com/tenant/v2.0"), (CLIENT, "id")]);
        assert_eq!(console.unwrap().origins, ["https://login.example.com"]);
        assert_eq!(faults, Vec::<String>::new());
        let own = [
            (ISSUER, "https://a.example/"),
            (CLIENT, "id"),
            (EXCHANGE, "https://b.example"),
        ];
        assert_eq!(
            read(&own).0.unwrap().origins,
            ["https://a.example", "https://b.example"]
        );
        for (pairs, name) in [
            (&[(ISSUER, "https://a.example")][..], CLIENT),
            (&[(CLIENT, "id")], ISSUER),
            (&[(ISSUER, "http://a.example"), (CLIENT, "id")], ISSUER),
            (&[(ISSUER, "https://a.example?x"), (CLIENT, "id")], ISSUER),
            (
                &[
                    (ISSUER, "https://a.example"),
                    (CLIENT, "id"),
                    (EXCHANGE, "x; script-src *"),
                ],
                EXCHANGE,
            ),
        ] {
            let faults = read(pairs).1;
            assert!(faults.len() == 1 && faults[0].starts_with(name), "{faults:?}");
        }
    }
}
