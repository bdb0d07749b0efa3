//! Since when a connection stands where it stands, and what people are to be reminded of. Pure.
//!
//! The stage itself is derived and not stored; what is kept is when it was first seen, because no other fact tells how long it has
//! been somebody's turn.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AuditEvent, Connection, Ending, Stage, Who, next_action, stage};
use crate::clock::{Timestamp, plus};

/// So long before a setup link ends its end is told.
const LINK: Duration = Duration::from_secs(24 * 3600);
/// An org's grant ends after 30 days without use (facts/salesforce 10.3); after this long its end is told, and it ends after that.
const GRANT: (Duration, Duration) = (Duration::from_secs(20 * 24 * 3600), Duration::from_secs(30 * 24 * 3600));

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The stage at the last write.
    pub stage: Option<Stage>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Whether it was told that a person has been waited for at this stage for long.
    pub stuck_told: bool,
    /// The end of the setup link that was told.
    pub link_told: Option<Timestamp>,
    /// The end of the grant that was told.
    pub grant_told: Option<Timestamp>,
    /// What is being told: it counts as told, and its entry in the trail is still to be written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub telling: Vec<Telling>,
}

/// A reminder on its way into the trail. It decides the entry's key, so that the entry is written once however often that is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// When it was decided.
    pub at: Timestamp,
    /// What is told.
    pub what: AuditEvent,
}

/// Notes since when the connection has been where it is.
pub(super) fn note_standing(connection: &mut Connection, now: Timestamp) {
    let present = stage(connection);
    let standing = &mut connection.standing;
    if standing.stage != Some(present) {
        (standing.stage, standing.since, standing.stuck_told) = (Some(present), Some(now), false);
    }
}

/// Everything that people are to be reminded of, with the moment at which it is told; nothing twice.
fn reminders(connection: &Connection, stuck_after: Duration) -> Vec<(Timestamp, AuditEvent)> {
    let standing = &connection.standing;
    if connection.revoked_at.is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    let person = !matches!(next_action(connection).who, Who::Service | Who::Nobody);
    let waits = person && !standing.stuck_told && connection.paused_at.is_none();
    if let (true, Some(stage), Some(since)) = (waits, standing.stage, standing.since) {
        all.push((plus(since, stuck_after), AuditEvent::Stuck { stage, since }));
    }
    let complete = connection.health.verification.is_some();
    if let Some(ends_at) = connection.invitation_expires_at.filter(|_| !complete)
        && standing.link_told != Some(ends_at)
    {
        let what = Ending::Invitation;
        all.push((before(ends_at, LINK), AuditEvent::Expiring { what, ends_at }));
    }
    if let Some(used) = connection.salesforce.grant_used_at() {
        let ends_at = plus(used, GRANT.1);
        if standing.grant_told != Some(ends_at) {
            let what = Ending::Grant;
            all.push((plus(used, GRANT.0), AuditEvent::Expiring { what, ends_at }));
        }
    }
    all
}

fn before(end: Timestamp, span: Duration) -> Timestamp {
    end.checked_sub(span).unwrap_or(Timestamp::MIN)
}

impl Connection {
    /// When people have to be reminded of something next: at once where a reminder was begun and not finished.
    #[must_use]
    pub fn reminded_next(&self, stuck_after: Duration) -> Option<Timestamp> {
        let begun = self.standing.telling.iter().map(|telling| telling.at);
        let due = reminders(self, stuck_after).into_iter().map(|(at, _)| at);
        begun.chain(due).min()
    }

    /// Begins to tell what people have to be reminded of now. From here on it counts as told, and stays noted until
    /// [`Self::end_reminders`].
    pub fn begin_reminders(&mut self, stuck_after: Duration, now: Timestamp) {
        let due = reminders(self, stuck_after).into_iter().filter(|(at, _)| *at <= now);
        let due: Vec<_> = due.map(|(_, what)| what).collect();
        for what in &due {
            match what {
                AuditEvent::Stuck { .. } => self.standing.stuck_told = true,
                AuditEvent::Expiring { what, ends_at } => match what {
                    Ending::Invitation => self.standing.link_told = Some(*ends_at),
                    Ending::Grant => self.standing.grant_told = Some(*ends_at),
                },
                _ => {}
            }
        }
        let begun = due.into_iter().map(|what| Telling { at: now, what });
        self.standing.telling.extend(begun);
    }

    /// These are in the trail.
    pub fn end_reminders(&mut self, told: &[Telling]) {
        self.standing.telling.retain(|telling| !told.contains(telling));
    }
}
