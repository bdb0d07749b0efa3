//! Metadata REST deploy: what neither Connect nor Tooling can write, or what they refuse (facts/salesforce 11).
//!
//! A deploy is a zip of components that replaces the whole state of each, so it may be repeated. It is sent, then asked for until it
//! is done. What it says of a failure may quote what was sent, so problems have no words in `Display`; they are only searched.

mod archive;
pub mod xml;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::absence::or_default;
use super::api::{ApiError, Message, Org, Resource};
use super::change::ChangeError;
use super::version::ApiVersion;

/// The most that one deploy is waited for, within the org's deadline.
const PATIENCE: Duration = Duration::from_secs(60);
/// The first pause between two questions; each is twice as long as the one before, up to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(4)];
/// How often a deploy is sent that failed for a reason that passes.
const TRIES: usize = 3;

/// One component. No `Debug` of its content: it may hold a secret.
#[derive(Clone)]
pub struct Component {
    /// Metadata type, such as `NamedCredential`.
    pub kind: &'static str,
    /// Full name, such as `ns__Akeneo`.
    pub full_name: String,
    /// Path in the archive, such as `namedCredentials/ns__Akeneo.namedCredential`.
    pub path: String,
    /// Content.
    pub xml: String,
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Component({})", self.path)
    }
}

/// Why one component was not deployed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Full name of the component; empty where the archive itself is meant.
    #[serde(default, deserialize_with = "or_default")]
    pub full_name: String,
    /// Its metadata type.
    #[serde(rename = "componentType", default, deserialize_with = "or_default")]
    pub kind: String,
    /// Salesforce's words.
    #[serde(default, deserialize_with = "or_default")]
    problem: String,
}

impl Problem {
    /// Whether Salesforce's words contain this, whatever the case.
    #[must_use]
    pub fn says(&self, needle: &str) -> bool {
        Message::read(&self.problem).says(needle)
    }

    /// Whether it passes: a flake of the service, a lock, or another deploy that is running (facts/salesforce 14.4 items 16, 17).
    fn passes(&self) -> bool {
        [
            "was not found in zipped directory",
            "unable_to_lock_row",
            "unable to obtain exclusive access",
            "already in progress",
        ]
        .iter()
        .any(|words| self.says(words))
    }
}

/// Why a deploy is not in place.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// It could not be sent or asked for.
    #[error("the deploy could not be made")]
    Api(#[from] ApiError),
    /// The org refused components.
    #[error("the org refuses the deploy of {} components", problems.len())]
    Refused {
        /// What is wrong with each.
        problems: Vec<Problem>,
    },
    /// It is still running; the next run looks whether it is in place.
    #[error("the deploy has not ended yet")]
    Unfinished,
}

impl DeployError {
    /// Whether the org understood and said no.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Api(error) => error.is_refusal(),
            Self::Refused { .. } => true,
            Self::Unfinished => false,
        }
    }
}

impl From<DeployError> for ChangeError {
    fn from(error: DeployError) -> Self {
        match error {
            DeployError::Api(error) => Self::Api(error),
            DeployError::Refused { .. } => Self::DeployRefused,
            DeployError::Unfinished => Self::Api(ApiError::Unavailable),
        }
    }
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    deploy_result: Option<Answer>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default, deserialize_with = "or_default")]
    done: bool,
    #[serde(default, deserialize_with = "or_default")]
    success: bool,
    error_message: Option<String>,
    details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default, deserialize_with = "or_default")]
    component_failures: Vec<Problem>,
}

/// Deploys components together, all or none, and waits for the end. Repeats what passes by itself.
///
/// # Errors
/// [`DeployError`].
pub async fn run(org: &Org, components: &[Component]) -> Result<(), DeployError> {
    let zip = archive::zip(components, org.version()).ok_or(ApiError::Malformed)?;
    let mut tries = 0;
    loop {
        tries += 1;
        match once(org, &zip).await {
            Err(DeployError::Refused { problems }) if tries < TRIES && problems.iter().all(Problem::passes) => {}
            other => return other,
        }
    }
}

async fn once(org: &Org, zip: &[u8]) -> Result<(), DeployError> {
    let id = send(org, zip).await?;
    let resource = Resource::new(&["metadata", "deployRequest", &id]).with("includeDetails", "true");
    let deadline = org.deadline().within(PATIENCE);
    let mut pause = PAUSES[0];
    loop {
        let asked: Asked = org.get("salesforce.deploy.ask", &resource).await?;
        let answer = asked.deploy_result.unwrap_or_default();
        if answer.done {
            return ended(answer);
        }
        if deadline.remaining() <= pause {
            return Err(DeployError::Unfinished);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES[1]);
    }
}

/// The body of a deploy of all these components or none, with its content type; nothing if they cannot be packed. `part` is the name of
/// the first part, `version` the major number of the API version in which the org is spoken to.
#[must_use]
pub fn form(part: &str, components: &[Component], version: u16) -> Option<(String, Bytes)> {
    let zip = archive::zip(components, ApiVersion::new(version))?;
    Some(archive::form(part, &options(), &zip))
}

fn options() -> String {
    json!({ "deployOptions": {
        "allowMissingFiles": false, "autoUpdatePackage": false, "checkOnly": false, "ignoreWarnings": true, "performRetrieve": false,
        "purgeOnDelete": false, "rollbackOnError": true, "singlePackage": true, "testLevel": "NoTestRun",
    }})
    .to_string()
}

/// Sends the archive. How the first part is called differs between the guide and what clients send (facts/salesforce 11): an org that
/// cannot read the one is asked with the other.
async fn send(org: &Org, zip: &[u8]) -> Result<String, ApiError> {
    let options = options();
    let resource = Resource::new(&["metadata", "deployRequest"]);
    let mut refusal = None;
    for part in ["entity_content", "json"] {
        let (content_type, bytes) = archive::form(part, &options, zip);
        match org
            .upload::<Created>("salesforce.deploy.send", &resource, &content_type, bytes)
            .await
        {
            Ok(created) => return Ok(created.id),
            Err(error) if error.has_code("POST_BODY_PARSE_ERROR") => refusal = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refusal.unwrap_or(ApiError::Malformed))
}

fn ended(answer: Answer) -> Result<(), DeployError> {
    if answer.success {
        return Ok(());
    }
    let mut problems = answer.details.unwrap_or_default().component_failures;
    if let Some(problem) = answer.error_message.filter(|_| problems.is_empty()) {
        problems.push(Problem {
            problem,
            ..Problem::default()
        });
    }
    Err(DeployError::Refused { problems })
}

#[cfg(test)]
mod tests;
