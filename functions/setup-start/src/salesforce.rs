//! The start of "Connect Salesforce": web-server flow with PKCE (facts/salesforce 10.1).

use connector::connection::{Leg, Origin, code_verifier};
use connector::page::{FieldView, Notice, NoticeKind, SalesforceForm};
use connector::problem::Problem;
use connector::salesforce::oauth::AuthorizeRequest;
use connector::salesforce::{LoginHost, LoginHosts, OrgUrl, pkce};
use connector::secret::SecretUrl;
use connector::service::Services;
use connector::web::{Form, Reply, Request};
use http::StatusCode;

use crate::journey::{Extras, render};
use crate::trip::send_off;
use crate::visitor::Visitor;

/// POST /setup/salesforce.
pub(crate) async fn start(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Salesforce)?;
    let config = &services.config;
    let side = &visitor.connection.salesforce;
    let move_to = side
        .other_org
        .clone()
        .filter(|other| form.get("move_to") == other.org_id);
    if move_to.is_some() && form.get("confirm") != "yes" {
        let extras = Extras {
            notice: Some(unconfirmed()),
            ..Extras::default()
        };
        return Ok(render(services, &visitor, StatusCode::UNPROCESSABLE_ENTITY, extras));
    }
    let own = side.client.clone();
    // An own app works in its own org only; to move, the person goes where that org was found.
    let known = own
        .as_ref()
        .map(|client| client.login.clone())
        .or_else(|| move_to.as_ref().map(|other| other.login.clone()));
    let login = match known.map_or_else(|| chosen_login(services, &form), Ok) {
        Ok(login) => login,
        Err(form) => {
            let extras = Extras {
                salesforce_form: Some(form),
                ..Extras::default()
            };
            return Ok(render(services, &visitor, StatusCode::UNPROCESSABLE_ENTITY, extras));
        }
    };
    let callback = config.absolute("/salesforce/callback");
    // Who moves is logged in to the new org already; everybody else with a fault may be in the wrong one.
    let again = side.fault.is_some() && move_to.is_none();
    let client_id = own.as_ref().map_or_else(
        || config.salesforce_client_id.clone(),
        |client| client.client_id.clone(),
    );
    let origin = Origin::Salesforce {
        login: login.clone(),
        client: own.map(|client| client.generation),
        move_to: move_to.map(|other| other.org_id),
    };
    let target = login.url().clone();
    send_off(
        services,
        &visitor.connection,
        visitor.browser,
        origin,
        |browser, state| {
            let request = AuthorizeRequest {
                client_id: &client_id,
                redirect_uri: &callback,
                state,
                code_challenge: &pkce::challenge(&code_verifier(browser, state)),
                choose_again: again,
                login_hint: None,
            };
            SecretUrl::new(request.url(&target))
        },
    )
    .await
}

fn unconfirmed() -> Notice {
    Notice {
        kind: NoticeKind::Bad,
        title: "Nothing was changed".to_owned(),
        text: "To move the connection to the other org, tick the box above the button first.".to_owned(),
    }
}

/// The login host that the form names, or the form again with what is wrong with it.
fn chosen_login(services: &Services, form: &Form) -> Result<OrgUrl, SalesforceForm> {
    let config = &services.config;
    let typed = form.get("my_domain").trim().to_owned();
    let again = |fault: &str| SalesforceForm {
        org_kind: form.get("org_kind").to_owned(),
        my_domain: FieldView {
            value: typed.clone(),
            fault: Some(fault.to_owned()),
        },
    };
    let host = match form.get("org_kind") {
        "" | "production" => LoginHost::Production,
        "sandbox" => LoginHost::Sandbox,
        "mydomain" => LoginHost::typed(&typed, &config.permit).map_err(|fault| again(fault.remedy()))?,
        _ => return Err(again("Choose one of the three kinds of login.")),
    };
    let hosts = LoginHosts {
        production: config.salesforce_login.clone(),
        sandbox: config.salesforce_test_login.clone(),
    };
    OrgUrl::parse(hosts.base(&host).as_str(), &config.permit)
        .map_err(|_| again("The login address is not one of Salesforce's."))
}
