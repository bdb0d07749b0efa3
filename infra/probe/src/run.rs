//! One probe: reads first, then each write that a person agrees to.

use serde_json::Value;

use crate::credentials::Target;
use crate::org::{CallFault, Org};
use crate::question::{Consent, Probing};
use crate::reads::read_only;
use crate::records::Records;
use crate::report::Report;
use crate::undo::Undo;
use crate::writes::ask_by_writing;

/// What to ask.
#[derive(Debug, Default)]
pub struct Options {
    /// The package's namespace, where more than one package has such records.
    pub namespace: Option<String>,
    /// Whether an org may be probed that is not known to be a sandbox.
    pub production: bool,
    /// What a classic Named Credential calls, and with which token; the org itself and its own session unless it is said.
    pub legacy: Option<Target>,
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
    /// Several packages have records of this name.
    #[error("several packages have records named Akeneo ({0}); say which with --namespace")]
    Ambiguous(String),
}

/// Asks everything. `consent` is shown each write before it is made, and says whether it may be. What is found is in `report` also when
/// the probe ends early; what is not put back by then is in `undo`, and [`Undo::all`] puts it back.
///
/// # Errors
/// [`ProbeFault`]; a refusal of a single call is an answer, not an error.
pub async fn probe(
    org: &Org,
    options: &Options,
    consent: Consent<'_>,
    undo: &Undo,
    report: &mut Report,
) -> Result<(), ProbeFault> {
    let reply = org.query(false, "SELECT Id,IsSandbox FROM Organization").await?;
    if reply.status.as_u16() == 401 {
        return Err(ProbeFault::Session);
    }
    let is_sandbox = reply.body["records"][0]["IsSandbox"].as_bool();
    if is_sandbox != Some(true) && !options.production {
        return Err(ProbeFault::Production(org.host().to_owned()));
    }
    org.host().clone_into(&mut report.org);
    report.is_sandbox = is_sandbox;
    report.api_version = format!("{}.0", org.version());
    let records = Records::find(org, options.namespace.as_deref()).await?;
    if records.namespaces.len() > 1 {
        let all: Vec<&str> = records.namespaces.iter().map(String::as_str).collect();
        return Err(ProbeFault::Ambiguous(all.join(", ")));
    }
    read_only(org, &records, report).await?;
    let mut probing = Probing {
        org,
        records: &records,
        target: options.legacy.as_ref(),
        report,
        consent,
        undo,
    };
    let asked = ask_by_writing(&mut probing).await;
    // Whatever ended early: nothing stays that can be put back.
    probing.put_back().await;
    Ok(asked?)
}

/// The text of a JSON value, for the report.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
