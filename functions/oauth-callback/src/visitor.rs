//! Who is there on the pages about the org: a setup session that opens Salesforce's step, and the guards of every post.

use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::{Connection, Lease, LeaseFault, Leg, open_session};
use connector::problem::Problem;
use connector::secret::HandedOut;
use connector::service::Services;
use connector::web::{Cookies, Form, Request, guard_session_post};

/// How long the lease is waited for; the rest of the deadline is for the org.
const PATIENCE: Duration = Duration::from_secs(10);

/// A person with a setup session that opens Salesforce's step.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// The session's secret, for the forms' tokens.
    pub(crate) secret: HandedOut,
    /// The connection.
    pub(crate) connection: Connection,
}

impl Visitor {
    /// The visitor behind a request.
    pub(crate) async fn recognise(services: &Services, request: &Request) -> Result<Self, Problem> {
        let secret = Cookies::read(&request.headers).session.ok_or(Problem::SessionMissing)?;
        let (session, connection) = open_session(services, &secret).await?.ok_or(Problem::SessionMissing)?;
        if !session.opens(Leg::Salesforce) {
            return Err(Problem::OtherLeg);
        }
        Ok(Self { secret, connection })
    }

    /// The visitor behind a post, and the form: guarded against other sites and other sessions.
    pub(crate) async fn posting(services: &Services, request: &Request) -> Result<(Self, Form), Problem> {
        let visitor = Self::recognise(services, request).await?;
        let form = Form::read(request)?;
        guard_session_post(request, &form, &visitor.secret, &services.config.public_url)?;
        Ok((visitor, form))
    }

    /// The connection's lease, for talking to the org.
    pub(crate) async fn lease(&self, services: &Services, deadline: Deadline) -> Result<Lease, Problem> {
        match Lease::wait(services, &self.connection.id, deadline.within(PATIENCE)).await {
            Ok(lease) => Ok(lease),
            Err(LeaseFault::Busy) => Err(Problem::Busy),
            Err(LeaseFault::Ledger(error)) => Err(error.into()),
        }
    }
}
