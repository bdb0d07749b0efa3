//! The customer's own External Client App: instructions, entry, and the way back to ours (facts/salesforce 10.3).
//!
//! What is typed is kept as the pending version of the org's secret document and becomes current when an exchange has proven it.

use connector::connection::{
    AuditEvent, Connection, CustomerClient, Origin, code_verifier, depart, record_audit, update_connection,
};
use connector::custody::{ClientSecrets, keep_typed_client};
use connector::page::{self, ClientView, FieldView};
use connector::problem::Problem;
use connector::random;
use connector::salesforce::oauth::AuthorizeRequest;
use connector::salesforce::{LoginHost, LoginHosts, OrgUrl, pkce};
use connector::secret::ClientSecret;
use connector::service::Services;
use connector::web::{self, Cookies, Form, Reply, Request, csrf_token, see_other, set_browser};
use http::{StatusCode, header};

use crate::visitor::Visitor;

/// Longer keys and secrets are not Salesforce's.
const LONGEST: usize = 512;

/// GET /setup/org/client.
pub(crate) async fn show(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let visitor = Visitor::recognise(services, request).await?;
    let known = visitor.connection.salesforce.client.as_ref();
    let plain = |value: Option<String>| FieldView {
        value: value.unwrap_or_default(),
        fault: None,
    };
    let form = ClientView {
        client_id: plain(known.map(|client| client.client_id.clone())),
        my_domain: plain(known.map(|client| client.login.host().to_owned())),
        ..ClientView::default()
    };
    Ok(answer(services, &visitor, StatusCode::OK, form))
}

fn answer(services: &Services, visitor: &Visitor, status: StatusCode, form: ClientView<'_>) -> Reply {
    let csrf = csrf_token(&visitor.secret);
    let view = ClientView {
        customer: &visitor.connection.customer,
        csrf: &csrf,
        callback_url: services.config.absolute("/salesforce/callback").into(),
        present: visitor.connection.salesforce.client.as_ref(),
        ..form
    };
    web::page(status, page::client(&view), &services.config.permit)
}

/// POST /setup/org/client: keeps the entry and sends the person to Salesforce with it, or goes back to our app.
pub(crate) async fn enter(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    if form.get("use") == "standard" {
        choose(services, &visitor.connection, None).await?;
        return Ok(see_other("/setup"));
    }
    let (login, client_id, secret) = match read(services, &form) {
        Ok(entry) => entry,
        Err(view) => return Ok(answer(services, &visitor, StatusCode::UNPROCESSABLE_ENTITY, *view)),
    };
    let client = CustomerClient {
        client_id,
        login,
        generation: random::identifier(&*services.random, 8),
        entered_at: services.clock.now(),
    };
    let secrets = ClientSecrets {
        generation: client.generation.clone(),
        client_id: client.client_id.clone(),
        client_secret: secret,
    };
    keep_typed_client(services, &visitor.connection.id, secrets).await?;
    choose(services, &visitor.connection, Some(client.clone())).await?;
    send_off(services, request, &visitor.connection, client).await
}

async fn choose(services: &Services, connection: &Connection, client: Option<CustomerClient>) -> Result<(), Problem> {
    let client_id = client.as_ref().map(|client| client.client_id.clone());
    update_connection(services, &connection.id, |connection| {
        connection.salesforce.client.clone_from(&client)
    })
    .await?;
    record_audit(services, &connection.id, AuditEvent::ClientChosen { client_id }).await?;
    Ok(())
}

async fn send_off(
    services: &Services,
    request: &Request,
    connection: &Connection,
    client: CustomerClient,
) -> Result<Reply, Problem> {
    let known = Cookies::read(&request.headers).browser;
    let browser = known.unwrap_or_else(|| random::token(&*services.random));
    let origin = Origin::Salesforce {
        login: client.login.clone(),
        client: Some(client.generation),
        move_to: None,
    };
    let state = depart(services, connection, &browser, origin, false).await?;
    let request = AuthorizeRequest {
        client_id: &client.client_id,
        redirect_uri: &services.config.absolute("/salesforce/callback"),
        state: &state,
        code_challenge: &pkce::challenge(&code_verifier(&browser, &state)),
        choose_again: false,
        login_hint: None,
    };
    let mut reply = see_other(request.url(client.login.url()).as_str());
    if let Some(cookie) = set_browser(&browser) {
        reply.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(reply)
}

/// What was typed, or the form again with what is wrong with it.
fn read(services: &Services, form: &Form) -> Result<(OrgUrl, String, ClientSecret), Box<ClientView<'static>>> {
    let config = &services.config;
    let (client_id, secret) = (form.get("client_id").trim(), form.get("client_secret").trim());
    let domain = form.get("my_domain").trim();
    let fits = |text: &str| (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let hosts = LoginHosts {
        production: config.salesforce_login.clone(),
        sandbox: config.salesforce_test_login.clone(),
    };
    let login = LoginHost::typed(domain, &config.permit)
        .map_err(|fault| fault.remedy())
        .and_then(|host| match host {
            LoginHost::MyDomain(_) => Ok(hosts.base(&host)),
            _ => Err("Type the My Domain address of the org: an app of your own works in its own org only."),
        })
        .and_then(|url| {
            OrgUrl::parse(url.as_str(), &config.permit).map_err(|_| "The address is not one of Salesforce’s.")
        });
    let bad_key =
        (!fits(client_id)).then_some("Copy the Consumer Key from Salesforce: letters, digits and a few signs.");
    let bad_secret = (!fits(secret)).then_some("Copy the Consumer Secret from Salesforce.");
    match (login, bad_key, bad_secret) {
        (Ok(login), None, None) => Ok((login, client_id.to_owned(), ClientSecret::new(secret))),
        (login, bad_key, bad_secret) => Err(Box::new(ClientView {
            client_id: FieldView {
                value: client_id.chars().take(LONGEST).collect(),
                fault: bad_key.map(str::to_owned),
            },
            secret_fault: bad_secret.map(str::to_owned),
            my_domain: FieldView {
                value: domain.chars().take(LONGEST).collect(),
                fault: login.err().map(str::to_owned),
            },
            ..ClientView::default()
        })),
    }
}
