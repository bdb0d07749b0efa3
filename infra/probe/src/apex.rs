//! Anonymous Apex that makes one callout (facts/salesforce 12.5).

use connector::salesforce::capability::Capability;
use serde_json::Value;

use crate::org::{CallFault, Org};
use crate::question::{Probing, Question, Write};
use crate::records::{NO_RECORD, principal};

/// The longest that an exception is quoted.
const QUOTED: usize = 160;

const MANAGED: Question = Question {
    point: "12.5",
    name: "anonymous_apex",
    text: "Can anonymous Apex call through the managed Named Credential?",
};

/// What became of a callout.
#[derive(Debug)]
pub(crate) enum Callout {
    /// The target answered with this status.
    Answered(u16),
    /// Salesforce did not get so far; its words, without a token.
    Failed(String),
    /// The Apex did not run: the status and Salesforce's code.
    NotRun(String),
}

impl std::fmt::Display for Callout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answered(status) => write!(f, "the target answered {status}"),
            Self::Failed(words) => write!(f, "Salesforce says: {words}"),
            Self::NotRun(brief) => write!(f, "the Apex did not run: {brief}"),
        }
    }
}

/// One GET through a Named Credential that has to answer 200. `header` is Apex that sets a header, or nothing.
pub(crate) fn get(endpoint: &str, header: &str) -> String {
    format!(
        "HttpRequest r=new HttpRequest();r.setEndpoint('callout:{endpoint}');r.setMethod('GET');{header}\
         System.assertEquals(200,new Http().send(r).getStatusCode());"
    )
}

/// The address that runs it, below the versioned root.
pub(crate) fn address(apex: &str) -> String {
    let body: String = url::form_urlencoded::byte_serialize(apex.as_bytes()).collect();
    format!("tooling/executeAnonymous/?anonymousBody={body}")
}

/// Runs it. `secret` is taken out of what Salesforce says.
pub(crate) async fn run(org: &Org, apex: &str, secret: &str) -> Result<Callout, CallFault> {
    let reply = org.get(&address(apex)).await?;
    if !reply.is_ok() || reply.body["compiled"] != true {
        return Ok(Callout::NotRun(reply.brief()));
    }
    if reply.body["success"] == true {
        return Ok(Callout::Answered(200));
    }
    let words = reply.body["exceptionMessage"].as_str().unwrap_or("nothing");
    let status = words
        .split_once("Actual:")
        .and_then(|(_, actual)| actual.trim().parse().ok());
    let quoted = words.replace(secret, "[withheld]").chars().take(QUOTED).collect();
    Ok(status.map_or(Callout::Failed(quoted), Callout::Answered))
}

/// Through the packaged Named Credential, after every write: its answer says too whether the stored token outlived them.
pub(crate) async fn anonymous_apex(probing: &mut Probing<'_>) -> Result<(), CallFault> {
    if probing.records.named_credential.is_none() {
        probing.open(&MANAGED, NO_RECORD);
        return Ok(());
    }
    let endpoint = format!("{}/api/rest/v1/channels?limit=1", probing.records.full_name());
    let apex = get(&endpoint, "");
    let write = Write {
        name: "anonymous-apex",
        what: format!("This Apex runs as the user of the access token and changes nothing: {apex}"),
        calls: vec![("GET", probing.org.path(&address(&apex)), Value::Null)],
    };
    if !probing.agreed(&write, &MANAGED).await {
        return Ok(());
    }
    let callout = run(probing.org, &apex, &probing.org.itself()?.token).await?;
    let configured = principal(probing.org, probing.records).await? == "Configured";
    let ready = configured && probing.report.answer("callout_status") == Some("Enabled");
    let learn = |probing: &mut Probing<'_>, allowed| probing.report.learn(Capability::ExecuteAnonymous, allowed);
    match &callout {
        Callout::Answered(status) => {
            learn(probing, true);
            probing.note(&MANAGED, format!("allowed (the PIM answered {status})"));
        }
        Callout::Failed(_) if !ready => {
            probing.open(
                &MANAGED,
                "callouts are off or no token is stored, so a failure says nothing",
            );
        }
        Callout::Failed(_) | Callout::NotRun(_) => {
            learn(probing, false);
            probing.note(&MANAGED, format!("refused ({callout})"));
        }
    }
    Ok(())
}
