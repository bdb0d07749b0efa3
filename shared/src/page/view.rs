//! What the handlers hand over: plain values, one per page. No secret is ever among them; a Client Secret that was typed
//! is not shown again.

use crate::clock::Timestamp;
use crate::connection::{Connection, Leg};

/// The page behind a setup link: `GET /setup/{invitation}` (design section 4).
#[derive(Debug, Clone)]
pub struct Landing<'a> {
    /// The connection that the link opens.
    pub connection: &'a Connection,
    /// The only leg that the link opens; none for the whole journey.
    pub leg: Option<Leg>,
    /// Where the Start button posts to.
    pub start_path: String,
}

/// The task list of a setup session, later its status page: `GET /setup`, and each form that comes back with faults
/// (design section 4).
#[derive(Debug, Clone)]
pub struct Journey<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The only leg that the session opens; none for the whole journey.
    pub session_leg: Option<Leg>,
    /// The token of the session's forms.
    pub csrf: &'a str,
    /// The Activate URL of this connection's Custom App.
    pub activate_url: String,
    /// The Callback URL of this connection's Custom App.
    pub callback_url: String,
    /// Where the package can be installed in the connected org, if that is known.
    pub install_link: Option<String>,
    /// The form of the Custom App's credentials.
    pub akeneo_form: AkeneoForm,
    /// The form that leads to Salesforce.
    pub salesforce_form: SalesforceForm,
    /// A link for a colleague that was just made. It cannot be shown again.
    pub hand_off: Option<HandOffLink>,
    /// The present instant.
    pub now: Timestamp,
    /// What the last post led to.
    pub notice: Option<Notice>,
}

/// The form of the Custom App's credentials, as typed.
#[derive(Debug, Clone, Default)]
pub struct AkeneoForm {
    /// The PIM's base URL.
    pub base_url: FieldView,
    /// The Client ID.
    pub client_id: FieldView,
    /// What is wrong with the Client Secret; the secret itself never comes back.
    pub client_secret_fault: Option<String>,
    /// Shows the form although credentials are there.
    pub open: bool,
}

impl AkeneoForm {
    pub(super) fn has_fault(&self) -> bool {
        self.base_url.fault.is_some() || self.client_id.fault.is_some() || self.client_secret_fault.is_some()
    }
}

/// A text field.
#[derive(Debug, Clone, Default)]
pub struct FieldView {
    /// What was typed.
    pub value: String,
    /// What is wrong with it, with the remedy, in a sentence.
    pub fault: Option<String>,
}

/// The form that leads to Salesforce, as typed.
#[derive(Debug, Clone, Default)]
pub struct SalesforceForm {
    /// `production`, `sandbox` or `mydomain`; empty if nothing was chosen.
    pub org_kind: String,
    /// The My Domain address.
    pub my_domain: FieldView,
}

/// A link that opens one leg for a colleague.
#[derive(Debug, Clone)]
pub struct HandOffLink {
    /// The leg.
    pub leg: Leg,
    /// The link.
    pub url: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What the last post led to.
#[derive(Debug, Clone)]
pub struct Notice {
    /// How it is shown.
    pub kind: NoticeKind,
    /// In a few words.
    pub title: String,
    /// In a sentence or two, with the remedy.
    pub text: String,
}

/// How a notice is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// It worked.
    Good,
    /// It did not.
    Bad,
    /// Worth knowing.
    Info,
}

/// A page that says what happened and how to go on (design section 6, "Errors").
#[derive(Debug, Clone)]
pub struct Message {
    /// The heading.
    pub title: String,
    /// What happened.
    pub what_happened: String,
    /// Whose turn it is and what to do: a whole sentence.
    pub who_acts: String,
    /// The one way on, if there is one from here.
    pub button: Option<Button>,
    /// What an operator finds in the logs.
    pub reference: Option<String>,
}

/// A link that looks like a button.
#[derive(Debug, Clone)]
pub struct Button {
    /// Its words.
    pub label: String,
    /// Where it leads; a GET.
    pub href: String,
}
