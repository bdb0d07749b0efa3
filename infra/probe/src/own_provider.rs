//! A provider of the probe's own: what credentials do can be asked of it, because nothing uses it and it can be deleted.

use serde_json::{Value, json};

use crate::org::CallFault;
use crate::provider::PROVIDERS;
use crate::question::{Probing, Question, Write, verdict, withheld};
use crate::reads::shape;
use crate::undo::Way;

const OWN: &str = "Connector_Probe";
/// Client id and secret of a provider.
pub(crate) const CREDENTIALS: &str = "named-credentials/external-auth-identity-provider-credentials";

const TWICE: Question = Question {
    point: "16 (3)",
    name: "credentials_posted_twice",
    text: "What does a second POST of provider credentials answer?",
};
const WITH_NAME: Question = Question {
    point: "15.1",
    name: "credentials_with_name",
    text: "Is the key externalAuthIdentityProvider taken in a POST of credentials?",
};
const SHAPE: Question = Question {
    point: "16 (3)",
    name: "credentials_shape",
    text: "What does GET show of credentials that are set?",
};

/// A provider that leads nowhere, in Connect's words (facts/salesforce 3.1).
pub(crate) fn made_up(name: &str, authorize: &str, token: &str) -> Value {
    json!({ "fullName": name, "label": name.replace('_', " "), "authenticationProtocol": "OAuth",
        "authenticationFlow": "AuthorizationCode", "authorizeUrl": authorize, "tokenUrl": token })
}

/// Credentials that open nothing.
pub(crate) fn made_up_credentials() -> Value {
    json!({ "credentials": [
        { "credentialName": "clientId", "credentialValue": "connector-probe" },
        { "credentialName": "clientSecret", "credentialValue": "made-up" } ] })
}

/// Makes it, posts made-up credentials twice, looks, and deletes it.
pub(crate) async fn own_provider(probing: &mut Probing<'_>) -> Result<(), CallFault> {
    let provider = made_up(OWN, "https://example.com/authorize", "https://example.com/token");
    let credentials = made_up_credentials();
    let mut with_name = credentials.clone();
    with_name["externalAuthIdentityProvider"] = json!(OWN);
    let (one, of) = (format!("{PROVIDERS}/{OWN}"), format!("{CREDENTIALS}/{OWN}"));
    let path = |below: &str| probing.org.path(below);
    let write = Write {
        name: "own-provider",
        what: "A new identity provider Connector_Probe that nothing uses; it is deleted at the end.".to_owned(),
        calls: vec![
            ("POST", path(PROVIDERS), provider.clone()),
            ("POST", path(&of), withheld(&with_name)),
            ("POST", path(&of), withheld(&credentials)),
            ("POST", path(&of), withheld(&credentials)),
            ("DELETE", path(&one), Value::Null),
        ],
    };
    if probing.org.get(&one).await?.is_ok() {
        probing.open(
            &TWICE,
            "Connector_Probe is there already; delete it in Setup and ask again",
        );
        return Ok(());
    }
    if !probing.agreed(&write, &TWICE).await {
        return Ok(());
    }
    let left = "the identity provider Connector_Probe could not be deleted: delete it in Setup > Security > Named Credentials > External Auth \
                Identity Providers.";
    probing.undo.note(Way::Delete(one), left);
    let made = probing.org.call("POST", PROVIDERS, Some(&provider)).await?;
    if made.is_ok() {
        ask(probing, &of, &credentials, &with_name).await?;
    } else {
        probing.open(&TWICE, format!("the provider could not be made ({})", made.brief()));
    }
    probing.put_back().await;
    Ok(())
}

async fn ask(probing: &mut Probing<'_>, of: &str, credentials: &Value, with_name: &Value) -> Result<(), CallFault> {
    let named = probing.org.call("POST", of, Some(with_name)).await?;
    probing.note(&WITH_NAME, verdict(&named));
    if !named.is_ok() {
        probing.org.call("POST", of, Some(credentials)).await?;
    }
    let shown = probing.org.get(of).await?;
    probing.note(&SHAPE, shape(&shown.body));
    let again = probing.org.call("POST", of, Some(credentials)).await?;
    probing.note(&TWICE, verdict(&again));
    Ok(())
}
