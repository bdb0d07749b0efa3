//! One callout by anonymous Apex: does the org reach the PIM with the token that it holds (facts/salesforce 12.5)?
//!
//! It runs as our token's user and reads one channel. Optional evidence: a user without Author Apex, or an org that hides a managed
//! credential from anonymous Apex, says nothing about the connection.

use serde::Deserialize;

use super::api::{ApiError, Message, Org, Resource};
use super::capability::Capability;

/// What the callout showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Smoke {
    /// The PIM answered 200.
    Passed,
    /// The PIM answered something else.
    Answered(u16),
    /// There was no answer; says nothing about the token.
    Unanswered,
    /// The org made no callout: no token, no access, callouts off.
    NotSent,
    /// The org does not run it for this user.
    Refused,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    compiled: bool,
    success: bool,
    exception_message: Option<String>,
}

/// Lets the org call `path` through a Named Credential. Neither argument may come from outside: they stand in Apex.
///
/// # Errors
/// [`ApiError`]; a refusal to run it is no error.
pub async fn callout(org: &Org, named_credential: &str, path: &'static str) -> Result<Smoke, ApiError> {
    if !org.capabilities().may(Capability::ExecuteAnonymous) {
        return Ok(Smoke::Refused);
    }
    let apex = format!(
        "HttpRequest r=new HttpRequest();r.setEndpoint('callout:{named_credential}{path}');r.setMethod('GET');\
         System.assertEquals(200,new Http().send(r).getStatusCode());"
    );
    let resource = Resource::new(&["tooling", "executeAnonymous", ""]).with("anonymousBody", apex);
    // `null` is Salesforce's word for an internal error of its own.
    let outcome: Option<Outcome> = match org.get("salesforce.smoke", &resource).await {
        Err(error) if error.is_refusal() => return Ok(Smoke::Refused),
        other => other?,
    };
    Ok(outcome.map_or(Smoke::Refused, |outcome| outcome.judge()))
}

impl Outcome {
    fn judge(&self) -> Smoke {
        if !self.compiled {
            return Smoke::Refused;
        }
        if self.success {
            return Smoke::Passed;
        }
        let words = self.exception_message.as_deref().unwrap_or_default();
        let status = words
            .rsplit_once("Actual: ")
            .and_then(|(_, status)| status.trim().parse().ok());
        match status {
            Some(status) => Smoke::Answered(status),
            None if says_no_answer(&Message::read(words)) => Smoke::Unanswered,
            None => Smoke::NotSent,
        }
    }
}

fn says_no_answer(words: &Message) -> bool {
    ["timed out", "connection refused", "connection reset", "unknown host"]
        .iter()
        .any(|needle| words.says(needle))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    async fn shown(reply: Reply) -> Smoke {
        let org = ScriptedOrg::start(vec![reply]);
        let smoke = callout(&org.org(), "Akeneo", "/api/rest/v1/channels?limit=1")
            .await
            .unwrap();
        assert_eq!(
            org.lines(),
            [
                "GET tooling/executeAnonymous/?anonymousBody=HttpRequest+r%3Dnew+HttpRequest%28%29%3Br.setEndpoint%28%27callout%3AAkeneo\
              %2Fapi%2Frest%2Fv1%2Fchannels%3Flimit%3D1%27%29%3Br.setMethod%28%27GET%27%29%3BSystem.assertEquals%28200%2Cnew+Http%28%29\
              .send%28r%29.getStatusCode%28%29%29%3B"
            ]
        );
        smoke
    }

    #[tokio::test]
    async fn each_outcome_is_told_apart() {
        let ran = |success: bool, words: Option<&str>| {
            let body = json!({"line": -1, "column": -1, "compiled": true, "success": success, "compileProblem": null,
                "exceptionStackTrace": null, "exceptionMessage": words});
            Reply::json(200, &body.to_string())
        };
        let compile =
            json!({"compiled": false, "success": false, "compileProblem": "x", "exceptionMessage": null}).to_string();
        let forbidden = r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"x"}]"#;
        for (reply, expected) in [
            (ran(true, None), Smoke::Passed),
            (
                ran(
                    false,
                    Some("System.AssertException: Assertion Failed: Expected: 200, Actual: 401"),
                ),
                Smoke::Answered(401),
            ),
            (
                ran(false, Some("System.CalloutException: Read timed out")),
                Smoke::Unanswered,
            ),
            (
                ran(
                    false,
                    Some("System.CalloutException: We couldn't access the credential(s)."),
                ),
                Smoke::NotSent,
            ),
            (ran(false, None), Smoke::NotSent),
            (Reply::json(200, &compile), Smoke::Refused),
            (Reply::json(200, "null"), Smoke::Refused),
            (Reply::json(403, forbidden), Smoke::Refused),
        ] {
            assert_eq!(shown(reply).await, expected);
        }
    }
}
