//! Anonymous Apex through the managed Named Credential (facts/salesforce 12.5).

use serde_json::Value;

use crate::org::{CallFault, Org};
use crate::records::Records;
use crate::report::Report;
use crate::writes::{Consent, NOT_ASKED, Write, principal};
use connector::salesforce::capability::Capability;

/// Runs it and judges what came back.
pub(crate) async fn anonymous_apex(
    org: &Org,
    records: &Records,
    report: &mut Report,
    consent: Consent<'_>,
) -> Result<(), CallFault> {
    let (name, question) = (
        "anonymous_apex",
        "Can anonymous Apex call through the managed Named Credential?",
    );
    let apex = format!(
        "HttpRequest r=new HttpRequest();r.setEndpoint('callout:{}/api/rest/v1/channels?limit=1');r.setMethod('GET');\
         System.assertEquals(200,new Http().send(r).getStatusCode());",
        records.full_name()
    );
    let body: String = url::form_urlencoded::byte_serialize(apex.as_bytes()).collect();
    let path = format!("tooling/executeAnonymous/?anonymousBody={body}");
    let write = Write {
        name: "anonymous-apex",
        what: format!("This Apex runs as the user of the access token and changes nothing: {apex}"),
        calls: vec![("GET", org.path(&path), Value::Null)],
    };
    if !consent(&write) {
        report.note("12.5", name, question, NOT_ASKED);
        return Ok(());
    }
    let reply = org.get(&path).await?;
    let exception = reply.body["exceptionMessage"].as_str().unwrap_or_default();
    let answered = reply.body["success"] == true || exception.contains("Actual:");
    let ready = principal(org, records).await? == "Configured" && report.answer("callout_status") == Some("Enabled");
    let said = if answered {
        report.learn(Capability::ExecuteAnonymous, true);
        "allowed".to_owned()
    } else if !reply.is_ok() || reply.body["compiled"] == false || ready {
        report.learn(Capability::ExecuteAnonymous, false);
        format!("refused ({})", reply.brief())
    } else {
        "open: callouts are off or no token is stored, so a failure says nothing".to_owned()
    };
    report.note("12.5", name, question, said);
    Ok(())
}
