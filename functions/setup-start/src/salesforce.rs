//! The start of "Connect Salesforce": web-server flow with PKCE (facts/salesforce 10.1).

use connector::connection::{Leg, Origin, code_verifier};
use connector::page::{FieldView, SalesforceForm};
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
    let login = match chosen_login(services, &form) {
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
    let again = visitor.connection.salesforce.fault.is_some();
    let target = login.url().clone();
    send_off(
        services,
        &visitor.connection,
        visitor.browser,
        Origin::Salesforce { login },
        |browser, state| {
            let request = AuthorizeRequest {
                client_id: &config.salesforce_client_id,
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
