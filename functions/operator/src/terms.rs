//! PATCH /operator/connections/{id}/terms: what Customer Success lays down, changed field by field.

use connector::connection::{AuditEvent, Connection, HealPolicy, OrgType, record_audit_by, update_terms};
use connector::service::Services;
use connector::web::Request;

use crate::acts;
use crate::body::Fields;
use crate::invitations::ORG_TYPES;
use crate::refusal::Refusal;

/// The fields; one that is absent stays as it is, and null takes a pin away or restores what is usual.
const FIELDS: [&str; 5] = [
    "drop_salesforce_token",
    "heal",
    "health_period_seconds",
    "org_type",
    "pim_host",
];
/// Policies by their names.
const POLICIES: [(&str, HealPolicy); 3] = [
    ("off", HealPolicy::Off),
    ("callouts", HealPolicy::Callouts),
    ("callouts_and_grants", HealPolicy::CalloutsAndGrants),
];
/// Seconds between two looks at a connection's health.
const PERIOD: std::ops::RangeInclusive<u64> = 60..=86_400;

/// What changes.
#[derive(Debug, Clone)]
struct Change {
    heal: Option<HealPolicy>,
    health_period_seconds: Option<Option<u32>>,
    drop_salesforce_token: Option<bool>,
    org_type: Option<Option<OrgType>>,
    pim_host: Option<Option<String>>,
}

fn read(request: &Request) -> Result<Change, Refusal> {
    let fields = Fields::read(request)?;
    let mut reader = fields.reader(&FIELDS);
    let given = |name: &str| fields.has(name);
    if !FIELDS.iter().any(|name| given(name)) {
        reader
            .faults
            .push(format!("nothing to change; there are {}", FIELDS.join(", ")));
    }
    let heal = reader.choice("heal", &POLICIES).unwrap_or_default();
    let period = reader
        .number("health_period_seconds", PERIOD)
        .and_then(|seconds| u32::try_from(seconds).ok());
    let drop = reader.flag("drop_salesforce_token").unwrap_or_default();
    let (org_type, pim_host) = (reader.choice("org_type", &ORG_TYPES), reader.host("pim_host"));
    let change = Change {
        heal: given("heal").then_some(heal),
        health_period_seconds: given("health_period_seconds").then_some(period),
        drop_salesforce_token: given("drop_salesforce_token").then_some(drop),
        org_type: given("org_type").then_some(org_type),
        pim_host: given("pim_host").then_some(pim_host),
    };
    reader.end(change)
}

/// Changes the terms. What was done under the former ones stays.
pub(crate) async fn change(
    services: &Services,
    request: &Request,
    id: &str,
    by: Option<String>,
) -> Result<Connection, Refusal> {
    let change = read(request)?;
    let found = acts::load(services, id).await?;
    let lay_down = |connection: &mut Connection| {
        let terms = &mut connection.terms;
        terms.heal = change.heal.unwrap_or(terms.heal);
        terms.health_period_seconds = change.health_period_seconds.unwrap_or(terms.health_period_seconds);
        terms.drop_salesforce_token = change.drop_salesforce_token.unwrap_or(terms.drop_salesforce_token);
        terms.org_type = change.org_type.unwrap_or(terms.org_type);
        if let Some(host) = &change.pim_host {
            terms.pim_host.clone_from(host);
        }
    };
    let changed = update_terms(services, &found.id, lay_down);
    let changed = changed.await?.ok_or(Refusal::NoConnection)?;
    record_audit_by(services, &changed.id, AuditEvent::TermsChanged, by).await?;
    Ok(changed)
}
