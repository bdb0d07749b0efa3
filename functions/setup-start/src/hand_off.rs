//! A link that opens one step for a colleague.

use connector::connection::{Invitation, Leg, hand_off, open_invitation};
use connector::page::HandOffLink;
use connector::problem::Problem;
use connector::secret::Sensitive;
use connector::service::Services;
use connector::web::{Reply, Request};
use http::StatusCode;

use crate::journey::{Extras, render};
use crate::visitor::Visitor;

/// POST /setup/handoff: shows the new link once.
pub(crate) async fn make(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    let leg = match form.get("leg") {
        "akeneo" => Leg::Akeneo,
        "salesforce" => Leg::Salesforce,
        _ => return Err(Problem::NotFound),
    };
    // A link that was handed over is not handed on: its time could be stretched for ever.
    if visitor.session.leg.is_some() {
        return Err(Problem::OtherLeg);
    }
    let secret = hand_off(services, &visitor.connection, leg).await?;
    let (Invitation { expires_at, .. }, _) = open_invitation(services, &secret).await?;
    let url = services.config.absolute(&format!("/setup/{}", secret.expose())).into();
    let extras = Extras {
        hand_off: Some(HandOffLink { leg, url, expires_at }),
        ..Extras::default()
    };
    Ok(render(services, &visitor, StatusCode::OK, extras))
}
