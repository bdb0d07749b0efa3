//! Does a deployed `oauthToken` authenticate a classic Named Credential (facts/salesforce 7, 16 point 8)?
//!
//! A Named Credential and an Auth. Provider of the probe's own are deployed with a token, and anonymous Apex calls out through them to a
//! target that answers 200 to this token and 401 without one: by default the org's own API with the token of this session. A second
//! Named Credential without authorization, over which Apex sends its own session, is the control: where that fails too, nothing is said.

use connector::salesforce::capability::Capability;
use connector::salesforce::deploy::{Component, xml};
use serde_json::{Map, Value, json};

use crate::apex::{self, Callout};
use crate::credentials::Target;
use crate::org::CallFault;
use crate::question::{Probing, Question, Write, withheld};
use crate::undo::Way;

const OWN: &str = "Connector_Probe_Legacy";
const CONTROL: &str = "Connector_Probe_Control";
const DEPLOYS: &str = "metadata/deployRequest";
/// Apex that sends the session it runs in, as the control does.
const OWN_SESSION: &str = "r.setHeader('Authorization','Bearer '+UserInfo.getSessionId());";
/// How often a deploy is asked for, two seconds apart.
const POLLS: u32 = 45;

const TOKEN: Question = Question {
    point: "16 (8)",
    name: "legacy_oauth_token",
    text: "Does a deployed oauthToken of a legacy Named Credential authenticate?",
};

const PACKAGE_CODE: Question = Question {
    point: "14.3",
    name: "legacy_custom_credential",
    text: "Does the code of a package before 3.0 call out through an External Credential of the customer's?",
};

/// What no probe can ask: anonymous Apex is not the package's code.
pub(crate) fn package_code(probing: &mut Probing<'_>) {
    probing.open(
        &PACKAGE_CODE,
        "only the package's own code shows it; configure a test stack with legacy_custom_credential=accepted, connect a sandbox with a package \
         before 3.0, and run a transfer there",
    );
}

/// Deploys the records, calls out, deletes them.
pub(crate) async fn legacy_token(probing: &mut Probing<'_>) -> Result<(), CallFault> {
    if taken(probing).await? {
        probing.open(
            &TOKEN,
            "Connector_Probe_Legacy or _Control is there already; delete them in Setup and ask again",
        );
        return Ok(());
    }
    let named = probing.target;
    let own = probing.org.itself()?;
    let target = named.unwrap_or(&own);
    let files = files(probing, target)?;
    let path = path(target);
    let token = apex::get(&format!("{OWN}{path}"), "");
    let control = apex::get(&format!("{CONTROL}{path}"), OWN_SESSION);
    let write = asked(probing, target, &files, &token, &control);
    if !probing.agreed(&write, &TOKEN).await {
        return Ok(());
    }
    if deployed(probing, &files, &target.token).await? {
        let callout = apex::run(probing.org, &token, &target.token).await?;
        let works = match (&callout, named) {
            (Callout::Answered(200), _) => true,
            (_, Some(target)) => probing.org.from_here(target).await?.is_ok(),
            (_, None) => matches!(
                apex::run(probing.org, &control, &target.token).await?,
                Callout::Answered(200)
            ),
        };
        judge(probing, &callout, works);
    }
    probing.put_back().await;
    Ok(())
}

/// `works` is whether the target takes the token at all.
fn judge(probing: &mut Probing<'_>, callout: &Callout, works: bool) {
    let learn = |probing: &mut Probing<'_>, accepted| probing.report.learn(Capability::LegacyTokenInjection, accepted);
    match callout {
        Callout::Answered(200) => {
            learn(probing, true);
            probing.note(&TOKEN, "accepted (the target took the token)");
        }
        Callout::NotRun(_) => probing.open(&TOKEN, callout),
        _ if works => {
            learn(probing, false);
            probing.note(&TOKEN, format!("refused ({callout})"));
        }
        _ => {
            let why = format!(
                "{callout}, but the target does not take the token in any other way either; name another with --legacy-target"
            );
            probing.open(&TOKEN, why);
        }
    }
}

/// Path and query of a target.
fn path(target: &Target) -> String {
    let query = target.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", target.url.path()).replace(['\'', '\\'], "")
}

async fn taken(probing: &Probing<'_>) -> Result<bool, CallFault> {
    for (tooling, object, name) in [
        (true, "NamedCredential", OWN),
        (true, "NamedCredential", CONTROL),
        (false, "AuthProvider", OWN),
    ] {
        let soql = format!("SELECT Id FROM {object} WHERE DeveloperName='{name}'");
        let found = probing.org.query(tooling, &soql).await?;
        if found.body["records"].as_array().is_some_and(|rows| !rows.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Fields of each component, by its metadata type and name.
type File = (&'static str, &'static str, Value);

/// The provider leads to the org itself: whatever the org asks it for goes nowhere else.
fn files(probing: &Probing<'_>, target: &Target) -> Result<Vec<File>, CallFault> {
    let at = |path: &str| probing.org.at(path).map(String::from);
    let endpoint = target.url.origin().ascii_serialization();
    let provider = json!({ "authorizeUrl": at("/services/oauth2/authorize")?, "consumerKey": "connector-probe",
        "consumerSecret": "made-up", "friendlyName": OWN, "providerType": "OpenIdConnect", "tokenUrl": at("/services/oauth2/token")? });
    let common = json!({ "allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": false, "calloutStatus": "Enabled", "endpoint": endpoint,
        "namedCredentialType": "Legacy" });
    let with = |label: &str, more: Value| {
        let mut fields = common.clone();
        if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
            fields.insert("label".to_owned(), json!(label.replace('_', " ")));
            fields.extend(more);
        }
        fields
    };
    let token = json!({ "authProvider": OWN, "generateAuthorizationHeader": true, "oauthRefreshToken": "connector-probe",
        "oauthScope": "api", "oauthToken": target.token, "principalType": "NamedUser", "protocol": "Oauth" });
    let plain =
        json!({ "generateAuthorizationHeader": false, "principalType": "Anonymous", "protocol": "NoAuthentication" });
    let mut files = vec![
        ("AuthProvider", OWN, provider),
        ("NamedCredential", OWN, with(OWN, token)),
    ];
    // What the operator names is not sent the org's session: it is tried from here instead.
    if probing.target.is_none() {
        files.push(("NamedCredential", CONTROL, with(CONTROL, plain)));
    }
    Ok(files)
}

fn component((kind, name, fields): &File) -> Component {
    let (folder, suffix) = match *kind {
        "AuthProvider" => ("authproviders", "authprovider"),
        _ => ("namedCredentials", "namedCredential"),
    };
    Component {
        kind,
        full_name: (*name).to_owned(),
        path: format!("{folder}/{name}.{suffix}"),
        xml: xml::document(kind, &xml::fields(fields.as_object().unwrap_or(&Map::new()))),
    }
}

fn asked(probing: &Probing<'_>, target: &Target, files: &[File], token: &str, control: &str) -> Write {
    let shown: Map<String, Value> = files
        .iter()
        .map(|file| (component(file).path, withheld(&file.2)))
        .collect();
    let mut calls = vec![("POST", probing.org.path(DEPLOYS), Value::Object(shown))];
    let callouts = if probing.target.is_some() {
        vec![token]
    } else {
        vec![token, control]
    };
    calls.extend(
        callouts
            .iter()
            .map(|apex| ("GET", probing.org.path(&apex::address(apex)), Value::Null)),
    );
    for (kind, name, _) in files.iter().rev().filter(|(kind, ..)| *kind == "NamedCredential") {
        let row = format!("tooling/sobjects/{kind}/(the id of {name})");
        calls.push(("DELETE", probing.org.path(&row), Value::Null));
    }
    let row = format!("sobjects/AuthProvider/(the id of {OWN})");
    calls.push(("DELETE", probing.org.path(&row), Value::Null));
    let whose = if probing.target.is_some() {
        "the token that you handed over"
    } else {
        "the access token of this session"
    };
    Write {
        name: "legacy-token",
        what: format!(
            "A classic Named Credential and an Auth. Provider of the probe's own, which nothing uses, hold {whose} for some seconds; anonymous \
             Apex calls {} through them. All that is made is deleted at the end.",
            target.url
        ),
        calls,
    }
}

/// Deploys the files and waits. A refusal of the Named Credential alone because of its token is an answer too.
async fn deployed(probing: &mut Probing<'_>, files: &[File], token: &str) -> Result<bool, CallFault> {
    let left = |what: &str| {
        format!(
            "the {what} could not be deleted: delete it in Setup (search for “{}”).",
            what.split(' ').next_back().unwrap_or(what)
        )
    };
    let record = |api, object, name| Way::Record { api, object, name };
    probing.undo.note(
        record("sobjects", "AuthProvider", OWN),
        left("Auth. Provider Connector_Probe_Legacy"),
    );
    for (name, what) in [
        (CONTROL, "Named Credential Connector_Probe_Control"),
        (OWN, "Named Credential Connector_Probe_Legacy, which holds a token,"),
    ] {
        probing
            .undo
            .note(record("tooling/sobjects", "NamedCredential", name), left(what));
    }
    let components: Vec<Component> = files.iter().map(component).collect();
    let sent = probing.org.deploy(&components).await?;
    let Some(id) = sent.body["id"].as_str().filter(|_| sent.is_ok()) else {
        probing.open(&TOKEN, format!("the deploy is not taken ({})", sent.brief()));
        return Ok(false);
    };
    let running = "a deploy of the probe's records was still running: look at Setup > Deployment Status, then delete what it made.";
    probing.undo.note(Way::Deploy(id.to_owned()), running);
    let address = format!("{DEPLOYS}/{id}?includeDetails=true");
    for _ in 0..POLLS {
        let answer = probing.org.get(&address).await?.body["deployResult"].take();
        if answer["done"] == true {
            return Ok(answer["success"] == true || refused(probing, &answer, token));
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    probing.open(&TOKEN, "the deploy did not end in time");
    Ok(false)
}

/// Notes why a deploy failed; never goes on.
fn refused(probing: &mut Probing<'_>, answer: &Value, token: &str) -> bool {
    let failures = answer["details"]["componentFailures"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let says = |failure: &Value| {
        failure["problem"]
            .as_str()
            .unwrap_or_default()
            .replace(token, "[withheld]")
    };
    let about_token = |failure: &Value| {
        failure["fullName"] == OWN && failure["componentType"] == "NamedCredential" && says(failure).contains("oauth")
    };
    let said: String = failures
        .first()
        .map(says)
        .unwrap_or_default()
        .chars()
        .take(160)
        .collect();
    if !failures.is_empty() && failures.iter().all(about_token) {
        probing.report.learn(Capability::LegacyTokenInjection, false);
        probing.note(&TOKEN, format!("refused (the deploy says: {said})"));
    } else {
        probing.open(&TOKEN, format!("the deploy failed: {said}"));
    }
    false
}
