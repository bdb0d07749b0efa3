//! Taking a connection apart, and the certificate of it. `salesforce-patch` does the work, and goes on until it is done.

use connector::connection::{AuditEvent, CallbackMode, Connection, OffboardedThing, record_audit_by, update_and_queue};
use connector::service::Services;
use connector::store::{Due, Queue};
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::{Value, json as object};

use crate::acts;
use crate::body::Fields;
use crate::query::Query;
use crate::refusal::Refusal;

/// The fields of a request.
const FIELDS: [&str; 2] = ["blank_org", "without_org"];
/// What belongs to the customer and is never taken away by us.
const STAYS: [&str; 3] = [
    "The package in the org, and its permission sets with their assignments.",
    "The org’s own authorization: it ends when the app is disconnected in Akeneo PIM.",
    "The Custom App in Akeneo PIM with the tokens that it issued: they end when the app is disconnected or deleted there.",
];
/// What ends with us although nothing in the org was changed: the Custom App's one callback is ours, and nobody passes on any more
/// what comes back there (design section 5).
const NO_LONGER_RELAYED: &str = "The org’s own authorization cannot be renewed as it is: it came back through this service, which no \
     longer passes it on. The connection works until that authorization ends. To go on using it, change the Custom App’s Callback URL \
     in Akeneo PIM to the Callback URL that Salesforce Setup shows for the External Auth Identity Provider (before package 3.0: for \
     the Auth. Provider), and authorize once more in Salesforce. Otherwise disconnect the app in Akeneo PIM.";

/// POST /operator/connections/{id}/offboard. Links and sessions stop working at once; the rest follows. Repeating it changes how
/// the rest goes on, and nothing once that is complete.
pub(crate) async fn begin(
    services: &Services,
    request: &Request,
    id: &str,
    by: Option<String>,
) -> Result<Reply, Refusal> {
    let fields = Fields::read(request)?;
    let mut reader = fields.reader(&FIELDS);
    let blank_org = reader.flag("blank_org");
    if blank_org.is_none() && reader.faults.is_empty() {
        let fault =
            "blank_org is true or false: whether the customer agreed that what we wrote in the org is taken away";
        reader.faults.push(fault.to_owned());
    }
    let without_org = reader.flag("without_org").unwrap_or_default();
    let blank_org = reader.end(blank_org.unwrap_or_default())?;
    let found = acts::load(services, id).await?;
    if found.offboarding.is_some() && !found.is_leaving() {
        return Ok(shown(&found));
    }
    let asked = AuditEvent::OffboardingAsked { blank_org, without_org };
    // Noted first: whatever is taken away from here on has its reason in the trail.
    record_audit_by(services, &found.id, asked, by).await?;
    let at = services.clock.now();
    let begin = |connection: &mut Connection| connection.begin_offboarding(blank_org, without_org, at);
    let begun = update_and_queue(services, &found.id, begin, |connection, due| {
        if connection.is_leaving() {
            Due {
                queue: Queue::Wiring,
                at,
            }
        } else {
            due
        }
    });
    let begun = begun.await?.ok_or(Refusal::NoConnection)?;
    Ok(shown(&begun))
}

/// GET /operator/connections/{id}/certificate: what was taken away, when, and what could not be.
pub(crate) async fn certificate(services: &Services, request: &Request, id: &str) -> Result<Reply, Refusal> {
    Query::read(request, &[])?.end(())?;
    let found = acts::load(services, id).await?;
    if found.offboarding.is_none() {
        return Err(Refusal::NotOffboarded);
    }
    Ok(shown(&found))
}

/// What stays, in words.
fn stays(connection: &Connection) -> Vec<&'static str> {
    let asked = connection.offboarding.as_ref();
    let untouched = |thing| {
        asked.is_some_and(|asked| {
            asked
                .items
                .iter()
                .any(|item| item.thing == thing && item.left.is_some())
        })
    };
    let relayed = connection.terms.callback == CallbackMode::Service && untouched(OffboardedThing::Provider);
    STAYS.into_iter().chain(relayed.then_some(NO_LONGER_RELAYED)).collect()
}

fn shown(connection: &Connection) -> Reply {
    let mut body = object!({
        "connection": connection.id,
        "customer": connection.customer,
        "complete": !connection.is_leaving(),
        "waiting": connection.wiring.waiting.filter(|_| connection.is_leaving()),
        "stays": stays(connection),
    });
    if let (Value::Object(body), Value::Object(facts)) = (&mut body, object!(connection.offboarding)) {
        body.extend(facts);
    }
    json(StatusCode::OK, &body)
}
