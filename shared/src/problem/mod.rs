//! What people are told when something goes wrong: one exhaustive map from a problem to status, stable code, words, and who
//! acts next (design section 6, "Errors"). No upstream text, no secret and no debug output can get in here.

mod cause;
mod salesforce;

use http::{HeaderValue, StatusCode, header};

use crate::connection::SalesforceFault;
use crate::page::{Button, Message, message};
use crate::service::Services;
use crate::store::StoreError;
use crate::trace::Trace;
use crate::web::{FormFault, GuardFault, Reply, page};

/// Everything that can end a request without the page that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Unknown, expired, revoked or malformed link.
    #[error("the link is not valid")]
    LinkNotValid,
    /// No setup session in this browser.
    #[error("no setup session")]
    SessionMissing,
    /// A post that another site sent, or a form of another session.
    #[error(transparent)]
    Guard(#[from] GuardFault),
    /// A form that cannot be read.
    #[error(transparent)]
    Form(#[from] FormFault),
    /// No such page.
    #[error("no such page")]
    NotFound,
    /// The page exists and takes these methods only (RFC 9110 section 15.5.6).
    #[error("method not allowed")]
    MethodNotAllowed(&'static str),
    /// A hand-off link that opens another leg only.
    #[error("the link opens another step only")]
    OtherLeg,
    /// A callback whose `state` is unknown, expired, of another browser or another connection, or that lacks its cookie.
    #[error("the authorization was not started in this browser or is over")]
    AttemptNotValid,
    /// A callback without exactly one code and one state.
    #[error("the callback is malformed")]
    CallbackMalformed,
    /// The PIM's callback carried an `error`.
    #[error("the PIM refused the authorization")]
    AkeneoRefused,
    /// A foreign `state`, and no org to relay it to.
    #[error("no org to relay to")]
    NoRelay,
    /// A foreign `state` for a connection that was taken apart: nothing is relayed any more.
    #[error("the connection was taken apart, and nothing is relayed for it")]
    RelayEnded,
    /// Too many trips at the same time.
    #[error("too many authorizations at the same time")]
    TooManyAttempts,
    /// Authorize was pressed without credentials.
    #[error("no credentials yet")]
    CredentialsMissing,
    /// The principal's hop was asked for too early.
    #[error("the org is not ready for its own authorization")]
    PrincipalTooEarly,
    /// The org did not give its authorization URL.
    #[error("the org gave no authorization URL")]
    PrincipalUnavailable,
    /// The Activate URL of a connection that this PIM does not belong to, or that has no credentials yet.
    #[error("opened from the PIM before the setup is done")]
    ActivateTooEarly,
    /// The Activate URL of a Custom App that needs nothing more, in a browser without a setup session.
    #[error("opened from the PIM after its step was done")]
    ActivateDone,
    /// The authorization in Salesforce failed.
    #[error("the org was not connected: {0:?}")]
    Salesforce(SalesforceFault),
    /// Somebody else holds the lease.
    #[error("the connection is busy")]
    Busy,
    /// A store failed.
    #[error("a store failed")]
    Store(#[from] StoreError),
    /// Too many writers.
    #[error("the connection is being changed by too many at once")]
    Contended,
}

/// What a person is told.
struct Explanation {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    happened: &'static str,
    who: &'static str,
    button: Option<(&'static str, &'static str)>,
}

const BACK: Option<(&str, &str)> = Some(("Back to the setup", "/setup"));
const AGAIN: &str =
    "It is your turn: go back to the setup and start this step again. What you entered before is still there.";

impl Problem {
    fn explain(&self) -> Explanation {
        let all = |status, code, title, happened, who, button| Explanation {
            status,
            code,
            title,
            happened,
            who,
            button,
        };
        match self {
            Self::LinkNotValid => all(
                StatusCode::NOT_FOUND,
                "link_not_valid",
                "This link does not work",
                "The setup link is unknown, has expired or was replaced by a newer one.",
                "Open the newest link that you were sent, or ask your Akeneo contact for a new one.",
                None,
            ),
            Self::SessionMissing => all(
                StatusCode::UNAUTHORIZED,
                "session_missing",
                "Please open your setup link again",
                "This browser has no open setup. It may have ended, or cookies are blocked.",
                "It is your turn: open the setup link that you were sent. Everything that was done so far is kept.",
                None,
            ),
            Self::Guard(GuardFault::OtherSite) => all(
                StatusCode::FORBIDDEN,
                "other_site",
                "This request was not sent from the setup page",
                "To keep you safe, forms are accepted from the setup's own pages only.",
                AGAIN,
                BACK,
            ),
            Self::Guard(GuardFault::OtherSession) => all(
                StatusCode::FORBIDDEN,
                "other_session",
                "This page is out of date",
                "The setup was opened again in this browser after this page was loaded.",
                AGAIN,
                BACK,
            ),
            Self::Form(fault) => all(
                fault.status(),
                "form_unreadable",
                "The form could not be read",
                "It did not arrive in the shape in which the setup page sends it.",
                AGAIN,
                BACK,
            ),
            Self::NotFound => all(
                StatusCode::NOT_FOUND,
                "not_found",
                "There is no such page",
                "The address does not belong to any page of the setup.",
                "Go to the setup, or open the link that you were sent.",
                BACK,
            ),
            Self::MethodNotAllowed(_) => all(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address cannot be used like that",
                "It takes part in the setup and is not a page of its own.",
                "Go to the setup, or open the link that you were sent.",
                BACK,
            ),
            Self::OtherLeg => all(
                StatusCode::FORBIDDEN,
                "other_step",
                "Your link opens another step",
                "You were sent a link for one step of the setup, and this is a different one.",
                "Go back to your step; the person who sent you the link takes care of the rest.",
                BACK,
            ),
            Self::AttemptNotValid => all(
                StatusCode::BAD_REQUEST,
                "attempt_not_valid",
                "Please start this step again",
                "This authorization was started in another browser, took longer than 15 minutes, or was already used. \
                 Nothing was exchanged.",
                AGAIN,
                Some(("Start again", "/setup")),
            ),
            Self::CallbackMalformed => all(
                StatusCode::BAD_REQUEST,
                "callback_malformed",
                "Please start this step again",
                "The answer that your browser brought back is incomplete. Nothing was exchanged.",
                AGAIN,
                Some(("Start again", "/setup")),
            ),
            Self::AkeneoRefused => all(
                StatusCode::BAD_REQUEST,
                "akeneo_refused",
                "The PIM did not authorize the connection",
                "Akeneo PIM sent your browser back without an authorization.",
                "It is the turn of your Akeneo PIM administrator: authorize again and grant all requested permissions.",
                Some(("Start again", "/setup")),
            ),
            Self::NoRelay => all(
                StatusCode::BAD_REQUEST,
                "no_relay",
                "This authorization was not started here",
                "It came from Akeneo PIM, and there is no connected Salesforce org here that it could belong to. Nothing was exchanged.",
                "It is your turn: open the setup and connect Salesforce first.",
                Some(("Go to the setup", "/setup")),
            ),
            Self::RelayEnded => all(
                StatusCode::GONE,
                "relay_ended",
                "This connection has ended",
                "The service through which Salesforce’s authorization came back no longer takes part in this connection. Nothing \
                 was exchanged.",
                "To go on without it, it is the turn of your Akeneo PIM administrator: change the Custom App’s Callback URL to the one \
                 that Salesforce Setup shows for the External Auth Identity Provider, then authorize again in Salesforce. For a new \
                 connection, ask your Akeneo contact for a link.",
                None,
            ),
            Self::TooManyAttempts => all(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                "Too many attempts at the same time",
                "This step was started very often within a few minutes.",
                "Finish it in one of the windows that are open, or wait 15 minutes and start it again.",
                BACK,
            ),
            Self::CredentialsMissing => all(
                StatusCode::CONFLICT,
                "credentials_missing",
                "The credentials come first",
                "There is no Client ID and Client Secret yet to authorize with.",
                "It is the turn of your Akeneo PIM administrator: enter the Custom App’s credentials in the setup.",
                BACK,
            ),
            Self::PrincipalTooEarly => all(
                StatusCode::CONFLICT,
                "principal_too_early",
                "One moment",
                "Salesforce is not ready for this step yet.",
                "Go back to the setup: it shows what is still missing and whose turn it is.",
                BACK,
            ),
            Self::PrincipalUnavailable => all(
                StatusCode::BAD_GATEWAY,
                "principal_unavailable",
                "Salesforce did not open its authorization",
                "The org did not answer as expected when it was asked for its authorization page.",
                "Wait a minute and try again. If it stays like this, tell your Akeneo contact the reference below.",
                BACK,
            ),
            Self::ActivateTooEarly => all(
                StatusCode::OK,
                "activate_too_early",
                "Almost there",
                "This app belongs to a connection that is set up through a link.",
                "Open the setup link that you were sent; it leads you through the rest. If you do not have it, ask the \
                 colleague who created the app, or your Akeneo contact.",
                Some(("Go to the setup", "/setup")),
            ),
            Self::ActivateDone => all(
                StatusCode::OK,
                "activate_done",
                "This app is connected",
                "Akeneo PIM has authorized the connection to Salesforce that this app is for.",
                "There is nothing for you to do here. To see how the connection is, open the setup link that you were sent.",
                None,
            ),
            Self::Salesforce(fault) => salesforce::explain(*fault),
            Self::Busy => all(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "One moment",
                "The service is working on this connection right now.",
                "Wait a few seconds and try again.",
                BACK,
            ),
            Self::Store(_) | Self::Contended => all(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The setup is not available for a moment",
                "One of our own systems did not answer. Nothing is lost.",
                "Try again in a minute. If it stays like this, tell your Akeneo contact the reference below.",
                BACK,
            ),
        }
    }

    /// The status and the stable code.
    #[must_use]
    pub fn code(&self) -> (StatusCode, &'static str) {
        let explanation = self.explain();
        (explanation.status, explanation.code)
    }

    /// The problem as a page. Logs it once. The reference that the page shows is the id that every log line of the request carries.
    #[must_use]
    pub fn into_page(self, services: &Services) -> Reply {
        let explanation = self.explain();
        let trace = services.trace.clone();
        let reference = trace.unwrap_or_else(|| Trace::fresh(&*services.random)).to_string();
        let (status, code) = (explanation.status, explanation.code);
        if status.is_server_error() {
            let cause = std::error::Error::source(&self)
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(name: "problem", code, reference, status = status.as_u16(), error = %self, cause);
        } else {
            tracing::info!(name: "problem", code, reference, status = status.as_u16());
        }
        let view = Message {
            title: explanation.title.to_owned(),
            what_happened: explanation.happened.to_owned(),
            who_acts: explanation.who.to_owned(),
            button: explanation.button.map(|(label, href)| Button {
                label: label.to_owned(),
                href: href.to_owned(),
            }),
            reference: Some(reference),
        };
        let mut reply = page(status, message(&view), &services.config.permit);
        if let Self::MethodNotAllowed(allowed) = self {
            reply
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        reply
    }
}
