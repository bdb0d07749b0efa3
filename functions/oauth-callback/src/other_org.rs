//! A connection that moves to another org: only to the one that a person named and confirmed, after which the former org's
//! grant is given back. Id, history and the PIM's side stay.

use connector::clock::Deadline;
use connector::connection::{
    AuditEvent, Connection, ConnectionId, LedgerError, OrgIdentity, OtherOrg, record_audit, update_connection,
};
use connector::custody::{SalesforceSecrets, grant_app};
use connector::salesforce::oauth::{TokenAnswer, TokenEndpoint};
use connector::service::Services;

use crate::salesforce::Arrival;

/// The org that the connection has, if the answer is another one's.
pub(crate) fn moved_from<'a>(connection: &'a Connection, answer: &TokenAnswer) -> Option<&'a OrgIdentity> {
    let known = connection.salesforce.org.as_ref();
    known.filter(|org| org.org_id != answer.org_id.as_str())
}

/// Notes which other org somebody logged in to, so that a person can say whether the connection moves there.
pub(crate) async fn note_other_org(
    services: &Services,
    arrival: &Arrival,
    answer: &TokenAnswer,
) -> Result<(), LedgerError> {
    let other = OtherOrg {
        org_id: answer.org_id.as_str().to_owned(),
        instance: answer.instance_url.clone(),
        login: arrival.login.clone(),
        seen_at: services.clock.now(),
    };
    update_connection(services, &arrival.connection.id, |connection| {
        connection.salesforce.other_org = Some(other.clone())
    })
    .await
    .map(drop)
}

/// Gives the former org's grant back and says so in the audit trail. If the former org does not answer, nothing of ours has
/// the grant any more; it stays listed there.
pub(crate) async fn leave(
    services: &Services,
    id: &ConnectionId,
    former: &OrgIdentity,
    grant: Option<SalesforceSecrets>,
    to: &str,
    deadline: Deadline,
) -> Result<(), LedgerError> {
    let mut revoked = false;
    if let Some(grant) = &grant
        && let Ok(app) = grant_app(services, grant).await
    {
        let endpoint = TokenEndpoint::new(&services.outbound, former.login.url().clone(), &app, deadline);
        let answer = endpoint.revoke_refresh(&grant.refresh_token).await;
        revoked = answer.is_ok();
        if let Err(error) = answer {
            tracing::warn!(name: "salesforce.token.revoke", connection = %id, error = %error);
        }
    }
    let moved = AuditEvent::OrgMoved {
        from: former.org_id.clone(),
        to: to.to_owned(),
        revoked,
    };
    Ok(record_audit(services, id, moved).await?)
}
