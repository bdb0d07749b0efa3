//! Answers as facts/akeneo 7.3 gives them, and their verdicts.

use http::HeaderMap;

use super::*;

fn answer(
    status: u16,
    headers: &[(header::HeaderName, &'static str)],
    body: &'static str,
) -> Result<Answer, CallError> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.clone(), http::HeaderValue::from_static(value)))
        .collect();
    Ok(Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: body.into(),
    })
}

#[test]
fn answers_are_classified() {
    use Misconfiguration::*;
    let check = |status: u16, body: &'static str, expect: Verdict| {
        assert_eq!(verdict(&answer(status, &[], body)), expect, "{status} {body}");
    };
    check(
        200,
        r#"{"_links":{},"current_page":1,"_embedded":{"items":[]}}"#,
        Verdict::Granted,
    );
    check(
        200,
        r#"{"_links":{},"_embedded":{"items":[{"code":"x"}]}}"#,
        Verdict::Granted,
    );
    check(200, r#"{"error":"No products to synchronize."}"#, Verdict::Unknown);
    check(200, "<html>", Verdict::Misconfigured(NotAnApi));
    check(200, "", Verdict::Misconfigured(NotAnApi));
    check(
        401,
        r#"{"code":401,"message":"The access token provided is invalid."}"#,
        Verdict::TokenInvalid,
    );
    check(
        401,
        r#"{"code":401,"message":"The access token provided has expired."}"#,
        Verdict::TokenInvalid,
    );
    check(
        401,
        r#"{"code":401,"message":"The access token provided is invalid. Your app has been disconnected from that PIM."}"#,
        Verdict::Disconnected,
    );
    check(
        401,
        r#"{"code":401,"message":"Authentication is required"}"#,
        Verdict::Misconfigured(TokenNotSeen),
    );
    check(
        401,
        r#"{"error":"access_denied","error_description":"OAuth2 authentication required"}"#,
        Verdict::Misconfigured(TokenNotSeen),
    );
    check(401, "", Verdict::TokenInvalid);
    check(
        401,
        "<html>we will be back soon</html>",
        Verdict::Misconfigured(NotAnApi),
    );
    check(
        403,
        r#"{"code":403,"message":"Access forbidden. You are not allowed to list channels."}"#,
        Verdict::Missing,
    );
    check(
        403,
        r#"{"code":403,"message":"You are not allowed to access the web API."}"#,
        Verdict::Missing,
    );
    check(403, "<html>blocked</html>", Verdict::Unknown);
    check(404, "<html>", Verdict::Misconfigured(NotAnApi));
    check(
        404,
        r#"{"code":404,"message":"Category 'master' does not exist."}"#,
        Verdict::Unknown,
    );
    check(302, "", Verdict::Misconfigured(Redirect));
    check(301, "", Verdict::Misconfigured(Redirect));
    check(406, r#"{"code":406,"message":"x"}"#, Verdict::Unknown);
    check(
        422,
        r#"{"code":422,"message":"You cannot request more than 100 items."}"#,
        Verdict::Unknown,
    );
    check(500, "", Verdict::Unreachable);
    check(503, "<html>", Verdict::Unreachable);
    check(408, "", Verdict::Unreachable);
}

#[test]
fn headers_count_too() {
    let limited = |seconds| Verdict::RateLimited {
        retry_after_seconds: seconds,
    };
    let with = |value| verdict(&answer(429, &[(header::RETRY_AFTER, value)], "not json"));
    assert_eq!(with("15"), limited(Some(15)));
    assert_eq!(with("soon"), limited(None));
    assert_eq!(
        verdict(&answer(429, &[], r#"{"code":429,"message":"You have exceeded"}"#)),
        limited(None)
    );
    let guarded = answer(401, &[(header::WWW_AUTHENTICATE, "Basic realm=\"staging\"")], "<html>");
    assert_eq!(verdict(&guarded), Verdict::Misconfigured(Misconfiguration::Guarded));
    let bearer = answer(401, &[(header::WWW_AUTHENTICATE, "Bearer realm=\"Service\"")], "");
    assert_eq!(verdict(&bearer), Verdict::TokenInvalid);
}

#[test]
fn faults_of_the_way_are_classified() {
    for fault in [
        CallError::Forbidden,
        CallError::TimedOut,
        CallError::Unreachable("x".into()),
        CallError::Interrupted("x".into()),
    ] {
        assert_eq!(verdict(&Err(fault)), Verdict::Unreachable);
    }
    assert_eq!(
        verdict(&Err(CallError::Tls("x".into()))),
        Verdict::Misconfigured(Misconfiguration::Certificate)
    );
    assert_eq!(
        verdict(&Err(CallError::TooLarge)),
        Verdict::Misconfigured(Misconfiguration::NotAnApi)
    );
}

#[test]
fn verdicts_are_stored_by_name() {
    let json = |verdict: Verdict| serde_json::to_string(&verdict).unwrap();
    assert_eq!(json(Verdict::TokenInvalid), "\"token_invalid\"");
    assert_eq!(
        json(Verdict::Misconfigured(Misconfiguration::Redirect)),
        "{\"misconfigured\":\"redirect\"}"
    );
    assert_eq!(
        json(Verdict::RateLimited {
            retry_after_seconds: Some(1)
        }),
        "{\"rate_limited\":{\"retry_after_seconds\":1}}"
    );
}
