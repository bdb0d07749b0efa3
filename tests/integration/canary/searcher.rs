//! Finds a secret in a text however it is written: raw, base64 in all alignments and alphabets, hex, percent-encoded, JSON-escaped.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// Shorter texts turn up by chance.
const SHORTEST: usize = 8;

/// All spellings of some secrets.
pub(super) struct Searcher(Vec<(String, &'static str, String)>);

impl Searcher {
    /// For these secrets, each with what it is.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut all = Vec::new();
        for (what, secret) in secrets {
            assert!(secret.len() >= SHORTEST, "{what} is too short to be looked for");
            for (how, spelling) in spellings(secret) {
                if spelling.len() >= SHORTEST && !all.iter().any(|(_, _, known)| *known == spelling) {
                    all.push((what.to_owned(), how, spelling));
                }
            }
        }
        Self(all)
    }

    /// What is found, as kind and spelling; the secret itself is not repeated.
    pub(super) fn find(&self, text: &str) -> Vec<String> {
        let lower = text.to_ascii_lowercase();
        let hit = |how: &str, spelling: &str| {
            if how == "hex" {
                lower.contains(spelling)
            } else {
                text.contains(spelling)
            }
        };
        let hits = self.0.iter().filter(|(_, how, spelling)| hit(how, spelling));
        hits.map(|(what, how, spelling)| format!("{what} as {how}, near {:?}", around(text, spelling)))
            .collect()
    }
}

/// What stands before the place, to find the leak by.
fn around(text: &str, spelling: &str) -> String {
    let at = text.find(spelling).unwrap_or_default();
    let before: String = text[..at].chars().rev().take(120).collect();
    before.chars().rev().collect()
}

fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let mut all = vec![("raw", secret.to_owned()), ("hex", hex(secret))];
    for alignment in 0..3 {
        let standard = aligned(secret, alignment);
        all.push(("base64url", standard.replace('+', "-").replace('/', "_")));
        all.push(("base64", standard));
    }
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    all.push(("form-encoded", form.clone()));
    all.push(("form-encoded, lower case", lower_escapes(&form)));
    all.push(("percent-encoded", form.replace('+', "%20")));
    all.push((
        "form-encoded twice",
        url::form_urlencoded::byte_serialize(form.as_bytes()).collect(),
    ));
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    all.push((
        "JSON in JSON",
        serde_json::Value::from(json.as_str())
            .to_string()
            .trim_matches('"')
            .to_owned(),
    ));
    all.push(("JSON", json.replace('/', "\\/")));
    all.push(("JSON", json));
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    all.push(("HTML", html.replace('\'', "&#39;")));
    all.push((
        "HTML",
        secret
            .replace('&', "&#38;")
            .replace('<', "&#60;")
            .replace('>', "&#62;")
            .replace('"', "&#34;")
            .replace('\'', "&#39;"),
    ));
    all.push(("debug", format!("{secret:?}").trim_matches('"').to_owned()));
    all
}

fn hex(secret: &str) -> String {
    secret.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The part of the base64 text that does not depend on what stands before or after the secret.
fn aligned(secret: &str, before: usize) -> String {
    let padded = [vec![0; before], secret.as_bytes().to_vec()].concat();
    let whole = STANDARD_NO_PAD.encode(&padded);
    let first = (before * 8).div_ceil(6);
    whole[first..padded.len() * 8 / 6].to_owned()
}

fn lower_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        lower.push('%');
        let (code, rest) = part.split_at(2.min(part.len()));
        lower.push_str(&code.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// A secret planted on purpose is found in every spelling, and only then.
#[test]
fn what_is_planted_is_found() {
    let secret = "p/l+a=n\"t&ed <s>ecret%4711";
    let searcher = Searcher::new([("planted", secret)]);
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let planted = [
        secret.to_owned(),
        format!("Basic {}", base64(secret)),
        format!("Basic {}", base64(&format!("u:{secret}"))),
        base64(&format!("ab{secret}cd")),
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("user:{secret}")),
        hex(secret),
        hex(secret).to_uppercase(),
        format!("https://example.com/?code={}&x=1", form(secret)),
        format!("https://example.com/?code={}", form(secret).replace('+', "%20")),
        lower_escapes(&form(secret)),
        form(&form(secret)),
        serde_json::json!({ "line": secret }).to_string(),
        serde_json::json!({ "line": serde_json::json!({ "a": secret }).to_string() }).to_string(),
        format!("{:?}", Some(secret)),
        secret
            .replace('&', "&#38;")
            .replace('<', "&#60;")
            .replace('>', "&#62;")
            .replace('"', "&#34;"),
    ];
    for text in planted {
        assert!(!searcher.find(&text).is_empty(), "not found in {text}");
    }
    for clean in [
        "",
        "p/l+a=n",
        "ClientSecret([redacted])",
        &hex("planted"),
        &base64("another secret, quite as long"),
    ] {
        assert!(searcher.find(clean).is_empty(), "found in {clean}");
    }
}
