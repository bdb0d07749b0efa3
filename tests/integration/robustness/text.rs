//! What people type, browsers send and links carry.

use connector_tests::entrances::text::{connection_id, cookies, form, login_host, org_url, pim_url, redirect};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::string::string_regex;

use super::soon;

/// Text made of pieces that mean something to the parser, and of anything.
fn made_of(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => string_regex("\\PC{0,12}").unwrap(),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

const QUERY: [&str; 24] = [
    "code",
    "state",
    "error",
    "error_description",
    "=",
    "&",
    "&&",
    "%",
    "%2",
    "%20",
    "%zz",
    "%00",
    "%ff",
    "+",
    "x",
    "connector-setup.",
    "access_denied",
    ";",
    "#",
    "?",
    "[]",
    "code=abcdefghijklmnop",
    "&state=abcdefghijklmnop",
    "%C3%A9",
];
const ADDRESS: [&str; 48] = [
    "https://",
    "http://",
    "HTTPS:",
    "ftp://",
    "javascript:",
    "file:///",
    "//",
    "/",
    "\\",
    "@",
    ":",
    ":443",
    ":8443",
    ":99999",
    "?",
    "#",
    ".",
    "..",
    "user",
    "user:pw@",
    "acme",
    "acme.cloud.akeneo.com",
    "acme.my.salesforce.com",
    "acme--uat.sandbox",
    ".lightning.force.com",
    ".salesforce.com",
    ".salesforce.mil",
    "login",
    "test",
    "localhost",
    "127.0.0.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "[::1]",
    "[::ffff:7f00:1]",
    "[fe80::1%25eth0]",
    "169.254.169.254",
    "10.0.0.1",
    "xn--",
    "xn--bcher-kva",
    "b\u{fc}cher",
    "\u{3002}",
    "\u{200b}",
    " ",
    "\t",
    "\n",
    "%2e",
];
const COOKIES: [&str; 13] = [
    "__Host-setup",
    "__Host-browser",
    "=",
    ";",
    "; ",
    "\n",
    "\"",
    "%",
    "%41",
    "a=b",
    ",",
    "__Host-setup=x",
    "__host-setup=y",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_query(query in made_of(&QUERY)) {
        redirect(&query);
    }

    #[test]
    fn any_code_and_state(code in "[ -~]{0,600}", state in "[ -~]{0,2100}") {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        redirect(&format!("code={}&state={}", encode(&code), encode(&state)));
    }

    #[test]
    fn any_form(text in made_of(&QUERY), bytes in vec(any::<u8>(), 0..300)) {
        form(b"application/x-www-form-urlencoded", text.as_bytes());
        form(b"application/x-www-form-urlencoded;charset=x", &bytes);
        form(&bytes, text.as_bytes());
    }

    #[test]
    fn any_cookie(text in made_of(&COOKIES), bytes in vec(any::<u8>(), 0..300)) {
        cookies(text.as_bytes());
        cookies(&bytes);
    }

    #[test]
    fn any_address(text in made_of(&ADDRESS)) {
        pim_url(&text);
        login_host(&text);
        org_url(&text);
        connection_id(&text);
    }

    #[test]
    fn anything_typed(text in "\\PC{0,80}", id in "[0-9a-fA-F]{19,21}") {
        pim_url(&text);
        login_host(&text);
        org_url(&text);
        connection_id(&text);
        connection_id(&id);
    }
}

/// What fits into a request and was made to be expensive.
#[test]
fn big_inputs_end_soon() {
    let many = |piece: &str| piece.repeat(6 * 1024 * 1024 / piece.len());
    for piece in [
        "a",
        "%41",
        "&",
        "a=b&",
        "code=a&",
        "a.",
        "xn--",
        "https://",
        "\u{e9}",
        "..",
        "@",
        "[",
        ":",
        "__Host-setup=x;",
        "a=1&b%41=2&",
    ] {
        let text = many(piece);
        soon(&format!("redirect of {piece}"), || redirect(&text));
        soon(&format!("form of {piece}"), || {
            form(b"application/x-www-form-urlencoded", text.as_bytes())
        });
        soon(&format!("cookies of {piece}"), || cookies(text.as_bytes()));
        soon(&format!("pim url of {piece}"), || pim_url(&text));
        soon(&format!("login host of {piece}"), || login_host(&text));
        soon(&format!("org url of {piece}"), || org_url(&text));
        soon(&format!("connection id of {piece}"), || connection_id(&text));
    }
}

/// The longest form that is read, with as many fields as fit: looking for duplicates must not take for ever.
#[test]
fn many_fields_end_soon() {
    let mut body = String::new();
    for number in 0.. {
        body.push_str(&format!("{number:x}&"));
        if body.len() > 64 * 1024 - 8 {
            break;
        }
    }
    soon("form of many fields", || {
        form(b"application/x-www-form-urlencoded", body.as_bytes())
    });
}
