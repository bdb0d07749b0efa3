//! The task list, and the status page that it turns into.

use askama::Template;

use super::akeneo_step::AkeneoStep;
use super::hand_off::HandedOff;
use super::next::Next;
use super::org_steps::{PrincipalStep, VerificationStep, WiringStep};
use super::progress::{Pace, is_looking, progress};
use super::salesforce_step::SalesforceStep;
use super::status::{Remedy, Status};
use super::step::{OrgNeed, PimNeed, StepState, Steps};
use super::trip::Trip;
use super::view::{Journey, NoticeKind};
use crate::connection::Leg;
use crate::web::Html;

/// How many steps there are.
const STEPS: usize = 5;

#[derive(Template)]
#[template(path = "journey.html")]
pub(super) struct JourneyPage<'a> {
    view: &'a Journey<'a>,
    /// What the browser shows on the tab.
    title: String,
    heading: &'static str,
    /// The mark of `GET /setup/progress`; empty on pages that are only made to compute it.
    mark: String,
    pace: Pace,
    /// Whether a look at the org was asked for and is under way.
    looking: bool,
    done: usize,
    handed_off: Option<HandedOff<'a>>,
    /// Whether steps can be sent to a colleague: not from a session that was itself handed off.
    may_hand_off: bool,
    next: Next,
    salesforce: SalesforceStep<'a>,
    akeneo: AkeneoStep<'a>,
    wiring: WiringStep<'a>,
    principal: PrincipalStep,
    verification: VerificationStep,
    status: Option<Status<'a>>,
}

/// The task list of a setup session, later its status page (design section 4).
#[must_use]
pub fn journey(view: &Journey<'_>) -> Html {
    let mark = progress(view.connection, view.now);
    super::html(&JourneyPage {
        mark,
        ..JourneyPage::of(view)
    })
}

impl<'a> JourneyPage<'a> {
    pub(super) fn of(view: &'a Journey<'a>) -> Self {
        let steps = Steps::of(view.connection, view.now);
        let status = Status::of(view.connection);
        let heading = match (&status, view.session_leg) {
            (_, Some(Leg::Akeneo)) => "Connect Akeneo PIM",
            (_, Some(Leg::Salesforce)) => "Connect the Salesforce org",
            (Some(_), None) => "Akeneo PIM and Salesforce",
            (None, None) => "Connect Akeneo PIM to Salesforce",
        };
        let next = Next::of(view.connection, steps);
        Self {
            view,
            title: title(view, status.as_ref(), &next, heading),
            heading,
            mark: String::new(),
            pace: Pace::of(view),
            looking: is_looking(view.connection),
            done: steps.done(),
            handed_off: HandedOff::of(view),
            may_hand_off: view.session_leg.is_none(),
            next,
            salesforce: SalesforceStep::of(view, steps),
            akeneo: AkeneoStep::of(view, steps),
            wiring: WiringStep::of(view.connection, steps),
            principal: PrincipalStep::of(view, steps),
            verification: VerificationStep::of(view.connection, steps),
            status,
        }
    }

    fn total(&self) -> usize {
        STEPS
    }
}

fn title(view: &Journey<'_>, status: Option<&Status<'_>>, next: &Next, heading: &str) -> String {
    let what = match (view.session_leg, status) {
        (None, Some(status)) => status.heading,
        (None, None) => next.heading.as_str(),
        (Some(_), _) => heading,
    };
    let faulty = view.notice.as_ref().is_some_and(|notice| notice.is_bad());
    let error = if faulty { "Error: " } else { "" };
    format!("{error}{what} – {}", view.connection.customer)
}
