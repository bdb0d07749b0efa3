//! The landing page of a setup link, and the start of a session from it.

use connector::connection::{open_invitation, start_session};
use connector::page::{self, Landing};
use connector::problem::Problem;
use connector::secret::HandedOut;
use connector::service::Services;
use connector::web::{self, Form, Reply, Request, guard_origin, see_other, set_session};
use http::{StatusCode, header};

/// GET /setup/{invitation}: what this is. Creates nothing.
pub(crate) async fn show(services: &Services, invitation: &str) -> Result<Reply, Problem> {
    let (link, connection) = open_invitation(services, &HandedOut::new(invitation)).await?;
    let view = Landing {
        connection: &connection,
        leg: link.leg,
        start_path: format!("/setup/{invitation}"),
    };
    Ok(web::page(StatusCode::OK, page::landing(&view), &services.config.permit))
}

/// POST /setup/{invitation}: a person pressed Start. The link leaves the address bar.
pub(crate) async fn start(services: &Services, request: &Request, invitation: &str) -> Result<Reply, Problem> {
    guard_origin(request, &services.config.public_url)?;
    Form::read(request)?;
    let (link, _) = open_invitation(services, &HandedOut::new(invitation)).await?;
    let secret = start_session(services, &link).await?;
    let mut reply = see_other("/setup");
    if let Some(cookie) = set_session(&secret) {
        reply.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(reply)
}
