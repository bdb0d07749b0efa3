//! HTTP events before a request is made of them. A front hands on what a client sent, and clients send characters that no URI can
//! hold and hosts that are none. The library that makes the request takes such an event for a fault of the program and panics, so
//! that anybody could raise our alarms: characters are encoded first, and the host, which nothing here reads, is left out.
//!
//! It knows the keys of payload format 2.0 and no type of Lambda's. It must not judge: what was asked for stays what was asked for.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

/// What a query cannot hold; a form reads the encoded character as the same one.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// What a path cannot hold. The front has decoded it, so that a question mark in it is no beginning of a query.
const PATH: &AsciiSet = &QUERY.add(b'?');
/// Headers that the request's URI would be made of.
const OF_THE_HOST: [&str; 2] = ["host", "x-forwarded-proto"];

/// The same event, of which a request can be made.
#[must_use]
pub fn readable(mut event: Value) -> Value {
    for (key, set, start) in [("rawQueryString", QUERY, ""), ("rawPath", PATH, "/")] {
        if let Some(Value::String(text)) = event.get_mut(key) {
            let missing = if text.starts_with(start) { "" } else { start };
            *text = format!("{missing}{}", utf8_percent_encode(text, set));
        }
    }
    if let Some(Value::Object(headers)) = event.get_mut("headers") {
        headers.retain(|name, _| !OF_THE_HOST.iter().any(|other| name.eq_ignore_ascii_case(other)));
    }
    if let Some(Value::Object(context)) = event.get_mut("requestContext") {
        context.remove("domainName");
    }
    event
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_uri_can_hold_is_encoded_and_everything_else_stays() {
        let check = |path: &str, query: &str, expect: (&str, &str)| {
            let event = readable(json!({ "rawPath": path, "rawQueryString": query, "body": "a=<" }));
            let found = (event["rawPath"].as_str(), event["rawQueryString"].as_str());
            assert_eq!(found, (Some(expect.0), Some(expect.1)), "{path} {query}");
            assert_eq!(event["body"], "a=<");
        };
        check(
            "/setup/abc-_.~",
            "code=a%2Fb+c&state=x%20y",
            ("/setup/abc-_.~", "code=a%2Fb+c&state=x%20y"),
        );
        check(
            "/setup",
            "code=<\">&a=\u{e9}\n",
            ("/setup", "code=%3C%22%3E&a=%C3%A9%0A"),
        );
        check("/setup/a?code=1#x\\", "", ("/setup/a%3Fcode=1%23x%5C", ""));
        check("setup/\0", "%zz", ("/setup/%00", "%zz"));
    }

    #[test]
    fn the_host_is_left_out() {
        let event = json!({ "headers": { "Host": "a b", "x-forwarded-proto": "://", "cookie": "x" },
            "requestContext": { "domainName": "[", "stage": "$default" } });
        let expect = json!({ "headers": { "cookie": "x" }, "requestContext": { "stage": "$default" } });
        assert_eq!(readable(event), expect);
        for odd in [
            json!(null),
            json!([]),
            json!({ "rawPath": 1, "headers": [], "requestContext": "x" }),
        ] {
            assert_eq!(readable(odd.clone()), odd);
        }
    }
}
