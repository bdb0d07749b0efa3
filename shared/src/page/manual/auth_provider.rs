//! The words and values of the seed's "Auth. Provider approach" (Part D), for packages before 3.0. Labels of fields are the guide's.

use std::borrow::Cow;

use super::words::{NOTICED, PASTE, SECRET, Value};
use crate::connection::{CallbackMode, Connection, Credentials, Task};
use crate::salesforce::legacy::{NAME, SCOPES};
use crate::wiring::Finding;

/// Title, way by clicks, steps.
type Words = (&'static str, &'static str, Vec<&'static str>);

const PROVIDER: &str = "Setup > Identity > Auth. Providers > Akeneo";
const CREDENTIAL: &str = "Setup > Security > Named Credentials > Akeneo";

pub(super) fn pause() -> Words {
    (
        "Make sure that callouts are off",
        CREDENTIAL,
        vec![
            "Look for a Named Credential with the name Akeneo. If there is none, there is nothing to do here.",
            "If Enabled for Callouts is on, edit the record, switch it off, and save. It goes on again at the end, so that nothing is \
             sent to one PIM with the authorization of another.",
        ],
    )
}

pub(super) fn provider() -> Words {
    (
        "Make the Auth. Provider",
        "Setup > Identity > Auth. Providers > New",
        vec![
            "Click New and choose the Provider Type Akeneo, the plugin of the package. If there is an Auth. Provider of this type \
             already, edit that one and make no second.",
            "Enter these values, and the Client Secret of the Custom App that was created in Akeneo.",
            "Click Save.",
        ],
    )
}

pub(super) fn callback() -> Words {
    (
        "Copy the Callback URL to this page",
        PROVIDER,
        vec![
            "Open the Auth. Provider and copy its Callback URL. It ends with the URL Suffix.",
            PASTE,
        ],
    )
}

pub(super) fn credential() -> Words {
    (
        "Make the classic Named Credential",
        "Setup > Security > Named Credentials > the arrow beside New > New Legacy",
        vec![
            "Use a browser that is logged in to both Salesforce and Akeneo PIM: saving leads to Akeneo.",
            "Do not simply click New: click the arrow beside it, then New Legacy. If there is a classic Named Credential with the name \
             Akeneo already, edit that one and make no second.",
            "Enter these values. The Name must be exactly this: the package calls the Named Credential by it.",
            "Choose the Identity Type Named Principal, the Authentication Protocol OAuth 2.0 and the Authentication Provider Akeneo.",
            "Tick Start Authentication Flow on Save and Generate Authorization Header. Leave both Allow Merge Fields boxes empty.",
            "Click Save.",
        ],
    )
}

pub(super) fn authorize(connection: &Connection) -> Words {
    let mut steps = vec![
        "When the Named Credential is saved, Salesforce leads to Akeneo. If Akeneo asks, grant all requested permissions. The browser ends \
         up in Salesforce again.",
        "If you did not come to Akeneo, edit the Named Credential, tick Start Authentication Flow on Save, and save it once more.",
        "Salesforce may warn that there is no refresh token. Akeneo’s authorization does not run out, so ignore that.",
    ];
    if connection.by_hand().is_none() {
        steps.push(
            "This is ticked as soon as this service sees that it worked. Step 4 of the setup has a button that starts it too.",
        );
    } else if connection.terms.callback == CallbackMode::Service {
        steps.push(NOTICED);
    }
    ("Let Salesforce authorize itself in Akeneo", CREDENTIAL, steps)
}

pub(super) fn callouts() -> Words {
    (
        "Make sure that callouts are on",
        CREDENTIAL,
        vec!["Make sure that Enabled for Callouts is on. If it is off, edit the record, switch it on, and save."],
    )
}

/// The values to copy for a task.
pub(super) fn values<'a>(credentials: &'a Credentials, task: Task) -> Vec<Value<'a>> {
    let value = |id, label, value: Cow<'a, str>| Value { id, label, value };
    let pim = &credentials.pim;
    match task {
        Task::AuthProvider => vec![
            value("provider-name", "Name / URL Suffix", NAME.into()),
            value("client-id", "Client ID", credentials.client_id.as_str().into()),
            value(
                "authorize-endpoint",
                "Authorize Endpoint",
                pim.endpoint("/connect/apps/v1/authorize").to_string().into(),
            ),
            value(
                "token-endpoint",
                "Token Endpoint",
                pim.endpoint("/connect/apps/v1/oauth2/token").to_string().into(),
            ),
            value("base-endpoint", "Base Endpoint", pim.as_str().into()),
            value("authentication-scopes", "Authentication Scopes", SCOPES.into()),
        ],
        Task::ClassicCredential => vec![
            value("credential-label", "Label", NAME.into()),
            value("credential-name", "Name", NAME.into()),
            value("named-credential-url", "URL", pim.as_str().into()),
            value("scope", "Scope", SCOPES.into()),
        ],
        _ => Vec::new(),
    }
}

/// What else is worth knowing about a task.
pub(super) fn notes(connection: &Connection, task: Task) -> Vec<String> {
    let told: &[&str] = match task {
        Task::AuthProvider => &[
            SECRET,
            "The package keeps it in a custom metadata record, which every administrator of the org can read. The plugin makes the code \
             values of Akeneo’s authorization by itself: there is none to enter.",
        ],
        Task::Callouts => &[
            "One authorization serves every user who runs transfers. If your org restricts access to Named Credentials, make sure that \
             these users may use this one.",
        ],
        _ => &[],
    };
    let findings = connection.wiring.findings.iter();
    let seen = findings.filter_map(|finding| match finding {
        Finding::Legacy { what } if what.task() == Some(task) => Some(what.in_words()),
        _ => None,
    });
    told.iter().copied().chain(seen).map(str::to_owned).collect()
}
