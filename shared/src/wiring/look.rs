//! One look at an org, whichever way it is wired: the packaged records (3.0 and higher) or, below, the legacy path with a browser or the
//! headless one.
//!
//! The loop in `reconcile` knows looks only, so that there is one loop, one lease and one set of rules for its order.

use super::headless::{self, HeadlessReading};
use super::legacy::{LegacyReading, standing};
use super::memory::recall;
use super::observe::{Reading, observe};
use super::{Change, Desired, Drift, PrincipalStatus, by_hand, drift, legacy_plan, plan};
use crate::clock::Timestamp;
use crate::connection::Connection;
use crate::salesforce::UserId;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::record::PackagedRecords;

/// What was read from an org.
#[derive(Debug)]
pub(super) enum Look {
    /// The packaged records.
    Packaged(Box<Reading>),
    /// The records of the legacy path.
    Legacy(Box<LegacyReading>),
    /// The records of the headless path.
    Headless(Box<HeadlessReading>),
}

impl Look {
    /// Looks at the packaged records.
    pub(super) async fn at_records(org: &Org, records: &PackagedRecords, runners: &[UserId]) -> Result<Self, ApiError> {
        Ok(Self::Packaged(Box::new(observe(org, records, runners).await?)))
    }

    /// Looks at an org with a package before 3.0.
    pub(super) async fn at_legacy(
        org: &Org,
        namespace: &str,
        desired: Option<&Desired>,
        connection: &Connection,
    ) -> Result<Self, ApiError> {
        if let Some(desired) = desired.filter(|desired| headless::is_suitable(org, connection, desired))
            && let Some(reading) = HeadlessReading::take(org, namespace, desired, connection).await?
        {
            return Ok(Self::Headless(Box::new(reading)));
        }
        let reading = LegacyReading::take(org, namespace, desired, connection).await?;
        Ok(Self::Legacy(Box::new(reading)))
    }

    /// Looks at the same once more.
    pub(super) async fn again(&self, org: &Org, connection: &Connection) -> Result<Self, ApiError> {
        match self {
            Self::Packaged(reading) => Self::at_records(org, &reading.records, &reading.runners).await,
            Self::Legacy(reading) => Ok(Self::Legacy(Box::new(reading.again(org, &connection.wiring).await?))),
            Self::Headless(reading) => Ok(Self::Headless(Box::new(reading.again(org, connection).await?))),
        }
    }

    /// What differs from what is desired.
    pub(super) fn drift(&self, desired: &Desired, connection: &Connection, now: Timestamp) -> Drift {
        match self {
            Self::Packaged(reading) => {
                let mut observed = reading.observed(desired, &connection.wiring);
                observed.package = connection.package_version();
                let mut memory = recall(connection, now);
                if by_hand::entered(&connection.wiring, reading.credentials_match(desired)) {
                    memory.credentials_written = Some(desired.generation.clone());
                    memory.client_written = Some(desired.client_id.clone());
                }
                drift(&desired.target(), &observed, &memory)
            }
            Self::Legacy(reading) => {
                let stale = recall(connection, now).principal_is_stale;
                reading.drift(desired, &connection.wiring, stale)
            }
            Self::Headless(reading) => reading.drift(&connection.wiring),
        }
    }

    /// The changes that remove the difference.
    pub(super) fn plan(&self, drift: &Drift) -> Vec<Change> {
        match self {
            Self::Packaged(_) => plan(drift),
            Self::Legacy(_) => legacy_plan(drift),
            Self::Headless(_) => headless::plan(drift),
        }
    }

    /// Whether callouts go to the desired PIM.
    pub(super) fn points_at(&self, desired: &Desired) -> bool {
        match self {
            Self::Packaged(reading) => reading.named_credential.points_at(&desired.endpoint()),
            Self::Legacy(reading) => reading.points_at_the_pim(),
            Self::Headless(reading) => reading.points_at_the_pim(),
        }
    }

    /// The status of the org's own authorization.
    pub(super) fn principal(&self, connection: &Connection, now: Timestamp) -> PrincipalStatus {
        match self {
            Self::Packaged(reading) => reading.principal(),
            Self::Legacy(reading) => standing(&connection.wiring, reading, now).0,
            Self::Headless(reading) => reading.standing(&connection.wiring).0,
        }
    }

    /// Whether waiting for the org's own authorization shows nothing, because the org does not let us see it.
    pub(super) fn is_blind(&self) -> bool {
        match self {
            Self::Packaged(_) | Self::Headless(_) => false,
            Self::Legacy(reading) => reading.is_blind(),
        }
    }
}
