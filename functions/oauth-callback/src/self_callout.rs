//! Picklist synchronisation: shows where it stands, and takes what an administrator decides. The work is `salesforce-patch`'s.
//!
//! It lives in this function because a pasted consumer secret becomes a part of the org's document, under the lease.

use connector::clock::{Deadline, Timestamp};
use connector::connection::{
    AuditEvent, Connection, SalesforceFault, SelfCallout, SelfSource, load_connection, record_audit, self_is_offered,
    update_and_queue, update_connection,
};
use connector::custody::{SelfSecrets, keep_self};
use connector::page::{self, FieldView, SelfView};
use connector::problem::Problem;
use connector::random;
use connector::secret::ClientSecret;
use connector::service::Services;
use connector::store::{Due, Queue};
use connector::web::{self, Form, Reply, Request, csrf_token, see_other};
use http::StatusCode;

use crate::visitor::Visitor;

const HERE: &str = "/setup/org/self";
/// Longer keys, secrets and usernames are not Salesforce's.
const LONGEST: usize = 255;

/// The forms as they are shown.
#[derive(Default)]
struct Forms {
    execution_user: FieldView,
    client_id: FieldView,
    secret_fault: Option<String>,
}

/// GET /setup/org/self. Asks the org nothing.
pub(crate) async fn show(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let visitor = Visitor::recognise(services, request).await?;
    if !self_is_offered(&visitor.connection) {
        return Ok(see_other("/setup"));
    }
    Ok(render(services, &visitor, StatusCode::OK, Forms::default()))
}

/// POST /setup/org/self.
pub(crate) async fn act(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    if !self_is_offered(&visitor.connection) {
        return Ok(see_other("/setup"));
    }
    match form.get("action") {
        "deploy" => deploy(services, &visitor, &form).await,
        "paste" => paste(services, &visitor, &form, deadline).await,
        "check" => {
            let ask = |about: &mut SelfCallout, now| {
                if about.wanted {
                    about.ask(now);
                }
            };
            queue(services, &visitor.connection, ask).await?;
            Ok(see_other(HERE))
        }
        "off" => off(services, &visitor, deadline).await,
        _ => Ok(see_other(HERE)),
    }
}

fn render(services: &Services, visitor: &Visitor, status: StatusCode, mut forms: Forms) -> Reply {
    let connection = &visitor.connection;
    if forms.execution_user.value.is_empty() {
        let chosen = connection.self_callout.execution_user.clone();
        let default = || connection.salesforce.org.as_ref().map(|org| org.username.clone());
        forms.execution_user.value = chosen.or_else(default).unwrap_or_default();
    }
    let view = SelfView {
        connection,
        csrf: &csrf_token(&visitor.secret),
        mark: page::progress(connection, services.clock.now()),
        execution_user: forms.execution_user,
        client_id: forms.client_id,
        secret_fault: forms.secret_fault,
        notice: None,
    };
    web::page(status, page::self_callout(&view), &services.config.permit)
}

/// Changes what is known of it and has the org worked on at once, for this and for nothing else.
async fn queue(
    services: &Services,
    connection: &Connection,
    change: impl Fn(&mut SelfCallout, Timestamp),
) -> Result<(), Problem> {
    let now = services.clock.now();
    let at_once = Due {
        queue: Queue::Wiring,
        at: now,
    };
    let changed = |connection: &mut Connection| change(&mut connection.self_callout, now);
    update_and_queue(services, &connection.id, changed, |_, _| at_once).await?;
    Ok(())
}

fn fault(text: &str, name: &str) -> Option<String> {
    if text.is_empty() {
        Some(format!("Enter the {name}."))
    } else if text.len() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Some(format!(
            "This is not a {name}: copy it from Salesforce once more, without anything before or after it."
        ))
    } else {
        None
    }
}

async fn deploy(services: &Services, visitor: &Visitor, form: &Form) -> Result<Reply, Problem> {
    let connection = &visitor.connection;
    let typed = form.get("execution_user").trim();
    let username = if typed.is_empty() {
        connection
            .salesforce
            .org
            .as_ref()
            .map(|org| org.username.clone())
            .unwrap_or_default()
    } else {
        typed.to_owned()
    };
    if let Some(fault) = fault(&username, "username") {
        let forms = Forms {
            execution_user: FieldView {
                value: username,
                fault: Some(fault),
            },
            ..Forms::default()
        };
        return Ok(render(services, visitor, StatusCode::UNPROCESSABLE_ENTITY, forms));
    }
    let org_id = org_id(connection)?;
    queue(services, connection, |about, now| {
        about.begin(&org_id, SelfSource::Deploy, now);
        about.execution_user = Some(username.clone());
    })
    .await?;
    asked(services, connection, SelfSource::Deploy).await?;
    Ok(see_other(HERE))
}

async fn paste(services: &Services, visitor: &Visitor, form: &Form, deadline: Deadline) -> Result<Reply, Problem> {
    let (client_id, client_secret) = (form.get("client_id").trim(), form.get("client_secret").trim());
    let forms = Forms {
        client_id: FieldView {
            value: client_id.to_owned(),
            fault: fault(client_id, "Consumer Key"),
        },
        secret_fault: fault(client_secret, "Consumer Secret"),
        ..Forms::default()
    };
    if forms.client_id.fault.is_some() || forms.secret_fault.is_some() {
        return Ok(render(services, visitor, StatusCode::UNPROCESSABLE_ENTITY, forms));
    }
    let secrets = SelfSecrets {
        generation: random::identifier(&*services.random, 8),
        client_id: client_id.to_owned(),
        client_secret: ClientSecret::new(client_secret),
    };
    let generation = secrets.generation.clone();
    if !keep(services, visitor, Some(secrets), deadline).await? {
        // Without a grant nothing can be kept for the org.
        return Err(Problem::Salesforce(SalesforceFault::GrantLost));
    }
    let connection = &visitor.connection;
    let org_id = org_id(connection)?;
    queue(services, connection, |about, now| {
        about.begin(&org_id, SelfSource::Pasted, now);
        about.take_app(client_id, &generation, now);
    })
    .await?;
    asked(services, connection, SelfSource::Pasted).await?;
    Ok(see_other(HERE))
}

async fn off(services: &Services, visitor: &Visitor, deadline: Deadline) -> Result<Reply, Problem> {
    let id = &visitor.connection.id;
    if visitor.connection.self_callout.wanted {
        keep(services, visitor, None, deadline).await?;
        update_connection(services, id, |connection| {
            connection.self_callout = SelfCallout::default()
        })
        .await?;
        record_audit(services, id, AuditEvent::SelfCalloutStopped).await?;
    }
    Ok(see_other(HERE))
}

/// Puts key and secret into the org's document, or takes them out, under the lease: which document is the latest is known
/// only there. Says whether there is a document.
async fn keep(
    services: &Services,
    visitor: &Visitor,
    secrets: Option<SelfSecrets>,
    deadline: Deadline,
) -> Result<bool, Problem> {
    let lease = visitor.lease(services, deadline).await?;
    let kept = async {
        let present = load_connection(services, &visitor.connection.id).await?;
        let Some(connection) = present else { return Ok(false) };
        let Some(org) = &connection.salesforce.org else {
            return Ok(false);
        };
        keep_self(services, org, &connection, secrets, &lease, deadline).await
    };
    let kept = kept.await;
    lease.release(services).await;
    Ok(kept?)
}

fn org_id(connection: &Connection) -> Result<String, Problem> {
    let org = connection.salesforce.org.as_ref();
    org.map(|org| org.org_id.clone()).ok_or(Problem::SessionMissing)
}

async fn asked(services: &Services, connection: &Connection, source: SelfSource) -> Result<(), Problem> {
    let what = AuditEvent::SelfCalloutAsked { source };
    Ok(record_audit(services, &connection.id, what).await?)
}
