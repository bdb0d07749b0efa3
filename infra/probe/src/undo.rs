//! What the probe has changed and not put back yet, with the way back for each.
//!
//! The way back is noted before the change is sent, so that it is known whatever happens in between: a refusal, a lost answer, Ctrl-C. A
//! note goes only when the way back was seen to be done; what cannot be done is left to a person, in words that say what it is and how
//! to remove it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::org::{CallFault, Org};

/// How often a way back is tried, and the pause in between: a network that is away for a moment is not a reason to leave things behind.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);
/// How often a deploy that is under way is asked for, a second apart.
const POLLS: u32 = 60;

/// The notes, the newest last.
#[derive(Debug, Default)]
pub struct Undo(Mutex<Vec<Step>>);

/// One note.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The way back.
    pub(crate) way: Way,
    /// What is left if it cannot be gone, and how a person removes it.
    pub(crate) left: String,
}

/// How something is put back. Each may be done twice.
#[derive(Clone)]
pub(crate) enum Way {
    /// Deletes what has this address below the versioned root.
    Delete(String),
    /// Deletes the org's own records of this developer name.
    Record {
        /// `sobjects` or `tooling/sobjects`.
        api: &'static str,
        /// Such as `NamedCredential`.
        object: &'static str,
        /// Developer name: one that only the probe uses.
        name: &'static str,
    },
    /// Waits until a deploy has ended: what it makes is deleted by the notes before this one.
    Deploy(String),
    /// Writes a Tooling row's whole `Metadata` as it was.
    Metadata {
        /// Address of the row below the versioned root.
        row: String,
        /// The compound as it was read.
        before: Value,
    },
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Delete(address) => write!(f, "Delete({address})"),
            Self::Record { object, name, .. } => write!(f, "Record({object} {name})"),
            Self::Deploy(id) => write!(f, "Deploy({id})"),
            // The compound may hold values that are worth a secret.
            Self::Metadata { row, .. } => write!(f, "Metadata({row})"),
        }
    }
}

impl Undo {
    /// Notes a way back, before the change is sent.
    pub(crate) fn note(&self, way: Way, left: impl Into<String>) {
        self.steps().push(Step { way, left: left.into() });
    }

    /// Goes all ways back, the newest first. What could not be done comes back in words.
    pub async fn all(&self, org: &Org) -> Vec<String> {
        let mut left = Vec::new();
        loop {
            let Some(step) = self.steps().last().cloned() else {
                return left;
            };
            if !step.done(org).await {
                left.push(step.left);
            }
            self.steps().pop();
        }
    }

    /// What would be left if nobody went back any more.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.steps().iter().rev().map(|step| step.left.clone()).collect()
    }

    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    async fn done(&self, org: &Org) -> bool {
        for again in 0..TRIES {
            if again > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            if matches!(self.way.go(org).await, Ok(true)) {
                return true;
            }
        }
        false
    }
}

impl Way {
    async fn go(&self, org: &Org) -> Result<bool, CallFault> {
        match self {
            Self::Delete(address) => {
                let reply = org.call("DELETE", address, None).await?;
                Ok(reply.is_ok() || reply.status.as_u16() == 404)
            }
            Self::Record { api, object, name } => records_gone(org, api, object, name).await,
            Self::Deploy(id) => ended(org, id).await,
            Self::Metadata { row, before } => put_back(org, row, before).await,
        }
    }
}

async fn records_gone(org: &Org, api: &str, object: &str, name: &str) -> Result<bool, CallFault> {
    let soql = format!("SELECT Id FROM {object} WHERE DeveloperName='{name}'");
    let found = org.query(api.starts_with("tooling"), &soql).await?;
    let Some(rows) = found.body["records"].as_array().filter(|_| found.is_ok()) else {
        return Ok(false);
    };
    let mut gone = true;
    for id in rows.iter().filter_map(|row| row["Id"].as_str()) {
        let reply = org.call("DELETE", &format!("{api}/{object}/{id}"), None).await?;
        gone &= reply.is_ok() || reply.status.as_u16() == 404;
    }
    Ok(gone)
}

async fn ended(org: &Org, id: &str) -> Result<bool, CallFault> {
    for _ in 0..POLLS {
        let reply = org.get(&format!("metadata/deployRequest/{id}")).await?;
        if reply.body["deployResult"]["done"] == true {
            return Ok(true);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(false)
}

/// Twice if need be: an org that switches callouts off after a write that moves a URL lets the second write, which moves nothing, be.
async fn put_back(org: &Org, row: &str, before: &Value) -> Result<bool, CallFault> {
    for _ in 0..2 {
        if org.metadata(row).await?.as_ref() == Some(before) {
            return Ok(true);
        }
        org.call("PATCH", row, Some(&json!({ "Metadata": before }))).await?;
    }
    Ok(org.metadata(row).await?.as_ref() == Some(before))
}
