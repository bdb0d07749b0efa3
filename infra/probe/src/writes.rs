//! The questions that only a write answers. Each is shown with everything it sends, made when a person agrees, and undone.

use serde_json::{Value, json};

use crate::apex::anonymous_apex;
use crate::org::{CallFault, Org, Reply};
use crate::own_provider::own_provider;
use crate::records::Records;
use crate::report::Report;
use connector::salesforce::capability::Capability;

/// A write before it is made.
#[derive(Debug, Clone)]
pub struct Write {
    /// What `--yes-to` calls it.
    pub name: &'static str,
    /// What it is for and what it does meanwhile, in words.
    pub what: String,
    /// What is sent: method, path and body, secret-equivalent values withheld.
    pub calls: Vec<(&'static str, String, Value)>,
}

/// Name and purpose of every write.
pub const WRITES: [(&str, &str); 5] = [
    (
        "callout-status",
        "Tooling PATCH that switches callouts of the packaged Named Credential over and back",
    ),
    (
        "provider-put",
        "Connect PUT of the packaged identity provider with the values that it has",
    ),
    (
        "provider-patch",
        "Tooling PATCH of the packaged identity provider with the values that it has",
    ),
    (
        "own-provider",
        "makes an identity provider Connector_Probe with made-up credentials and deletes it",
    ),
    (
        "anonymous-apex",
        "anonymous Apex that reads one channel of the PIM through the packaged Named Credential",
    ),
];

pub(crate) const PROVIDERS: &str = "named-credentials/external-auth-identity-providers";

/// Asks a person about a write.
pub(crate) type Consent<'a> = &'a mut (dyn FnMut(&Write) -> bool + Send);

/// Asks them all, each with consent.
pub(crate) async fn ask_by_writing(
    org: &Org,
    records: &Records,
    report: &mut Report,
    consent: Consent<'_>,
) -> Result<(), CallFault> {
    if let Some(id) = &records.named_credential {
        callout_status(org, id, report, consent).await?;
    }
    if let Some(id) = &records.provider {
        provider_put(org, records, report, consent).await?;
        provider_patch(org, records, id, report, consent).await?;
    }
    own_provider(org, report, consent).await?;
    if records.named_credential.is_some() {
        anonymous_apex(org, records, report, consent).await?;
    }
    Ok(())
}

pub(crate) fn verdict(reply: &Reply) -> String {
    let word = if reply.is_ok() { "accepted" } else { "refused" };
    format!("{word} ({})", reply.brief())
}

pub(crate) const NOT_ASKED: &str = "open: not agreed to";

async fn callout_status(org: &Org, id: &str, report: &mut Report, consent: Consent<'_>) -> Result<(), CallFault> {
    let (name, question) = (
        "callout_status_by_tooling",
        "Does Tooling PATCH change calloutStatus of a managed Named Credential?",
    );
    let path = format!("tooling/sobjects/NamedCredential/{id}");
    let before = metadata(org, &path).await?;
    let present = before["calloutStatus"].as_str().unwrap_or("Disabled").to_owned();
    let other = if present == "Enabled" { "Disabled" } else { "Enabled" };
    let mut switched = before.clone();
    switched["calloutStatus"] = json!(other);
    let bodies = [json!({ "Metadata": switched }), json!({ "Metadata": before })];
    let write = Write {
        name: "callout-status",
        what: format!("Callouts are {present}; they are {other} for about a second and then {present} again."),
        calls: bodies
            .iter()
            .map(|body| ("PATCH", org.path(&path), withheld(body)))
            .collect(),
    };
    if !consent(&write) {
        report.note("16 (1)", name, question, NOT_ASKED);
        return Ok(());
    }
    let [there, back] = &bodies;
    let reply = org.call("PATCH", &path, Some(there)).await?;
    // From here on nothing ends early: what was switched has to be switched back.
    let seen = metadata(org, &path).await.unwrap_or_default();
    let changed = seen["calloutStatus"] == other;
    report.learn(Capability::ToolingCalloutStatus, reply.is_ok() && changed);
    let said = if reply.is_ok() && !changed {
        "accepted, but not in place".to_owned()
    } else {
        verdict(&reply)
    };
    report.note("16 (1)", name, question, said);
    if reply.is_ok() {
        let question = "What does a successful Tooling PATCH answer?";
        report.note(
            "1.3",
            "tooling_patch_success",
            question,
            reply.status.as_u16().to_string(),
        );
        let restored = org
            .call("PATCH", &path, Some(back))
            .await
            .is_ok_and(|reply| reply.is_ok());
        let after = metadata(org, &path).await.unwrap_or_default();
        let kept = restored && after["calloutStatus"] == present;
        let flipped = if kept {
            "no: the status is the one that was written"
        } else {
            "yes, or it could not be written: the status is another one"
        };
        let question = "Does a write of ours flip calloutStatus?";
        report.note("16 (6)", "callouts_flipped_by_write", question, flipped);
        if !kept {
            report.left_behind.push(format!(
                "callouts of the packaged Named Credential were {present} and may not be any more: look at “Enabled for Callouts” in Setup."
            ));
        }
    }
    Ok(())
}

async fn metadata(org: &Org, path: &str) -> Result<Value, CallFault> {
    let mut metadata = org.get(path).await?.body["Metadata"].clone();
    if let Some(fields) = metadata.as_object_mut() {
        // Output only.
        fields.remove("urls");
    }
    Ok(metadata)
}

async fn provider_put(
    org: &Org,
    records: &Records,
    report: &mut Report,
    consent: Consent<'_>,
) -> Result<(), CallFault> {
    let (name, question) = (
        "provider_by_connect",
        "Does Connect PUT write a managed identity provider?",
    );
    let path = format!("{PROVIDERS}/{}", records.full_name());
    let before = org.get(&path).await?;
    let body = provider_input(&before.body);
    let write = Write {
        name: "provider-put",
        what: "The provider is written with the values that it has.".to_owned(),
        calls: vec![("PUT", org.path(&path), withheld(&body))],
    };
    if !before.is_ok() || !consent(&write) {
        report.note("16 (2)", name, question, NOT_ASKED);
        return Ok(());
    }
    let reply = org.call("PUT", &path, Some(&body)).await?;
    report.learn(Capability::ConnectPutManagedEaip, reply.is_ok());
    report.note("16 (2)", name, question, verdict(&reply));
    let after = org.get(&path).await?;
    if provider_input(&after.body) != body {
        report
            .left_behind
            .push("the packaged identity provider is not as it was: compare its values in Setup.".to_owned());
    }
    Ok(())
}

/// The input that says what an answer shows (facts/salesforce 3.1): output-only fields and rows are left out.
fn provider_input(shown: &Value) -> Value {
    const KEYS: [&str; 9] = [
        "fullName",
        "label",
        "description",
        "authenticationProtocol",
        "authenticationFlow",
        "clientAuthentication",
        "authorizeUrl",
        "tokenUrl",
        "userInfoUrl",
    ];
    const ROW: [&str; 4] = ["parameterName", "parameterType", "parameterValue", "sequenceNumber"];
    let pick = |from: &Value, keys: &[&str]| {
        let kept = keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone())));
        Value::Object(kept.filter(|(_, value)| !value.is_null()).collect())
    };
    let mut input = pick(shown, &KEYS);
    let rows = shown["parameters"].as_array().cloned().unwrap_or_default();
    let ours = |row: &&Value| {
        !row["parameterType"]
            .as_str()
            .unwrap_or_default()
            .starts_with("ManagedBy")
    };
    input["parameters"] = rows.iter().filter(ours).map(|row| pick(row, &ROW)).collect();
    input
}

async fn provider_patch(
    org: &Org,
    records: &Records,
    id: &str,
    report: &mut Report,
    consent: Consent<'_>,
) -> Result<(), CallFault> {
    let (name, question) = (
        "provider_by_tooling",
        "Does Tooling PATCH write a managed identity provider?",
    );
    let path = format!("tooling/sobjects/ExternalAuthIdentityProvider/{id}");
    let before = metadata(org, &path).await?;
    let body = json!({ "Metadata": before });
    let write = Write {
        name: "provider-patch",
        what: "The provider is written with the values that it has.".to_owned(),
        calls: vec![("PATCH", org.path(&path), withheld(&body))],
    };
    if !consent(&write) {
        report.note("16 (2)", name, question, NOT_ASKED);
        return Ok(());
    }
    let principal = principal(org, records).await?;
    let reply = org.call("PATCH", &path, Some(&body)).await?;
    report.learn(Capability::ToolingPatchManagedEaip, reply.is_ok());
    report.note("16 (2)", name, question, verdict(&reply));
    if reply.is_ok() && principal == "Configured" {
        let after = self::principal(org, records).await?;
        report.note(
            "16 (5)",
            "principal_after_write",
            "What is the principal's status after a write of the provider?",
            after,
        );
    } else {
        let why = "open: no token is stored in the principal";
        report.note(
            "16 (5)",
            "principal_after_write",
            "What is the principal's status after a write of the provider?",
            why,
        );
    }
    if metadata(org, &path).await? != before {
        report
            .left_behind
            .push("the packaged identity provider is not as it was: compare its values in Setup.".to_owned());
    }
    Ok(())
}

pub(crate) async fn principal(org: &Org, records: &Records) -> Result<String, CallFault> {
    let reply = org
        .get(&format!(
            "named-credentials/external-credentials/{}",
            records.full_name()
        ))
        .await?;
    let all = reply.body["principals"].as_array().cloned().unwrap_or_default();
    let found = all
        .into_iter()
        .find(|principal| principal["principalName"] == "Default");
    Ok(found
        .and_then(|found| found["authenticationStatus"].as_str().map(str::to_owned))
        .unwrap_or_default())
}

/// A body with what is worth a secret left out.
fn withheld(body: &Value) -> Value {
    let mut body = body.clone();
    hide(&mut body);
    body
}

fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => {
            let name = fields.get("parameterName").and_then(Value::as_str).unwrap_or_default();
            if name.starts_with("code_") {
                fields.insert("parameterValue".to_owned(), json!("[withheld]"));
            }
            for key in [
                "credentialValue",
                "password",
                "oauthToken",
                "oauthRefreshToken",
                "awsAccessSecret",
            ] {
                if fields.get(key).is_some_and(Value::is_string) {
                    fields.insert(key.to_owned(), json!("[withheld]"));
                }
            }
            fields.values_mut().for_each(hide);
        }
        _ => {}
    }
}
