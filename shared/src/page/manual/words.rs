//! The words of each task, after the seed's "Manual fallback for Akeneo", and the values that belong to it. Those of the other part are
//! in [`super::auth_provider`].

use std::borrow::Cow;

use super::auth_provider;
use crate::akeneo::PimUrl;
use crate::connection::{CallbackMode, Connection, GuidePart, Task};
use crate::page::view::ManualView;
use crate::wiring::Finding;

/// A value to copy.
pub(super) struct Value<'a> {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) value: Cow<'a, str>,
}

/// What a task is called, where it is done, and how.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) way: &'static str,
    pub(super) steps: Vec<&'static str>,
}

/// Why the Client Secret is not among the values.
pub(super) const SECRET: &str = "The Client Secret is not shown here: it is the one that you copied from Akeneo.";

/// How it is known that the org is authorized, where its authorization passes through us.
pub(super) const NOTICED: &str = "This page notices by itself when Akeneo’s answer has passed through to Salesforce.";

/// Why the Callback URL is asked for.
pub(super) const PASTE: &str = "Paste it here. Akeneo answers Salesforce’s own authorization through this service, which passes the answer on \
     to this address and to no other.";

const PROVIDER: &str = "Setup > Security > Named Credentials > tab External Auth Identity Providers > Akeneo";

/// What to do.
pub(super) fn words(connection: &Connection, task: Task) -> Words {
    let older = connection.guide_part() == GuidePart::AuthProvider;
    let (title, way, steps): (_, _, Vec<&'static str>) = match task {
        Task::AuthProvider => auth_provider::provider(),
        Task::ClassicCredential => auth_provider::credential(),
        Task::Callouts => auth_provider::callouts(),
        Task::Pause if older => auth_provider::pause(),
        Task::Callback if older => auth_provider::callback(),
        Task::Authorize if older => auth_provider::authorize(connection),
        Task::Pause => (
            "Make sure that callouts are off",
            "Setup > Security > Named Credentials > tab Named Credentials > Akeneo",
            vec![
                "Open the packaged Akeneo named credential.",
                "If Enabled for Callouts is on, edit the record, switch it off, and save. It goes on again at the end, so that \
                 nothing is sent to one PIM with the authorization of another.",
            ],
        ),
        Task::Callback => (
            "Copy the Callback URL to this page",
            PROVIDER,
            vec!["Open the packaged Akeneo provider and copy its Callback URL.", PASTE],
        ),
        Task::ProviderUrls => (
            "Replace the two URLs of the identity provider",
            PROVIDER,
            vec![
                "Open the packaged Akeneo provider and replace the placeholder Authorize URL and Token URL with these.",
            ],
        ),
        Task::Parameters => (
            "Replace the two custom request parameters",
            PROVIDER,
            vec![
                "In the section Custom Request Parameters, edit the existing code_identifier and code_challenge rows.",
                "Replace SET_DURING_AKENEO_SETUP, or whatever else stands there, with these values.",
                "Keep both rows as Token Request Body Parameter, and do not create duplicate parameter rows.",
            ],
        ),
        Task::Scopes => (
            "Add the permissions that Salesforce asks Akeneo for",
            PROVIDER,
            vec![
                "In the section Custom Request Parameters, look for a row named scope of the type Authorize Request Query Parameter.",
                "If there is one, replace its value with this one. If there is none, add it once.",
            ],
        ),
        Task::Credentials => (
            "Enter the Client ID and the Client Secret",
            PROVIDER,
            vec!["Enter the Client ID and the Client Secret of the Custom App that was created in Akeneo."],
        ),
        Task::Access => (
            "Give access to the users who run transfers",
            "Setup > Users > Permission Sets > the permission set of Akeneo PIM for Salesforce > Manage Assignments",
            vec![
                "On the Akeneo PIM App home page, on the Connector Setup card, click Grant Access.",
                "Or assign the package’s permission set to each user who runs transfers.",
            ],
        ),
        Task::Authorize => authorize(connection),
        Task::NamedCredential => (
            "Point the Named Credential at the PIM and enable callouts",
            "Setup > Security > Named Credentials > tab Named Credentials > Akeneo",
            vec![
                "Open the packaged Akeneo named credential and replace its URL with this one.",
                "Confirm that the External Credential is “Akeneo”.",
                "Make sure that Enabled for Callouts is on. If it is off, edit the record, switch it on, and save.",
            ],
        ),
    };
    Words { title, way, steps }
}

fn authorize(connection: &Connection) -> (&'static str, &'static str, Vec<&'static str>) {
    let title = "Authenticate the existing Default principal";
    if connection.by_hand().is_none() {
        let way = "The setup page, step 4";
        return (
            title,
            way,
            vec!["Go back to the setup: as soon as the rest is in place, step 4 has the button for it."],
        );
    }
    let way = "Setup > Security > Named Credentials > tab External Credentials > Akeneo > Principals > Default";
    let mut steps = vec![
        "Use a browser that is logged in to both Salesforce and Akeneo PIM.",
        "Open the packaged Akeneo external credential. In its list of principals, choose Authenticate for Default.",
        "If Akeneo asks, grant all requested permissions. The browser ends up in Salesforce again.",
    ];
    if connection.terms.callback == CallbackMode::Service {
        steps.push(NOTICED);
    }
    (title, way, steps)
}

/// The values to copy for a task.
pub(super) fn values<'a>(view: &'a ManualView<'_>, task: Task) -> Vec<Value<'a>> {
    let Some(credentials) = view.connection.wanted_credentials() else {
        return Vec::new();
    };
    if matches!(task, Task::AuthProvider | Task::ClassicCredential) {
        return auth_provider::values(credentials, task);
    }
    let Some(pair) = view.values else { return Vec::new() };
    let value = |id, label, value: Cow<'a, str>| Value { id, label, value };
    let at = |pim: &PimUrl, path: &str| pim.endpoint(path).to_string().into();
    match task {
        Task::ProviderUrls => vec![
            value(
                "authorize-url",
                "Authorize URL",
                at(&credentials.pim, "/connect/apps/v1/authorize"),
            ),
            value(
                "token-url",
                "Token URL",
                at(&credentials.pim, "/connect/apps/v1/oauth2/token"),
            ),
        ],
        Task::Parameters => vec![
            value("code-identifier", "code_identifier", pair.code_identifier.into()),
            value("code-challenge", "code_challenge", pair.code_challenge.into()),
        ],
        Task::Credentials => vec![value("client-id", "Client ID", credentials.client_id.as_str().into())],
        Task::NamedCredential => vec![value("named-credential-url", "URL", credentials.pim.as_str().into())],
        Task::Scopes => vec![value(
            "scope",
            "scope",
            view.connection.scopes_to_request().to_string().into(),
        )],
        _ => Vec::new(),
    }
}

/// What else is worth knowing about a task.
pub(super) fn notes(connection: &Connection, task: Task) -> Vec<String> {
    match task {
        Task::AuthProvider | Task::ClassicCredential | Task::Callouts => auth_provider::notes(connection, task),
        Task::Parameters => parameter_notes(connection),
        Task::Credentials => vec![format!(
            "{SECRET} Salesforce never shows it again either; whether it is right turns out when the Default principal is \
             authenticated."
        )],
        Task::Access => access_notes(connection),
        _ => Vec::new(),
    }
}

fn parameter_notes(connection: &Connection) -> Vec<String> {
    let mut notes = vec![
        "Both values were made for this Custom App and its present Client Secret. Treat them like a password."
            .to_owned(),
    ];
    for finding in &connection.wiring.findings {
        match finding {
            Finding::NeedsRepair { rows } => notes.push(format!(
                "Missing in the org: {}. Add each once, as Token Request Body Parameter.",
                rows.join(", ")
            )),
            Finding::DuplicateParameterRows => notes.push(finding.in_words()),
            _ => {}
        }
    }
    notes
}

fn access_notes(connection: &Connection) -> Vec<String> {
    let names: Vec<_> = connection.runners().into_iter().map(|runner| runner.username).collect();
    let mut notes = Vec::new();
    if !names.is_empty() {
        notes.push(format!("Users who run transfers: {}.", names.join(", ")));
    }
    let told = connection.wiring.findings.iter();
    let told = told.filter(|finding| matches!(finding, Finding::RunnerWithoutAccess { .. }));
    notes.extend(told.map(Finding::in_words));
    notes.push(
        "If a transfer says later that it could not access the credentials, the user also needs Read on the object User \
         External Credentials, from any permission set."
            .to_owned(),
    );
    notes
}
