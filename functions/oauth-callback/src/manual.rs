//! Setting the org up by hand: shows what to enter where, and takes down what a person says is done.
//!
//! It lives in this function because the page shows the two code values, and only this one may read them for a browser.

use connector::clock::Deadline;
use connector::connection::{
    AuditEvent, Connection, ConnectionId, Evidence, GuidePart, LedgerError, Task, record_audit, update_and_wire,
};
use connector::custody::{AkeneoSecrets, read_akeneo};
use connector::page::{self, FieldView, ManualView, PairView};
use connector::problem::Problem;
use connector::salesforce::OrgUrl;
use connector::salesforce::host::HostFault;
use connector::secret::Sensitive;
use connector::service::Services;
use connector::web::{self, Form, Reply, Request, csrf_token, see_other};
use connector::wiring::by_hand;
use http::StatusCode;
use url::Url;

use crate::visitor::Visitor;

const HERE: &str = "/setup/org/manual";

/// GET /setup/org/manual.
pub(crate) async fn show(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let visitor = Visitor::recognise(services, request).await?;
    let known = visitor.connection.by_hand().and_then(|manual| manual.callback.as_ref());
    let form = FieldView {
        value: known.map(|url| url.url().to_string()).unwrap_or_default(),
        fault: None,
    };
    render(services, &visitor, StatusCode::OK, form, deadline).await
}

/// POST /setup/org/manual.
pub(crate) async fn act(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    let id = &visitor.connection.id;
    match (form.get("action"), Task::parse(form.get("task"))) {
        ("check", _) if visitor.connection.salesforce.org.is_some() => {
            update_and_wire(services, id, |connection| connection.wiring.runner_refusals.clear()).await?;
        }
        ("callback", _) if visitor.connection.by_hand().is_some() => {
            if let Err(field) = keep_callback(services, &visitor, &form).await? {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return render(services, &visitor, status, field, deadline).await;
            }
        }
        ("part", _) => choose_part(services, &visitor.connection, form.get("part")).await?,
        ("tick", Some(task)) => tick(services, &visitor.connection, task).await?,
        ("untick", Some(task)) => untick(services, &visitor.connection, task).await?,
        _ => {}
    }
    Ok(see_other(HERE))
}

async fn render(
    services: &Services,
    visitor: &Visitor,
    status: StatusCode,
    callback_form: FieldView,
    deadline: Deadline,
) -> Result<Reply, Problem> {
    let connection = &visitor.connection;
    let secrets = secrets(services, connection, deadline).await?;
    let view = ManualView {
        connection,
        csrf: &csrf_token(&visitor.secret),
        values: secrets.as_ref().map(|secrets| PairView {
            code_identifier: secrets.code_identifier.expose(),
            code_challenge: secrets.code_challenge.expose(),
        }),
        callback_form,
        now: services.clock.now(),
        notice: None,
    };
    Ok(web::page(status, page::manual(&view), &services.config.permit))
}

/// What a person has to enter; nothing where the service enters it by itself, or the package's plugin makes it.
async fn secrets(
    services: &Services,
    connection: &Connection,
    deadline: Deadline,
) -> Result<Option<AkeneoSecrets>, Problem> {
    let entered = connection.guide_part() == GuidePart::Fallback;
    let needed = entered && (connection.by_hand().is_some() || by_hand::is_refused(connection));
    let Some(wanted) = connection.wanted_credentials().filter(|_| needed) else {
        return Ok(None);
    };
    Ok(read_akeneo(services, &connection.id, &wanted.generation, deadline).await?)
}

/// Keeps the provider's Callback URL; the field with its fault if it is not one of Salesforce's.
async fn keep_callback(
    services: &Services,
    visitor: &Visitor,
    form: &Form,
) -> Result<Result<(), FieldView>, LedgerError> {
    let typed = form.get("callback").trim();
    let part = visitor.connection.guide_part();
    let url = match OrgUrl::parse(typed, &services.config.permit) {
        Ok(url) if is_callback(part, url.url()) => url,
        other => {
            return Ok(Err(FieldView {
                value: typed.to_owned(),
                fault: Some(remedy(part, other.err()).to_owned()),
            }));
        }
    };
    let now = services.clock.now();
    update_and_wire(services, &visitor.connection.id, |connection| {
        if let Some(manual) = &mut connection.salesforce.manual {
            manual.callback = Some(url.clone());
        }
        connection.tick_by_hand(Task::Callback, now);
    })
    .await?;
    done(services, &visitor.connection.id, Task::Callback).await?;
    Ok(Ok(()))
}

/// Whether an address of Salesforce's can be a provider's callback. Where the packaged provider has its own is not documented; that of an
/// Auth. Provider is `/services/authcallback/{suffix}` (facts/salesforce 7).
fn is_callback(part: GuidePart, url: &Url) -> bool {
    match part {
        GuidePart::Fallback => url.path() != "/",
        GuidePart::AuthProvider => {
            let suffix = url.path().strip_prefix("/services/authcallback/");
            suffix.is_some_and(|suffix| !suffix.trim_matches('/').is_empty())
        }
    }
}

/// What helps when an address is not the provider's callback.
fn remedy(part: GuidePart, fault: Option<HostFault>) -> &'static str {
    match fault {
        None if part == GuidePart::AuthProvider => {
            "This is not the Callback URL of an Auth. Provider: that one goes on with /services/authcallback/ and the URL Suffix. \
             Copy it from Salesforce Setup."
        }
        None => "This is only the org’s address. Copy the whole Callback URL that the provider shows.",
        Some(HostFault::NotSalesforce) => {
            "This is not an address of Salesforce. Copy the Callback URL that the provider shows in Salesforce Setup."
        }
        Some(HostFault::NotHttps) => "The Callback URL starts with https://. Copy all of it.",
        Some(HostFault::ExtraParts | HostFault::Malformed) => {
            "This is not the provider’s Callback URL. Copy it from Salesforce Setup exactly as it is."
        }
    }
}

/// Takes down which part of the guide fits the package. Nothing that was done by the other part counts any more.
async fn choose_part(services: &Services, connection: &Connection, part: &str) -> Result<(), LedgerError> {
    let part = match part {
        "auth_provider" => GuidePart::AuthProvider,
        "fallback" => GuidePart::Fallback,
        _ => return Ok(()),
    };
    if connection.by_hand().is_none_or(|manual| manual.part == part) {
        return Ok(());
    }
    update_and_wire(services, &connection.id, |connection| {
        if let Some(manual) = &mut connection.salesforce.manual {
            (manual.part, manual.callback) = (part, None);
            manual.done.clear();
        }
    })
    .await?;
    Ok(record_audit(services, &connection.id, AuditEvent::PartByHand { part }).await?)
}

/// Takes down that a person did something.
async fn tick(services: &Services, connection: &Connection, task: Task) -> Result<(), LedgerError> {
    let now = services.clock.now();
    let alone = connection.by_hand().is_some();
    let sayable = if alone {
        connection.is_ticked_by_hand(task)
    } else {
        // What an org does not tell (facts/salesforce 3.3, 7).
        by_hand::is_ticked(connection, task) && by_hand::is_refused(connection)
    };
    if !sayable {
        return Ok(());
    }
    update_and_wire(services, &connection.id, |connection| {
        if alone {
            connection.tick_by_hand(task, now);
        } else if let Some(wanted) = connection.wanted_credentials().cloned() {
            connection.wiring.credentials_by_hand = Some(wanted.generation);
            connection.wiring.client_written = Some(wanted.client_id);
        }
    })
    .await?;
    done(services, &connection.id, task).await
}

/// Takes back what a person said.
async fn untick(services: &Services, connection: &Connection, task: Task) -> Result<(), LedgerError> {
    let said = connection.evidence_by_hand(task) == Some(Evidence::Said);
    let alone = connection.by_hand().is_some();
    if alone != said || !(alone || by_hand::is_ticked(connection, task)) {
        return Ok(());
    }
    update_and_wire(services, &connection.id, |connection| {
        if let Some(manual) = connection.salesforce.manual.as_mut().filter(|_| alone) {
            manual.done.remove(&task);
        } else {
            connection.wiring.credentials_by_hand = None;
        }
    })
    .await
    .map(drop)
}

async fn done(services: &Services, id: &ConnectionId, task: Task) -> Result<(), LedgerError> {
    Ok(record_audit(services, id, AuditEvent::DoneByHand { task }).await?)
}
