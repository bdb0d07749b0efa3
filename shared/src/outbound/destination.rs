//! Which URLs may be called at all, judged by the URL alone.
//!
//! The rules of security, "Outbound calls": https, the default port, a host name (WHATWG parsing has already turned every
//! numeric spelling into an address), no user info, no name that is local by definition. What the name resolves to is
//! judged where the connection is made, by the resolver. Pure: it must not resolve anything.

use url::{Host, Url};

use super::Permit;

/// Why a URL may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// The scheme is not https.
    #[error("only https may be called")]
    NotHttps,
    /// There is a user name or a password in it.
    #[error("the url carries credentials")]
    UserInfo,
    /// The port is not 443.
    #[error("only the default port may be called")]
    Port,
    /// The host is an IP address, in whatever spelling.
    #[error("the host is an ip address")]
    IpLiteral,
    /// The host can only exist in a private network: a single label or a special-use name.
    #[error("the host is a local name")]
    LocalName,
    /// The host is no name that DNS can know.
    #[error("the host is not a host name")]
    BadName,
}

/// Judges a URL by itself.
///
/// # Errors
/// The first rule that it breaks. For a permitted origin only user info is a fault.
pub fn check_url(url: &Url, permit: &Permit) -> Result<(), UrlFault> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::UserInfo);
    }
    if permit.permits(url) {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err(UrlFault::NotHttps);
    }
    match url.host() {
        Some(Host::Domain(name)) => check_name(name)?,
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(UrlFault::IpLiteral),
        None => return Err(UrlFault::BadName),
    }
    if url.port().is_some() {
        return Err(UrlFault::Port);
    }
    Ok(())
}

/// Top-level names that never lead to a public host: RFC 6761 (`localhost`, `invalid`, `test`), RFC 6762
/// (`local`, and appendix G for the usual private ones), RFC 7686 (`onion`), RFC 9476 (`alt`), ICANN's `internal`,
/// and `arpa`, which covers `home.arpa` (RFC 8375) and the reverse trees.
const LOCAL_TOP_LEVELS: [&str; 14] = [
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
];

fn check_name(name: &str) -> Result<(), UrlFault> {
    let labels: Vec<&str> = name.split('.').collect();
    // A trailing dot is a second spelling of the same host, which no comparison of hosts should have to know.
    if name.len() > 253 || !labels.iter().all(|label| is_label(label)) {
        return Err(UrlFault::BadName);
    }
    match labels.as_slice() {
        [] | [_] => Err(UrlFault::LocalName),
        [.., top] if LOCAL_TOP_LEVELS.contains(top) => Err(UrlFault::LocalName),
        _ => Ok(()),
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn verdict(text: &str) -> Option<Result<(), UrlFault>> {
        Url::parse(text).ok().map(|url| check_url(&url, &Permit::none()))
    }

    #[test]
    fn host_names_pass() {
        for text in [
            "https://acme.cloud.akeneo.com",
            "https://ACME.demo.cloud.akeneo.com:443/api/rest/v1?limit=1#x",
            "https://bücher.example.com/",
            "https://1.2.3.4.com/",
            "https://a_b.example.org",
            "https://@acme.cloud.akeneo.com/",
        ] {
            assert_eq!(verdict(text), Some(Ok(())), "{text}");
        }
    }

    #[test]
    fn each_rule_has_its_fault() {
        let check = |text: &str, fault: UrlFault| assert_eq!(verdict(text), Some(Err(fault)), "{text}");
        for text in [
            "http://acme.cloud.akeneo.com",
            "ftp://acme.cloud.akeneo.com",
            "file:///etc/passwd",
            "data:,x",
        ] {
            check(text, UrlFault::NotHttps);
        }
        for text in [
            "https://me@acme.com",
            "https://:pw@acme.com",
            "https://acme.com:443@127.0.0.1/",
            "https://a%40b:c@x.com",
        ] {
            check(text, UrlFault::UserInfo);
        }
        for text in [
            "https://acme.com:80",
            "https://acme.com:8443",
            "https://acme.com:65535",
            "https://acme.com:0",
        ] {
            check(text, UrlFault::Port);
        }
        for text in [
            "https://localhost",
            "https://LOCALHOST",
            "https://pim",
            "https://xn--fiqs8s",
            "https://pim.local",
            "https://pim.internal",
            "https://metadata.google.internal",
            "https://router.home.arpa",
            "https://1.0.0.127.in-addr.arpa",
            "https://a.test",
            "https://a.invalid",
            "https://a.onion",
            "https://a.localhost",
            "https://a.corp",
            "https://a.lan",
            "https://ｌｏｃａｌｈｏｓｔ",
            "https://local%68ost",
            "https://lo\tcal\nhost",
        ] {
            check(text, UrlFault::LocalName);
        }
        for text in [
            "https://acme.com.",
            "https://localhost.",
            "https://a..com",
            "https://.com",
            "https://a.com..",
            "https://a.b!c.com",
        ] {
            check(text, UrlFault::BadName);
        }
        let label = "a".repeat(64);
        check(&format!("https://{label}.com"), UrlFault::BadName);
        let long = format!("{}.", "a".repeat(60)).repeat(5);
        check(&format!("https://{long}com"), UrlFault::BadName);
    }

    #[test]
    fn an_address_is_one_in_every_spelling() {
        for text in [
            "https://127.0.0.1",
            "https://127.0.0.1.",
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0X7F.0.0.1",
            "https://0177.0.0.1",
            "https://017700000001",
            "https://0",
            "https://0x",
            "https://１２７.０.０.１",
            "https://127。0。0。1",
            "https://①②⑦.⓪.⓪.①",
            "https://%31%32%37.0.0.1",
            "https://127.0.0.0x1/",
            "https:\\\\127.0.0.1\\",
            "https:/127.0.0.1",
            "https:127.0.0.1",
            "https://1\t27.0.0.1",
            " https://127.0.0.1 ",
            "https://8.8.8.8",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]",
            "https://[::]",
            "https://[::ffff:127.0.0.1]",
            "https://[::ffff:7f00:1]",
            "https://[0:0:0:0:0:0:0:1]",
            "https://[2606:2800:220:1::]",
        ] {
            assert_eq!(verdict(text), Some(Err(UrlFault::IpLiteral)), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_has_no_verdict() {
        for text in [
            "https://",
            "https://256.0.0.1",
            "https://1.2.3.4.5",
            "https://[::1",
            "https://[fe80::1%25eth0]",
            "https://a b.com",
            "https://%00.com",
            "//a.com",
        ] {
            assert_eq!(verdict(text), None, "{text}");
        }
    }

    #[test]
    fn a_permitted_origin_is_exempt_but_for_user_info() {
        let permit = Permit::parse("http://localhost:8080").unwrap();
        let check = |text: &str| check_url(&Url::parse(text).unwrap(), &permit);
        assert_eq!(check("http://localhost:8080/x"), Ok(()));
        assert_eq!(check("http://me:pw@localhost:8080/x"), Err(UrlFault::UserInfo));
        assert_eq!(check("http://localhost:8081/x"), Err(UrlFault::NotHttps));
        assert_eq!(check("https://localhost:8080/x"), Err(UrlFault::LocalName));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn no_spelling_of_an_address_passes(
            address: u32,
            style in 0..7_usize,
            path in "[a-z0-9@:/?#.]{0,12}",
        ) {
            let [a, b, c, d] = address.to_be_bytes();
            let host = match style {
                0 => format!("{a}.{b}.{c}.{d}"),
                1 => format!("{address}"),
                2 => format!("{address:#x}"),
                3 => format!("0{address:o}"),
                4 => format!("{a}.{}", u32::from(b) << 16 | u32::from(c) << 8 | u32::from(d)),
                5 => format!("{a:#x}.0{b:o}.{c}.{d}."),
                _ => format!("[::ffff:{a}.{b}.{c}.{d}]"),
            };
            let text = format!("https://{host}/{path}");
            prop_assert_eq!(verdict(&text), Some(Err(UrlFault::IpLiteral)), "{}", text);
        }

        #[test]
        fn whatever_passes_is_https_to_a_dotted_name_on_443(text in "\\PC{0,40}") {
            let Ok(url) = Url::parse(&format!("https://{text}")) else { return Ok(()) };
            if check_url(&url, &Permit::none()).is_ok() {
                prop_assert_eq!(url.port_or_known_default(), Some(443));
                prop_assert!(matches!(url.host(), Some(Host::Domain(name)) if name.contains('.') && !name.ends_with('.')));
                prop_assert!(url.username().is_empty() && url.password().is_none());
            }
        }
    }
}
