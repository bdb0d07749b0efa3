//! The audit trail: what happened to a connection and when. Append-only, without secrets.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ConnectionId, GuidePart, HealthState, InstallState, Leg, SelfSource, Stage, Task, Telling};
use crate::clock::Timestamp;
use crate::events::Kind;
use crate::random;
use crate::service::Services;
use crate::store::{Due, Expect, Key, Queue, Record, StoreError};
use crate::telemetry::{Metric, count};
use crate::trace::{self, Trace};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// A link was made.
    Invited,
    /// A person opened the link for the first time.
    Opened,
    /// A link for one leg was made.
    HandedOff {
        /// Which leg.
        leg: Leg,
    },
    /// A person was sent to an authorize endpoint.
    Started {
        /// Which leg.
        leg: Leg,
    },
    /// An authorization came back and failed.
    Failed {
        /// Which leg.
        leg: Leg,
        /// Stable code of the fault.
        code: String,
    },
    /// The org was connected.
    OrgConnected {
        /// The org.
        org_id: String,
    },
    /// The connection moved to another org, as a person confirmed.
    OrgMoved {
        /// The former org.
        from: String,
        /// The new one.
        to: String,
        /// Whether the former org took our access back.
        revoked: bool,
    },
    /// The customer entered an External Client App of their own, or went back to ours.
    ClientChosen {
        /// Its consumer key; none for ours.
        client_id: Option<String>,
    },
    /// The admin asked for the package's installation.
    InstallRequested {
        /// The version.
        version_id: String,
    },
    /// The package's installation ended.
    InstallEnded {
        /// How.
        state: InstallState,
    },
    /// Akeneo credentials were typed.
    CredentialsEntered,
    /// The PIM issued a token.
    PimConnected,
    /// Something was written to the org.
    Applied {
        /// Which change.
        change: String,
    },
    /// The org has another version of the package.
    PackageChanged {
        /// The version before.
        from: String,
        /// The version now.
        to: String,
    },
    /// A look found something that is mended at once and that people should hear of nevertheless.
    Found {
        /// Code of the finding.
        finding: String,
    },
    /// The org's own authorization passed through our callback.
    Relayed,
    /// The customer chose whether the org is set up by hand.
    ByHand {
        /// Whether it is.
        chosen: bool,
    },
    /// The customer said which part of the guide fits the package that is set up by hand.
    PartByHand {
        /// Which.
        part: GuidePart,
    },
    /// The customer chose to go on with a package before 3.0.
    LegacyAccepted,
    /// A person said that something was done by hand in the org.
    DoneByHand {
        /// What.
        task: Task,
    },
    /// The customer chose the users that run transfers.
    RunnersChosen {
        /// Their login names.
        users: Vec<String>,
    },
    /// The health state changed.
    HealthChanged {
        /// The new state.
        state: HealthState,
        /// The former one.
        #[serde(default)]
        from: HealthState,
        /// Whether the same cause has been told since everything worked for the last time.
        #[serde(default, skip_serializing_if = "is_false")]
        repeated: bool,
    },
    /// The service put something right by itself.
    Healed {
        /// What was wrong.
        state: HealthState,
        /// Which change was made.
        change: String,
    },
    /// It has been a person's turn at this stage for days.
    Stuck {
        /// The stage.
        stage: Stage,
        /// Since when.
        since: Timestamp,
    },
    /// Something ends soon.
    Expiring {
        /// What.
        what: Ending,
        /// When.
        ends_at: Timestamp,
    },
    /// Our access to the org was given back, as the terms say.
    GrantGivenBack {
        /// Why the org did not take it; our copy of it is deleted all the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// Customer Success asked for the connection to be taken apart.
    OffboardingAsked {
        /// Whether the customer agreed that what we wrote in the org is taken away.
        blank_org: bool,
        /// Whether an org that does not answer is left as it is.
        without_org: bool,
    },
    /// The connection was taken apart.
    Offboarded,
    /// An administrator asked for picklist synchronisation.
    SelfCalloutAsked {
        /// Who makes the app.
        source: SelfSource,
    },
    /// An administrator switched picklist synchronisation off.
    SelfCalloutStopped,
    /// Customer Success asked for another look at both sides.
    CheckAsked,
    /// Customer Success asked for everything to be set right.
    RepairAsked,
    /// Customer Success asked the customer for a new client secret.
    RotationAsked,
    /// The terms were changed, by Customer Success or by the customer.
    TermsChanged,
    /// Customer Success stopped the regular checks and repairs.
    Paused,
    /// Customer Success let them go on.
    Resumed,
    /// Customer Success revoked the connection.
    Revoked,
}

/// What ends by itself unless somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The setup link.
    Invitation,
    /// The org's grant, which has not been used for weeks (facts/salesforce 10.3).
    Grant,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// An entry of the trail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Which of our own people asked for it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The id of the work that it happened in; entries from before there were ids have none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "trace::stored")]
    pub trace: Option<Trace>,
    /// What.
    #[serde(flatten)]
    pub what: AuditEvent,
}

/// Appends an entry. One that other systems are told of is put into the queue for that by the same write.
///
/// # Errors
/// [`StoreError`].
pub async fn record_audit(services: &Services, connection: &ConnectionId, what: AuditEvent) -> Result<(), StoreError> {
    record_audit_by(services, connection, what, None).await
}

/// Appends an entry on what one of our own people asked for.
///
/// # Errors
/// [`StoreError`].
pub async fn record_audit_by(
    services: &Services,
    connection: &ConnectionId,
    what: AuditEvent,
    by: Option<String>,
) -> Result<(), StoreError> {
    let (at, trace) = (services.clock.now(), services.trace.clone());
    let mark = random::identifier(&*services.random, 4);
    append(services, connection, &mark, AuditEntry { at, by, trace, what }).await
}

/// Appends the entry of a reminder, unless it is there. Says whether it was not.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn record_reminder(
    services: &Services,
    connection: &ConnectionId,
    reminder: &Telling,
) -> Result<bool, StoreError> {
    let (at, what) = (reminder.at, reminder.what.clone());
    let text = serde_json::to_vec(&what).map_err(|error| StoreError::Malformed(error.into()))?;
    let mark = hex::encode(&Sha256::digest(text)[..4]);
    let entry = AuditEntry {
        at,
        by: None,
        trace: services.trace.clone(),
        what,
    };
    match append(services, connection, &mark, entry).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `mark` tells entries of the same microsecond apart.
async fn append(
    services: &Services,
    connection: &ConnectionId,
    mark: &str,
    entry: AuditEntry,
) -> Result<(), StoreError> {
    let sk = format!("audit#{:020}#{mark}", entry.at.as_microsecond());
    let mut record = Record::new(Key::new(format!("connection#{connection}"), sk), &entry)?;
    let public = Kind::of(&entry.what);
    record.due = public.map(|_| Due {
        queue: Queue::Events,
        at: entry.at,
    });
    services.records.put(&record, Expect::Absent).await?;
    if let Some(kind) = public {
        count(services, Metric::Happened(kind));
    }
    Ok(())
}

/// Which end of a trail is read first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailOrder {
    /// The newest entries first, as people read it.
    NewestFirst,
    /// The oldest entries first, as it is exported.
    OldestFirst,
}

/// A page of the trail, and where the next page begins.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_page(
    services: &Services,
    connection: &ConnectionId,
    order: TrailOrder,
    limit: u32,
    after: Option<&str>,
) -> Result<(Vec<AuditEntry>, Option<String>), StoreError> {
    let (trail, newest_first) = (format!("connection#{connection}"), order == TrailOrder::NewestFirst);
    let page = services
        .records
        .list(&trail, "audit#", newest_first, limit, after)
        .await?;
    let entries: Result<Vec<_>, _> = page.records.iter().map(Record::parse).collect();
    Ok((entries?, page.next))
}
