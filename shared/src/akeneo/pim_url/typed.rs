//! Reading an address as tired people type it.

use url::Url;

use super::{PimUrl, PimUrlFault};
use crate::outbound::{Permit, UrlFault, check_url};

/// Longest address that is looked at, in bytes.
pub(super) const LONGEST: usize = 2048;

/// The base URL that was typed. What is unambiguous is put right, the rest is a fault.
pub(super) fn read(typed: &str, permit: &Permit) -> Result<PimUrl, PimUrlFault> {
    let text = tidied(typed);
    if text.is_empty() {
        return Err(PimUrlFault::Empty);
    }
    if text.len() > LONGEST || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(PimUrlFault::NotAnAddress);
    }
    let (text, other_scheme) = with_scheme(text);
    let url = Url::parse(&text).map_err(|_| PimUrlFault::NotAnAddress)?;
    let base = base_of(&url, permit)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(PimUrlFault::Credentials(base));
    }
    if other_scheme || url.scheme() != base.0.scheme() {
        return Err(PimUrlFault::Insecure(base));
    }
    let after = [Some(url.path().trim_matches('/')), url.query(), url.fragment()];
    if after.into_iter().flatten().any(|part| !part.is_empty()) {
        return Err(PimUrlFault::Page(base));
    }
    Ok(base)
}

/// Without what surrounds an address in mails and documents: blanks (invisible ones too), quotes, final punctuation.
fn tidied(typed: &str) -> &str {
    let invisible =
        |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let quote = |c: char| {
        matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}'
        )
    };
    typed
        .trim_matches(|c| invisible(c) || quote(c))
        .trim_end_matches([',', ';'])
        .trim_matches(|c| invisible(c) || quote(c))
}

/// The text with a scheme that can be parsed, and whether another one than http or https was typed.
fn with_scheme(text: &str) -> (String, bool) {
    let begins = |text: &str, prefix: &str| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // A whole address pasted behind a prefilled "https://".
    let text = match text.split_once("://") {
        Some((_, rest)) if begins(rest, "https://") || begins(rest, "http://") => rest,
        _ => text,
    };
    if begins(text, "https:") || begins(text, "http:") {
        return (text.to_owned(), false);
    }
    for (typo, scheme) in [("https//", "https://"), ("http//", "http://")] {
        if begins(text, typo) {
            return (format!("{scheme}{}", &text[typo.len()..]), false);
        }
    }
    match text.split_once("://") {
        Some((_, rest)) => (format!("https://{rest}"), true),
        None => (format!("https://{}", text.trim_start_matches(['/', '\\'])), false),
    }
}

/// The origin that an address leads to, on https unless it is permitted as it is.
fn base_of(url: &Url, permit: &Permit) -> Result<PimUrl, PimUrlFault> {
    let bare = |host: &str, scheme: &str, port: Option<u16>| {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Url::parse(&format!("{scheme}://{host}{port}")).map_err(|_| PimUrlFault::NotAnAddress)
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    let as_typed = bare(host, url.scheme(), url.port())?;
    if permit.permits(&as_typed) {
        return Ok(PimUrl(as_typed));
    }
    let secure = bare(host, "https", url.port())?;
    match check_url(&secure, permit) {
        Ok(()) => Ok(PimUrl(secure)),
        Err(UrlFault::Port) => Err(PimUrlFault::Port(PimUrl(bare(host, "https", None)?))),
        Err(UrlFault::IpLiteral) => Err(PimUrlFault::IpAddress),
        Err(UrlFault::LocalName) => Err(PimUrlFault::LocalName),
        Err(UrlFault::BadName | UrlFault::NotHttps | UrlFault::UserInfo) => Err(PimUrlFault::NotAnAddress),
    }
}
