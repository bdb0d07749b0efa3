//! New invitations.

use std::time::Duration;

use connector::connection::{CallbackMode, Connection, ConnectionId, NewInvitation, OrgType, Terms, invite};
use connector::page::letters;
use connector::secret::{HandedOut, Sensitive};
use connector::service::Services;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde_json::json as object;

use crate::acts;
use crate::body::{Fields, Reader};
use crate::refusal::Refusal;

/// How long a link works unless told otherwise, and at most; in days.
const DAYS: (u64, u64) = (14, 90);
/// Types of orgs, by their names in bodies.
pub(crate) const ORG_TYPES: [(&str, OrgType); 2] = [("production", OrgType::Production), ("sandbox", OrgType::Sandbox)];
/// Callback modes, by their names in bodies.
const CALLBACKS: [(&str, CallbackMode); 2] = [
    ("service", CallbackMode::Service),
    ("salesforce", CallbackMode::Salesforce),
];
/// The fields that are understood.
const FIELDS: [&str; 6] = [
    "callback",
    "connection",
    "customer",
    "expires_in_days",
    "org_type",
    "pim_host",
];

/// POST /operator/invitations.
pub(crate) async fn create(services: &Services, request: &Request, by: Option<String>) -> Result<Reply, Refusal> {
    let new = NewInvitation { by, ..read(request)? };
    let (connection, secret) = invite(services, new).await?;
    Ok(made(services, &connection, &secret))
}

/// POST /operator/connections/{id}/resend.
pub(crate) async fn resend(services: &Services, id: &str, by: Option<String>) -> Result<Reply, Refusal> {
    let (connection, secret) = acts::resend(services, id, by).await?;
    Ok(made(services, &connection, &secret))
}

/// A link that was just made. It is shown once; only its hash is stored.
fn made(services: &Services, connection: &Connection, secret: &HandedOut) -> Reply {
    let link = services.config.absolute(&format!("/setup/{}", secret.expose()));
    let until = connection.invitation_expires_at.unwrap_or_else(|| services.clock.now());
    let body = object!({
        "connection": connection.id,
        "customer": connection.customer,
        "invitation": secret.expose(),
        "link": link.as_str(),
        "expires_at": until,
        "letters": letters(&connection.customer, link.as_str(), until),
    });
    json(StatusCode::CREATED, &body)
}

/// What a body asks for.
pub(crate) fn read(request: &Request) -> Result<NewInvitation, Refusal> {
    let fields = Fields::read(request)?;
    let mut reader = fields.reader(&FIELDS);
    let new = NewInvitation {
        customer: customer(&mut reader),
        terms: Terms {
            pim_host: reader.host("pim_host"),
            org_type: reader.choice("org_type", &ORG_TYPES),
            callback: reader.choice("callback", &CALLBACKS).unwrap_or_default(),
            ..Terms::default()
        },
        life: Duration::from_secs(reader.number("expires_in_days", 1..=DAYS.1).unwrap_or(DAYS.0) * 24 * 3600),
        connection: connection(&mut reader),
        by: None,
    };
    reader.end(new)
}

fn customer(reader: &mut Reader<'_>) -> String {
    let faults = reader.faults.len();
    let customer = reader.text("customer").unwrap_or_default().trim().to_owned();
    if reader.faults.len() > faults {
        return customer;
    }
    if customer.is_empty() || customer.chars().count() > 200 || customer.chars().any(char::is_control) {
        reader
            .faults
            .push("customer is the customer's name, 1 to 200 characters on one line".to_owned());
    }
    customer
}

fn connection(reader: &mut Reader<'_>) -> Option<ConnectionId> {
    let text = reader.text("connection")?;
    let id = ConnectionId::parse(&text);
    if id.is_none() {
        reader
            .faults
            .push("connection is the id of an existing connection, 20 hex digits".to_owned());
    }
    id
}
