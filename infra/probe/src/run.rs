//! One probe: reads first, then each write that a person agrees to.

use serde_json::Value;

use crate::org::{CallFault, Org};
use crate::reads::read_only;
use crate::records::Records;
use crate::report::Report;
use crate::writes::{Write, ask_by_writing};

/// What to ask.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The package's namespace, where more than one package has such records.
    pub namespace: Option<String>,
    /// Whether an org may be probed that is not known to be a sandbox.
    pub production: bool,
}

/// Why an org is not probed.
#[derive(Debug, thiserror::Error)]
pub enum ProbeFault {
    /// The org does not answer.
    #[error(transparent)]
    Call(#[from] CallFault),
    /// The session is over or was refused.
    #[error("the org does not accept the access token; get a new one, for example with `sf org display --json`")]
    Session,
    /// Not a sandbox.
    #[error("{0} is not known to be a sandbox; use --production if it is to be probed all the same")]
    Production(String),
}

/// Asks everything. `consent` is shown each write before it is made, and says whether it may be.
///
/// # Errors
/// [`ProbeFault`]; a refusal of a single call is an answer, not an error.
pub async fn probe(
    org: &Org,
    options: &Options,
    consent: &mut (dyn FnMut(&Write) -> bool + Send),
) -> Result<Report, ProbeFault> {
    let reply = org.query(false, "SELECT Id,IsSandbox FROM Organization").await?;
    if reply.status.as_u16() == 401 {
        return Err(ProbeFault::Session);
    }
    let is_sandbox = reply.body["records"][0]["IsSandbox"].as_bool();
    if is_sandbox != Some(true) && !options.production {
        return Err(ProbeFault::Production(org.host().to_owned()));
    }
    let mut report = Report {
        org: org.host().to_owned(),
        is_sandbox,
        api_version: format!("{}.0", org.version()),
        ..Report::default()
    };
    let records = Records::find(org, options.namespace.as_deref()).await?;
    read_only(org, &records, &mut report).await?;
    ask_by_writing(org, &records, &mut report, consent).await?;
    for (point, name, question, why) in OPEN {
        report.note(point, name, question, format!("open: {why}"));
    }
    Ok(report)
}

/// What no single call can answer, and how it is found out.
const OPEN: [(&str, &str, &str, &str); 2] = [
    (
        "16 (8)",
        "legacy_oauth_token",
        "Does a deployed oauthToken of a legacy Named Credential authenticate?",
        "needs an org with a package before 3.0 and a token to lose; deploy one there by hand",
    ),
    (
        "16 (10)",
        "relay_in_a_browser",
        "Does the org's callback accept a browser that arrives by relay?",
        "needs a person's browser with the org's session; walk the journey once and see whether step 4 ends",
    ),
];

/// The text of a JSON value, for the report.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
