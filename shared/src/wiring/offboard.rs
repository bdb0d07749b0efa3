//! Taking a connection apart, under its lease (`connection::Offboarding`): the org first, while there is access to it, then our
//! access, then the secrets. What became of each thing is written down before the next one, so a crash is answered by going on.

use super::blank::blank;
use crate::clock::Deadline;
use crate::connection::{
    AuditEvent, Connection, GivenBack, Lease, LedgerError, OffboardedThing, SelfCallout, Waiting, load_connection,
    record_audit, update_connection,
};
use crate::custody::{OrgFault, forget, give_back, may_pass};
use crate::salesforce::api::ApiError;
use crate::service::Services;
use crate::store::Side;

/// What may have been written to an org, in the safe order.
pub(super) const IN_ORG: [OffboardedThing; 5] = [
    OffboardedThing::Callouts,
    OffboardedThing::NamedCredential,
    OffboardedThing::Provider,
    OffboardedThing::ProviderCredentials,
    OffboardedThing::PermissionSet,
];

/// What a fault means for what was to be done.
enum Verdict {
    /// It is tried again.
    Wait(Waiting),
    /// It stays as it is, for this reason.
    Left(&'static str),
}

/// Takes a connection apart as far as that goes now. What has to be waited for comes back.
///
/// # Errors
/// [`LedgerError`].
pub(super) async fn take_apart(
    services: &Services,
    connection: &Connection,
    lease: &Lease,
    deadline: Deadline,
) -> Result<Option<Waiting>, LedgerError> {
    let Some(asked) = connection.offboarding.as_ref().filter(|asked| asked.is_under_way()) else {
        return Ok(None);
    };
    if connection.salesforce.org.is_some() && !IN_ORG.iter().all(|thing| asked.is_settled(*thing)) {
        let left = if asked.blank_org {
            match weighed(blank(services, connection, lease, deadline).await, asked.without_org)? {
                None => None,
                Some(Verdict::Wait(waiting)) => return Ok(Some(waiting)),
                Some(Verdict::Left(why)) => Some(why),
            }
        } else {
            Some("The customer did not agree that anything is changed in the org.")
        };
        for thing in IN_ORG.into_iter().filter(|_| left.is_some()) {
            settle(services, connection, thing, left).await?;
        }
    }
    if !asked.is_settled(OffboardedThing::Grant) {
        let given = give_back(services, connection, lease, deadline).await;
        let left = match weighed(given, asked.without_org)? {
            None => None,
            Some(Verdict::Wait(waiting)) => return Ok(Some(waiting)),
            Some(Verdict::Left(_)) => Some(
                "Salesforce did not take it back. Nothing of ours has it any more; it can be revoked in Setup > Connected Apps OAuth Usage.",
            ),
        };
        settle(services, connection, OffboardedThing::Grant, left).await?;
    }
    for (thing, side) in [
        (OffboardedThing::SalesforceSecret, Side::Salesforce),
        (OffboardedThing::AkeneoSecret, Side::Akeneo),
    ] {
        // Deleted again after a crash: it costs nothing.
        forget(services, &connection.id, side, lease).await?;
        settle(services, connection, thing, None).await?;
    }
    // Told before it is noted: after a crash in between it is told twice, which is better than never.
    record_audit(services, &connection.id, AuditEvent::Offboarded).await?;
    let now = services.clock.now();
    update_connection(services, &connection.id, |connection| connection.end_offboarding(now)).await?;
    Ok(None)
}

/// Writes down what became of a thing.
pub(super) async fn settle(
    services: &Services,
    connection: &Connection,
    thing: OffboardedThing,
    left: Option<&str>,
) -> Result<(), LedgerError> {
    let now = services.clock.now();
    update_connection(services, &connection.id, |connection| {
        if let Some(asked) = &mut connection.offboarding {
            asked.settle(thing, now, left.map(str::to_owned));
        }
    })
    .await?;
    Ok(())
}

/// What a fault means; `without`: nothing is waited for.
fn weighed(outcome: Result<(), OrgFault>, without: bool) -> Result<Option<Verdict>, LedgerError> {
    let fault = match outcome {
        Ok(()) => return Ok(None),
        Err(OrgFault::Ledger(error)) => return Err(error),
        Err(fault) => fault,
    };
    let waiting = match &fault {
        OrgFault::NoGrant | OrgFault::GrantLost(_) => {
            return Ok(Some(Verdict::Left("Our access to the org had ended before.")));
        }
        OrgFault::TooOld => return Ok(Some(Verdict::Left("The org offers no API version that can be used."))),
        OrgFault::Api(error) if error.is_refusal() => {
            return Ok(Some(Verdict::Left("Salesforce refused to let us look at it.")));
        }
        OrgFault::Token(error) if !may_pass(error) => return Ok(Some(Verdict::Left("Salesforce refused our access."))),
        OrgFault::App(_) | OrgFault::Ledger(_) => Waiting::Store,
        OrgFault::Api(ApiError::DailyLimit) => Waiting::OrgLimit,
        OrgFault::Api(_) | OrgFault::Token(_) => Waiting::Org,
    };
    tracing::warn!(name: "offboarding.trouble", error = %fault);
    Ok(Some(if without {
        Verdict::Left("The org did not answer, and it was decided not to wait for it.")
    } else {
        Verdict::Wait(waiting)
    }))
}

/// Gives our access to the org back where the terms say so and everything is verified. What has to be waited for comes back.
///
/// # Errors
/// [`LedgerError`].
pub(super) async fn keep_no_grant(
    services: &Services,
    connection: &Connection,
    lease: &Lease,
    deadline: Deadline,
) -> Result<Option<Waiting>, LedgerError> {
    let id = &connection.id;
    let Some(mut connection) = load_connection(services, id).await? else {
        return Ok(None);
    };
    if !connection.owes_grant() {
        return Ok(None);
    }
    if connection.salesforce.given_back.is_none() {
        // From here on nobody uses it, so that a grant that is half given back is not taken for one that the org took away.
        let at = services.clock.now();
        let noted = update_connection(services, id, |connection| {
            connection.salesforce.given_back = Some(GivenBack { at, done: false });
        });
        let Some(noted) = noted.await? else { return Ok(None) };
        connection = noted;
    }
    let refused = match weighed(give_back(services, &connection, lease, deadline).await, false)? {
        Some(Verdict::Wait(waiting)) => return Ok(Some(waiting)),
        Some(Verdict::Left(reason)) => Some(reason.to_owned()),
        None => None,
    };
    forget(services, id, Side::Salesforce, lease).await?;
    record_audit(services, id, AuditEvent::GrantGivenBack { refused }).await?;
    update_connection(services, id, |connection| {
        // Its key and secret were a part of what is deleted. What works in the org goes on.
        connection.self_callout = SelfCallout::default();
        if let Some(given) = &mut connection.salesforce.given_back {
            given.done = true;
        }
    })
    .await?;
    Ok(None)
}
