//! Who is there: the setup session of a request, and the guards of every post.

use connector::connection::{Connection, Leg, Session, open_session};
use connector::problem::Problem;
use connector::secret::HandedOut;
use connector::service::Services;
use connector::web::{Cookies, Form, Reply, Request, clear_session, guard_session_post, see_other};
use http::header;

/// A person with a setup session.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// The session.
    pub(crate) session: Session,
    /// Its secret, for the forms' tokens.
    pub(crate) secret: HandedOut,
    /// The connection.
    pub(crate) connection: Connection,
    /// The browser's own secret, if it has one.
    pub(crate) browser: Option<HandedOut>,
}

impl Visitor {
    /// The visitor behind a request.
    pub(crate) async fn recognise(services: &Services, request: &Request) -> Result<Self, Problem> {
        let cookies = Cookies::read(&request.headers);
        let secret = cookies.session.ok_or(Problem::SessionMissing)?;
        let (session, connection) = open_session(services, &secret).await?.ok_or(Problem::SessionMissing)?;
        Ok(Self {
            session,
            secret,
            connection,
            browser: cookies.browser,
        })
    }

    /// The visitor behind a post, and the form: guarded against other sites and other sessions.
    pub(crate) async fn posting(services: &Services, request: &Request) -> Result<(Self, Form), Problem> {
        let visitor = Self::recognise(services, request).await?;
        let form = Form::read(request)?;
        guard_session_post(request, &form, &visitor.secret, &services.config.public_url)?;
        Ok((visitor, form))
    }

    /// Refuses a step that the visitor's link does not open.
    pub(crate) fn must_open(&self, leg: Leg) -> Result<(), Problem> {
        if self.session.opens(leg) {
            Ok(())
        } else {
            Err(Problem::OtherLeg)
        }
    }
}

/// POST /setup/leave: ends the session in this browser.
pub(crate) async fn leave(services: &Services, request: &Request) -> Result<Reply, Problem> {
    Visitor::posting(services, request).await?;
    let mut reply = see_other("/setup");
    if let Some(cookie) = clear_session() {
        reply.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(reply)
}
