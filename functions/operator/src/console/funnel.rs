//! The funnel: how far customers come, and where they stop. Pure.

use connector::connection::{Connection, Stage, stage};
use serde::Serialize;

/// The milestones, in the order of the journey.
pub(super) const MILESTONES: [&str; 7] = [
    "Link created",
    "Link opened",
    "Salesforce connected",
    "Org ready for the connection",
    "Akeneo authorized",
    "Org set up",
    "Connected",
];

/// One milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    /// In words.
    pub(super) milestone: &'static str,
    /// How many connections have come at least as far.
    pub(super) reached: usize,
    /// How many have come as far and no further.
    pub(super) stopped: usize,
}

/// The milestone that a connection has reached, as an index of [`MILESTONES`]. One that has worked once counts as connected, whatever
/// is wrong with it now: that is its health, not the journey.
pub(super) fn reached(connection: &Connection) -> usize {
    if connection.health.verification.is_some() {
        return 6;
    }
    match stage(connection) {
        Stage::Connected | Stage::Degraded => 6,
        Stage::AuthorizePrincipal | Stage::Verifying => 5,
        Stage::Wiring | Stage::WiringBlocked | Stage::SetUpByHand => 4,
        Stage::EnterAkeneo | Stage::AuthorizeAkeneo | Stage::ScopesMissing => 3,
        Stage::OrgTooOld
        | Stage::PermissionMissing
        | Stage::PackageMissing
        | Stage::PackageOutdated
        | Stage::PackageIncomplete
        | Stage::PackageAmbiguous => 2,
        Stage::ConnectSalesforce | Stage::Revoked => usize::from(connection.opened_at.is_some()),
    }
}

/// Counts connections that are not revoked, one after the other.
#[derive(Debug, Default)]
pub(super) struct Funnel {
    stopped: [usize; MILESTONES.len()],
}

impl Funnel {
    /// Counts one.
    pub(super) fn count(&mut self, connection: &Connection) {
        let place = self.stopped.get_mut(reached(connection));
        if let Some(count) = place.filter(|_| connection.revoked_at.is_none()) {
            *count += 1;
        }
    }

    /// The funnel of all that were counted.
    pub(super) fn steps(&self) -> Vec<Step> {
        steps(self.stopped)
    }
}

fn steps(stopped: [usize; MILESTONES.len()]) -> Vec<Step> {
    let reached = |at: usize| stopped.iter().skip(at).sum();
    let each = MILESTONES.iter().zip(stopped).enumerate();
    each.map(|(at, (milestone, stopped))| Step {
        milestone,
        reached: reached(at),
        stopped,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_further_came_as_far_too() {
        let found = steps([1, 0, 2, 0, 0, 1, 5]);
        let pairs: Vec<_> = found.iter().map(|step| (step.reached, step.stopped)).collect();
        assert_eq!(pairs, [(9, 1), (8, 0), (8, 2), (6, 0), (6, 0), (6, 1), (5, 5)]);
    }
}
