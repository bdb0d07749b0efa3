//! What the handlers hand over: plain values, one per page. No secret is among them but the pair that a person has to enter in
//! Salesforce by hand ([`PairView`]); a Client Secret that was typed is not shown again.

use crate::clock::Timestamp;
use crate::connection::{Connection, Leg};
use crate::salesforce::organization::FoundUser;

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
    /// The host that the person is asked to confirm, if it is not one of Akeneo's cloud.
    pub own_host: Option<String>,
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

impl Notice {
    /// Whether it says that something did not work.
    #[must_use]
    pub(super) fn is_bad(&self) -> bool {
        self.kind == NoticeKind::Bad
    }
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

/// The page for setting the org up by hand: `/setup/org/manual`.
#[derive(Debug, Clone)]
pub struct ManualView<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The token of the session's forms.
    pub csrf: &'a str,
    /// What goes into the provider's two rows; none while there is nothing to enter or nothing known yet.
    pub values: Option<PairView<'a>>,
    /// The form of the provider's Callback URL.
    pub callback_form: FieldView,
    /// The present instant.
    pub now: Timestamp,
    /// What the last post led to.
    pub notice: Option<Notice>,
}

/// The values of the provider's two rows, worth a client secret: shown to the person who has to enter them, and nowhere else.
#[derive(Clone, Copy)]
pub struct PairView<'a> {
    /// `code_identifier`.
    pub code_identifier: &'a str,
    /// `code_challenge`.
    pub code_challenge: &'a str,
}

impl std::fmt::Debug for PairView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairView([redacted])")
    }
}

/// The page of the users who run transfers: `/setup/org/users`.
#[derive(Debug, Clone)]
pub struct UsersView<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The token of the session's forms.
    pub csrf: &'a str,
    /// What was searched for.
    pub query: FieldView,
    /// What the search found; none if nobody searched.
    pub found: Option<&'a [FoundUser]>,
    /// What the last post led to.
    pub notice: Option<Notice>,
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
