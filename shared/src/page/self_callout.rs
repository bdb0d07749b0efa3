//! Picklist synchronisation: a line on the status page, and a page of its own with both ways to set it up.

use askama::Template;

use super::instant::Instant;
use super::view::{FieldView, Notice};
use crate::connection::{Connection, SelfSource, SelfStage, Who, self_next_action, self_stage};
use crate::web::Html;

/// The scope that the customer's own app must have, and no other (facts/salesforce 8).
const SCOPE: &str = "Manage user data via APIs (api)";

/// The page of the picklist synchronisation: `GET /setup/org/self`, and its forms when they come back with faults.
#[derive(Debug, Clone)]
pub struct SelfView<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The token of the session's forms.
    pub csrf: &'a str,
    /// The mark of `GET /setup/progress`.
    pub mark: String,
    /// The user that an app of ours shall run as.
    pub execution_user: FieldView,
    /// The consumer key of the customer's own app.
    pub client_id: FieldView,
    /// What is wrong with its secret; the secret itself never comes back.
    pub secret_fault: Option<String>,
    /// What the last post led to.
    pub notice: Option<Notice>,
}

/// Where it stands, in a line and a sentence.
pub(super) struct SelfLine {
    pub(super) stage: SelfStage,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) who: Option<&'static str>,
}

impl SelfLine {
    pub(super) fn of(connection: &Connection) -> Self {
        let stage = self_stage(connection);
        let next = self_next_action(connection);
        Self {
            stage,
            state: stage.in_words(),
            class: match stage {
                SelfStage::Off => "later",
                SelfStage::NeedsApp | SelfStage::NeedsPerson => "turn",
                SelfStage::Waiting | SelfStage::Wiring => "waiting",
                SelfStage::Working => "done",
            },
            text: next.what,
            who: match next.who {
                Who::SalesforceAdmin => Some("Next: your Salesforce administrator"),
                Who::CustomerSuccess => Some("Next: your Akeneo contact"),
                Who::PimAdmin => Some("Next: your Akeneo PIM administrator"),
                Who::Service | Who::Nobody => None,
            },
        }
    }

    /// Whether nobody asked for it.
    pub(super) fn is_off(&self) -> bool {
        self.stage == SelfStage::Off
    }

    /// Whether the service is at work or waits.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.stage, SelfStage::Waiting | SelfStage::Wiring)
    }
}

#[derive(Template)]
#[template(path = "self_callout.html")]
struct SelfPage<'a> {
    view: &'a SelfView<'a>,
    title: String,
    line: SelfLine,
    facts: Option<Facts<'a>>,
    callback_url: String,
    scope: &'static str,
    /// What people quote when they ask for help, where a person is needed.
    reference: Option<String>,
    /// Whether a form came back; then the page does not load itself again.
    faulty: bool,
}

/// What is known, for the curious.
struct Facts<'a> {
    client_id: Option<&'a str>,
    made_by: &'static str,
    named_credential: Option<&'a str>,
    packaged: bool,
    looked_at: Option<Instant>,
}

/// The page of the picklist synchronisation (facts/salesforce 8).
#[must_use]
pub fn self_callout(view: &SelfView<'_>) -> Html {
    let line = SelfLine::of(view.connection);
    let about = &view.connection.self_callout;
    let facts = (!line.is_off()).then(|| Facts {
        client_id: about.client_id.as_deref(),
        made_by: match about.source {
            Some(SelfSource::Deploy) => "this service",
            _ => "you",
        },
        named_credential: about.records.as_ref().map(|records| records.named_credential.as_str()),
        packaged: about.records.as_ref().is_some_and(|records| records.packaged),
        looked_at: about.looked_at.map(Instant::of),
    });
    let faulty = view.execution_user.fault.is_some() || view.client_id.fault.is_some() || view.secret_fault.is_some();
    let root = view.connection.salesforce.org.as_ref().map(|org| org.instance.origin());
    let reference = view.connection.wiring.reference();
    super::html(&SelfPage {
        reference: reference
            .filter(|_| line.stage == SelfStage::NeedsPerson)
            .map(ToString::to_string),
        title: format!(
            "{}Picklist synchronisation – {}",
            if faulty { "Error: " } else { "" },
            view.connection.customer
        ),
        line,
        facts,
        callback_url: root
            .map(|root| format!("{}services/oauth2/callback", root.url()))
            .unwrap_or_default(),
        scope: SCOPE,
        faulty,
        view,
    })
}
