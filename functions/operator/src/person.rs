//! Who asks: the person whose token the HTTP API's JWT authorizer has accepted.
//!
//! Claims come from the event's request context, where only API Gateway writes; never from a header.

use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;

/// A person of ours who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    name: String,
}

/// The longest name that the audit trail takes.
const LONGEST: usize = 200;

impl Person {
    /// The person of a token: its e-mail address unless the issuer doubts it, else its subject. A token without either is nobody.
    #[must_use]
    pub fn of_claims<'a>(claim: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let doubted = claim("email_verified").is_some_and(|text| text.eq_ignore_ascii_case("false"));
        let email = claim("email").filter(|email| !doubted && email.contains('@'));
        let fits = |name: &&str| {
            !name.trim().is_empty() && name.chars().count() <= LONGEST && !name.chars().any(char::is_control)
        };
        let name = email.filter(fits).or_else(|| claim("sub").filter(fits))?;
        Some(Self {
            name: name.trim().to_owned(),
        })
    }

    /// The person whose token the JWT authorizer has accepted for this event.
    pub(crate) fn of_event(event: &lambda_http::Request) -> Option<Self> {
        let Some(RequestContext::ApiGatewayV2(context)) = event.request_context_ref() else {
            return None;
        };
        let claims = &context.authorizer.as_ref()?.jwt.as_ref()?.claims;
        Self::of_claims(|name| claims.get(name).map(String::as_str))
    }

    /// As the audit trail shows the person.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// [`Self::name`], for an entry of the audit trail.
    pub(crate) fn by(&self) -> Option<String> {
        Some(self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_by_an_address_that_the_issuer_stands_for() {
        let check = |claims: &[(&str, &'static str)], expect: Option<&str>| {
            let claim = |name: &str| claims.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
            let found = Person::of_claims(claim);
            assert_eq!(found.as_ref().map(Person::name), expect, "{claims:?}");
        };
        check(
            &[("email", "casey@akeneo.example"), ("sub", "7")],
            Some("casey@akeneo.example"),
        );
        check(
            &[
                ("email", "casey@akeneo.example"),
                ("email_verified", "false"),
                ("sub", "7"),
            ],
            Some("7"),
        );
        check(&[("email", "a@b\n2026 Revoked by c@d"), ("sub", "7")], Some("7"));
        check(&[("sub", "7")], Some("7"));
        check(&[("sub", " ")], None);
        check(&[], None);
    }

    /// An event of the HTTP API (payload format 2.0), with what an authorizer adds to its context.
    fn event(authorizer: &str) -> lambda_http::Request {
        let text = format!(
            r#"{{"version": "2.0", "routeKey": "GET /console/api/{{proxy+}}", "rawPath": "/console/api/me", "rawQueryString": "",
                "headers": {{"authorization": "Bearer x", "x-amzn-oidc-email": "mallory@example.com"}}, "isBase64Encoded": false,
                "requestContext": {{"accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
                    "http": {{"method": "GET", "path": "/console/api/me", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "u"}},
                    "routeKey": "GET /console/api/{{proxy+}}", "stage": "$default", "time": "t", "timeEpoch": 1{authorizer}}}}}"#
        );
        lambda_http::request::from_str(&text).unwrap()
    }

    #[test]
    fn claims_come_from_the_authorizer_and_from_nowhere_else() {
        let jwt =
            r#", "authorizer": {"jwt": {"claims": {"email": "casey@akeneo.example", "sub": "7"}, "scopes": null}}"#;
        assert_eq!(Person::of_event(&event(jwt)).unwrap().name(), "casey@akeneo.example");
        assert_eq!(Person::of_event(&event("")), None, "a token in a header is nobody");
        let iam = r#", "authorizer": {"iam": {"accountId": "1", "userArn": "arn:aws:iam::1:user/ops"}}"#;
        assert_eq!(
            Person::of_event(&event(iam)),
            None,
            "who signs is no person of the console"
        );
    }
}
