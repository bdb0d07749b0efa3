//! A provider of the probe's own: what credentials do can be asked of it, because nothing uses it and it can be deleted.

use serde_json::{Value, json};

use crate::org::{CallFault, Org};
use crate::reads::shape;
use crate::report::Report;
use crate::writes::{Consent, NOT_ASKED, PROVIDERS, Write, verdict};

const OWN: &str = "Connector_Probe";
const CREDENTIALS: &str = "named-credentials/external-auth-identity-provider-credentials";

/// Makes it, posts made-up credentials twice, looks, and deletes it.
pub(crate) async fn own_provider(org: &Org, report: &mut Report, consent: Consent<'_>) -> Result<(), CallFault> {
    let (name, question) = (
        "credentials_posted_twice",
        "What does a second POST of provider credentials answer?",
    );
    let url = |end: &str| format!("https://example.com/{end}");
    let provider = json!({ "fullName": OWN, "label": "Connector Probe", "authenticationProtocol": "OAuth",
        "authenticationFlow": "AuthorizationCode", "authorizeUrl": url("authorize"), "tokenUrl": url("token") });
    let credentials = json!({ "credentials": [
        { "credentialName": "clientId", "credentialValue": "connector-probe" },
        { "credentialName": "clientSecret", "credentialValue": "made-up" } ] });
    let mut with_name = credentials.clone();
    with_name["externalAuthIdentityProvider"] = json!(OWN);
    let (one, of) = (format!("{PROVIDERS}/{OWN}"), format!("{CREDENTIALS}/{OWN}"));
    let write = Write {
        name: "own-provider",
        what: "A new identity provider Connector_Probe that nothing uses; it is deleted at the end.".to_owned(),
        calls: vec![
            ("POST", org.path(PROVIDERS), provider.clone()),
            ("POST", org.path(&of), with_name.clone()),
            ("POST", org.path(&of), credentials.clone()),
            ("POST", org.path(&of), credentials.clone()),
            ("DELETE", org.path(&one), Value::Null),
        ],
    };
    let exists = org.get(&one).await?.is_ok();
    if exists || !consent(&write) {
        let why = "open: Connector_Probe is there already; delete it and ask again";
        report.note("16 (3)", name, question, if exists { why } else { NOT_ASKED });
        return Ok(());
    }
    let made = org.call("POST", PROVIDERS, Some(&provider)).await?;
    if !made.is_ok() {
        report.note(
            "16 (3)",
            name,
            question,
            format!("open: the provider could not be made ({})", made.brief()),
        );
        return Ok(());
    }
    let asked = ask(org, report, &credentials, &with_name).await;
    // Deleted whatever happened in between.
    let gone = org.call("DELETE", &one, None).await;
    if !gone.is_ok_and(|reply| reply.is_ok()) {
        report.left_behind.push(format!(
            "the identity provider {OWN} could not be deleted: delete it in Setup."
        ));
    }
    if let Err(fault) = asked {
        report.note("16 (3)", name, question, format!("open: {fault}"));
    }
    Ok(())
}

async fn ask(org: &Org, report: &mut Report, credentials: &Value, with_name: &Value) -> Result<(), CallFault> {
    let of = format!("{CREDENTIALS}/{OWN}");
    let named = org.call("POST", &of, Some(with_name)).await?;
    let extra = "Is the key externalAuthIdentityProvider taken in a POST of credentials?";
    report.note("15.1", "credentials_with_name", extra, verdict(&named));
    if !named.is_ok() {
        org.call("POST", &of, Some(credentials)).await?;
    }
    let shown = org.get(&of).await?;
    report.note(
        "16 (3)",
        "credentials_shape",
        "What does GET show of credentials that are set?",
        shape(&shown.body),
    );
    let again = org.call("POST", &of, Some(credentials)).await?;
    let question = "What does a second POST of provider credentials answer?";
    report.note("16 (3)", "credentials_posted_twice", question, verdict(&again));
    Ok(())
}
