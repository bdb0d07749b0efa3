//! The users that run transfers: searched for in the org, chosen by the customer, given access by the next wiring.

use std::collections::BTreeMap;

use connector::clock::Deadline;
use connector::connection::{AuditEvent, MOST_RUNNERS, Runner, record_audit, update_and_wire};
use connector::custody::{OpenedOrg, OrgFault, open_org};
use connector::page::{self, FieldView, Notice, NoticeKind, UsersView};
use connector::problem::Problem;
use connector::salesforce::UserId;
use connector::salesforce::organization::{self, FoundUser};
use connector::service::Services;
use connector::web::{self, Form, Reply, Request, csrf_token, see_other};
use http::StatusCode;

use crate::visitor::Visitor;

const HERE: &str = "/setup/org/users";
/// The shortest and the longest text that is searched for.
const QUERY: std::ops::RangeInclusive<usize> = 2..=80;

/// GET /setup/org/users. Asks the org nothing.
pub(crate) async fn show(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let visitor = Visitor::recognise(services, request).await?;
    if visitor.connection.salesforce.org.is_none() {
        return Ok(see_other("/setup"));
    }
    Ok(render(
        services,
        &visitor,
        StatusCode::OK,
        FieldView::default(),
        None,
        None,
    ))
}

/// POST /setup/org/users.
pub(crate) async fn act(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    if visitor.connection.salesforce.org.is_none() {
        return Ok(see_other("/setup"));
    }
    match form.get("action") {
        "search" => search(services, &visitor, form.get("query"), deadline).await,
        "add" => add(services, &visitor, &form, deadline).await,
        "remove" => remove(services, &visitor, form.get("user")).await,
        _ => Ok(see_other(HERE)),
    }
}

fn render(
    services: &Services,
    visitor: &Visitor,
    status: StatusCode,
    query: FieldView,
    found: Option<&[FoundUser]>,
    notice: Option<Notice>,
) -> Reply {
    let view = UsersView {
        connection: &visitor.connection,
        csrf: &csrf_token(&visitor.secret),
        query,
        found,
        notice,
    };
    web::page(status, page::users(&view), &services.config.permit)
}

async fn search(services: &Services, visitor: &Visitor, typed: &str, deadline: Deadline) -> Result<Reply, Problem> {
    let text = typed.trim();
    let field = |fault: Option<&str>| FieldView {
        value: text.to_owned(),
        fault: fault.map(str::to_owned),
    };
    if !QUERY.contains(&text.chars().count()) {
        let fault = field(Some(
            "Type at least two letters of the name or the username, and no more than 80.",
        ));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(render(services, visitor, status, fault, None, None));
    }
    let lease = visitor.lease(services, deadline).await?;
    let found = match open_org(services, &visitor.connection, &lease, deadline).await {
        Ok(OpenedOrg { org, .. }) => organization::search(&org, text).await.map_err(OrgFault::Api),
        Err(fault) => Err(fault),
    };
    lease.release(services).await;
    match found {
        Ok(found) => Ok(render(
            services,
            visitor,
            StatusCode::OK,
            field(None),
            Some(&found),
            None,
        )),
        Err(fault) => silent(services, visitor, field(None), &fault).await,
    }
}

/// The org did not answer: the next look finds out what is wrong and who has to act.
async fn silent(services: &Services, visitor: &Visitor, query: FieldView, fault: &OrgFault) -> Result<Reply, Problem> {
    let id = &visitor.connection.id;
    tracing::warn!(name: "salesforce.users", connection = %id, error = %fault);
    update_and_wire(services, id, |_| {}).await?;
    let notice = Notice {
        kind: NoticeKind::Bad,
        title: "Salesforce did not answer".to_owned(),
        text: "Nothing was changed. Wait a minute and try again; the setup page says whether something is wrong with the org."
            .to_owned(),
    };
    let status = StatusCode::BAD_GATEWAY;
    Ok(render(services, visitor, status, query, None, Some(notice)))
}

/// Adds the users whose boxes are ticked. Their names come from the org, not from the browser.
async fn add(services: &Services, visitor: &Visitor, form: &Form, deadline: Deadline) -> Result<Reply, Problem> {
    let boxes = 1..=organization::MOST_FOUND;
    let ids: Vec<UserId> = boxes
        .filter_map(|number| UserId::parse(form.get(&format!("user-{number}"))).ok())
        .collect();
    if ids.is_empty() {
        return Ok(see_other(HERE));
    }
    let lease = visitor.lease(services, deadline).await?;
    let known = match open_org(services, &visitor.connection, &lease, deadline).await {
        Ok(OpenedOrg { org, .. }) => organization::users_with(&org, &ids).await.map_err(OrgFault::Api),
        Err(fault) => Err(fault),
    };
    lease.release(services).await;
    let users = match known {
        Ok(users) => users.into_iter().filter(|user| user.is_active),
        Err(fault) => return silent(services, visitor, FieldView::default(), &fault).await,
    };
    let added: BTreeMap<_, _> = users.map(|user| (user.id.as_str().to_owned(), user)).collect();
    let chosen = |former: &[Runner]| -> Vec<Runner> {
        let kept = former
            .iter()
            .filter(|runner| !added.contains_key(runner.user_id.as_str()));
        let new = added.values().map(|user| Runner {
            user_id: user.id.clone(),
            username: user.username.clone(),
        });
        kept.cloned().chain(new).take(MOST_RUNNERS).collect()
    };
    choose(services, visitor, chosen).await
}

/// Takes a user off the list. What the user may do in the org stays as it is.
async fn remove(services: &Services, visitor: &Visitor, user: &str) -> Result<Reply, Problem> {
    let others = |former: &[Runner]| -> Vec<Runner> {
        let kept = former.iter().filter(|runner| runner.user_id.as_str() != user);
        kept.cloned().collect()
    };
    choose(services, visitor, others).await
}

async fn choose(
    services: &Services,
    visitor: &Visitor,
    chosen: impl Fn(&[Runner]) -> Vec<Runner>,
) -> Result<Reply, Problem> {
    let id = &visitor.connection.id;
    let mut users = Vec::new();
    update_and_wire(services, id, |connection| {
        connection.salesforce.runners = chosen(&connection.salesforce.runners);
        connection.wiring.runner_refusals.clear();
        users = connection
            .salesforce
            .runners
            .iter()
            .map(|runner| runner.username.clone())
            .collect();
    })
    .await?;
    record_audit(services, id, AuditEvent::RunnersChosen { users }).await?;
    Ok(see_other(HERE))
}
