//! The journey page: the task list during a setup, the status page after it.

use connector::page::{self, AkeneoForm, FieldView, HandOffLink, Journey, Notice, NoticeKind, SalesforceForm};
use connector::problem::Problem;
use connector::salesforce::{PackageVersionId, package};
use connector::service::Services;
use connector::web::{self, Form, Html, Reply, Request, csrf_token};
use http::{HeaderValue, StatusCode, header};

use crate::visitor::Visitor;

/// What a handler adds to the page when it shows it again.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    pub(crate) akeneo_form: Option<AkeneoForm>,
    pub(crate) salesforce_form: Option<SalesforceForm>,
    pub(crate) hand_off: Option<HandOffLink>,
    pub(crate) notice: Option<Notice>,
}

/// GET /setup.
pub(crate) async fn show(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let visitor = Visitor::recognise(services, request).await?;
    Ok(render(services, &visitor, StatusCode::OK, Extras::default()))
}

/// GET /setup/progress: a short text that changes when the page would.
pub(crate) async fn progress(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let visitor = Visitor::recognise(services, request).await?;
    let text = page::progress(&visitor.connection, services.clock.now());
    let mut reply = web::page(StatusCode::OK, Html(text), &services.config.permit);
    reply.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    Ok(reply)
}

/// The page for this visitor.
pub(crate) fn render(services: &Services, visitor: &Visitor, status: StatusCode, extras: Extras) -> Reply {
    let (config, connection) = (&services.config, &visitor.connection);
    let view = Journey {
        connection,
        session_leg: visitor.session.leg,
        csrf: &csrf_token(&visitor.secret),
        activate_url: config.absolute(&format!("/akeneo/{}/activate", connection.id)).into(),
        callback_url: config.absolute(&format!("/akeneo/{}/callback", connection.id)).into(),
        install_link: install_link(services, visitor),
        akeneo_form: extras.akeneo_form.unwrap_or_else(|| known_credentials(visitor)),
        salesforce_form: extras.salesforce_form.unwrap_or_default(),
        hand_off: extras.hand_off,
        now: services.clock.now(),
        notice: extras.notice,
    };
    web::page(status, page::journey(&view), &config.permit)
}

/// The answer to a choice whose box is not ticked: the page again, which says that nothing has happened. None where it is ticked.
pub(crate) fn unconfirmed(
    services: &Services,
    visitor: &Visitor,
    form: &Form,
    (nothing, tick): (&str, &str),
) -> Option<Reply> {
    if form.get("confirm") == "yes" {
        return None;
    }
    let notice = Notice {
        kind: NoticeKind::Bad,
        title: nothing.to_owned(),
        text: format!("{tick}, tick the box above the button first."),
    };
    let extras = Extras {
        notice: Some(notice),
        ..Extras::default()
    };
    Some(render(services, visitor, StatusCode::UNPROCESSABLE_ENTITY, extras))
}

/// What is known needs no typing again; the secret is never shown.
fn known_credentials(visitor: &Visitor) -> AkeneoForm {
    let known = visitor.connection.akeneo.credentials.as_ref();
    let shown = |value: Option<String>| FieldView {
        value: value.unwrap_or_default(),
        fault: None,
    };
    AkeneoForm {
        base_url: shown(known.map(|credentials| credentials.pim.to_string())),
        client_id: shown(known.map(|credentials| credentials.client_id.clone())),
        ..AkeneoForm::default()
    }
}

/// The package's installation link for the connected org (facts/salesforce 9).
fn install_link(services: &Services, visitor: &Visitor) -> Option<String> {
    let version = PackageVersionId::parse(services.config.package_version_id.as_deref()?).ok()?;
    let org = visitor.connection.salesforce.org.as_ref()?;
    Some(package::install_link(org.instance.url(), &version).into())
}
