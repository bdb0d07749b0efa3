//! How a page notices by itself that it is out of date: with JavaScript by asking for a mark of the facts, without it by
//! being loaded again.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::journey::JourneyPage;
use super::step::{Hop, OrgNeed, org_need};
use super::trip::Trip;
use super::view::{AkeneoForm, Journey, SalesforceForm};
use crate::clock::Timestamp;
use crate::connection::{Connection, Leg, SelfStage, Stage, self_stage, stage};

/// While something is expected to change within seconds.
const SOON: Duration = Duration::from_secs(2);
/// While somebody else may do the next step.
const LATER: Duration = Duration::from_secs(10);

/// How often a page asks whether it is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// Between two questions; none for a page that stays as it is.
    pub(super) every: Option<Duration>,
    /// Whether the page is loaded again by itself where there is no JavaScript.
    pub(super) refresh: bool,
}

impl Pace {
    pub(super) fn of(view: &Journey<'_>) -> Self {
        let still = Self {
            every: None,
            refresh: false,
        };
        let faulty = view.akeneo_form.has_fault() || view.salesforce_form.my_domain.fault.is_some();
        if view.hand_off.is_some() || faulty || view.akeneo_form.open {
            // Loading again would lose the link, or what was typed.
            return still;
        }
        let connection = view.connection;
        let alone = view.session_leg.is_none();
        let pace = |every, refresh| Self {
            every: Some(every),
            refresh: refresh && alone,
        };
        let looking = is_looking(connection);
        let tending = matches!(self_stage(connection), SelfStage::Waiting | SelfStage::Wiring);
        match stage(connection) {
            Stage::Revoked => still,
            Stage::Connected if !looking && !tending => still,
            Stage::Connected | Stage::Degraded => pace(if looking || tending { SOON } else { LATER }, looking),
            Stage::Wiring | Stage::Verifying => pace(SOON, connection.wiring.waiting.is_none()),
            Stage::AuthorizePrincipal => match Hop::of(&connection.wiring, view.now) {
                Hop::Unstarted | Hop::Started(_) => pace(SOON, true),
                Hop::Unfinished(_) => pace(LATER, false),
            },
            _ if looking
                || connection.salesforce.expects_install(view.now)
                || away(view)
                || org_need(connection) == OrgNeed::Look =>
            {
                pace(SOON, false)
            }
            _ => pace(LATER, false),
        }
    }

    pub(super) fn seconds(self) -> Option<u64> {
        self.every.map(|every| every.as_secs())
    }
}

/// Whether a look at the org was asked for and is under way.
pub(super) fn is_looking(connection: &Connection) -> bool {
    connection.wiring.requested_at.is_some()
        && connection.wiring.waiting.is_none()
        && connection.salesforce.org.is_some()
}

/// Whether somebody is on a trip at this moment.
fn away(view: &Journey<'_>) -> bool {
    [Leg::Akeneo, Leg::Salesforce]
        .into_iter()
        .any(|leg| Trip::of(view.connection.attempt(leg), view.now).is_some_and(|trip| trip.is_open()))
}

/// A short opaque text for `GET /setup/progress`. It changes exactly when the journey page would look different: it is a
/// hash of that page, rendered without anything that a session or a form brings along.
#[must_use]
pub fn progress(connection: &Connection, now: Timestamp) -> String {
    let view = Journey {
        connection,
        session_leg: None,
        csrf: "",
        activate_url: String::new(),
        callback_url: String::new(),
        install_link: None,
        akeneo_form: AkeneoForm::default(),
        salesforce_form: SalesforceForm::default(),
        hand_off: None,
        now,
        notice: None,
    };
    let hash = Sha256::digest(super::html(&JourneyPage::of(&view)).0.as_bytes());
    hex::encode(&hash[..12])
}
