//! Queries of every shape that a browser can bring back.

use proptest::prelude::*;

use super::*;

fn granted(query: &str) -> (String, String) {
    match Redirect::read(query) {
        Ok(Redirect::Granted(granted)) => (granted.code.expose().to_owned(), granted.state.expose().to_owned()),
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn exactly_one_code_and_one_state_are_read() {
    let check = |query: &str, code: &str, state: &str| assert_eq!(granted(query), (code.to_owned(), state.to_owned()));
    check("code=abc&state=xyz", "abc", "xyz");
    check("state=xyz&code=abc", "abc", "xyz");
    check("tenant=1&tenant=2&code=abc&&state=xyz&iss=%C3%A9", "abc", "xyz");
    check("code=aPrx%3D%3D&state=a%26b+c%2Bd", "aPrx==", "a&b c+d");
    check("c%6Fde=abc&state=a=b", "abc", "a=b");
    let (code, state) = ("c".repeat(LONGEST_CODE), "s".repeat(LONGEST_STATE));
    check(&format!("code={code}&state={state}"), &code, &state);
}

#[test]
fn any_other_shape_is_refused() {
    let check =
        |query: &str, fault: RedirectFault| assert_eq!(Redirect::read(query).unwrap_err(), fault, "{query:.80}");
    for query in [
        "",
        "&&",
        "code=&state=x",
        "code&state=x",
        "state=x",
        "Code=a&state=x",
        "code%00=a&state=x",
        "pim_url=https://a",
    ] {
        check(query, RedirectFault::NoCode);
    }
    for query in ["code=a", "code=a&state", "code=a&state=", "code=a&State=x"] {
        check(query, RedirectFault::NoState);
    }
    for query in [
        "code=a&code=a&state=x",
        "code=a&code=b&state=x",
        "code=a&state=x&state=y",
        "code=a&state=x&state=",
        "code=&code=a&state=x",
        "code=a&%63ode=b&state=x",
        "error=a&error=b&state=x",
        "error=a&error_description=b&error_description=c",
    ] {
        check(query, RedirectFault::Duplicate);
    }
    for query in [
        "code=a%&state=x",
        "code=a%4&state=x",
        "code=a%zz&state=x",
        "code=%ff&state=x",
        "code=a%0Ab&state=x",
        "code=%C3%A9&state=x",
        "code=a&state=%00",
        "code=é&state=x",
        "code=a&state=x&other=%",
        "code=a&state=x&%F0%28=1",
        "code=a+%4&state=x",
    ] {
        check(query, RedirectFault::Encoding);
    }
    for query in ["code=a&state=x&error=access_denied", "error=&code=a"] {
        check(query, RedirectFault::Ambiguous);
    }
    for query in [
        format!("code={}&state=x", "c".repeat(LONGEST_CODE + 1)),
        format!("code=c&state={}", "s".repeat(LONGEST_STATE + 1)),
        format!("code=c&state=x&other={}", "o".repeat(LONGEST_QUERY)),
    ] {
        check(&query, RedirectFault::TooLong);
    }
}

#[test]
fn an_error_is_sorted_and_its_text_stays_inside() {
    let check = |query: &str, kind: RefusalKind, has_state: bool| match Redirect::read(query) {
        Ok(Redirect::Refused(refused)) => {
            assert_eq!(
                (refused.error.kind(), refused.state.is_some()),
                (kind, has_state),
                "{query}"
            );
            assert!(!format!("{refused:?}").contains("canary"));
        }
        other => panic!("{query}: {other:?}"),
    };
    check(
        "error=access_denied&error_description=end-user+denied+%C3%A9&state=x",
        RefusalKind::Denied,
        true,
    );
    check("error=invalid_scope", RefusalKind::BadRequest, false);
    check("error=temporarily_unavailable&state=", RefusalKind::Unavailable, false);
    check(
        "error=canary%3Cscript%3E&error_description=canary&state=x",
        RefusalKind::Other,
        true,
    );
    check("error=&state=canary", RefusalKind::Other, true);
    let Ok(Redirect::Refused(refused)) = Redirect::read("error=OAUTH_EC_APP_NOT_FOUND&state=x") else {
        panic!()
    };
    assert_eq!(refused.error.for_matching(), "OAUTH_EC_APP_NOT_FOUND");
}

#[test]
fn a_relayed_answer_is_the_same_answer() {
    let Ok(Redirect::Granted(answer)) = Redirect::read("code=a%2Bb%3D&state=c+d%26e%25") else {
        panic!()
    };
    let callback = Url::parse("https://acme.my.salesforce.com/services/oauth2/callback?keep=1#gone").unwrap();
    let relayed = answer.relayed_to(&callback);
    assert_eq!(
        relayed.expose(),
        "https://acme.my.salesforce.com/services/oauth2/callback?keep=1&code=a%2Bb%3D&state=c+d%26e%25"
    );
    assert_eq!(
        granted(relayed.expose().split_once('?').unwrap().1),
        ("a+b=".to_owned(), "c d&e%".to_owned())
    );
    assert_eq!(
        format!("{answer:?}"),
        "Granted { code: AuthorizationCode([redacted]), state: HandedOut([redacted]) }"
    );
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(query in "(\\PC|[%&=+]|code|state|error){0,60}") {
        let _ = Redirect::read(&query);
    }

    #[test]
    fn what_a_pim_appends_is_read_back(code in "[ -~]{1,100}", state in "[ -~]{1,100}") {
        // http_build_query of the PIM (facts/akeneo 1.4) is a form encoder.
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("code", &code).append_pair("state", &state).finish();
        prop_assert_eq!(granted(&query), (code, state));
    }
}
