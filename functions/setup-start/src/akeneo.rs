//! The Akeneo step: credentials are checked, kept as pending, and the person is sent to the PIM.

use connector::akeneo::{self, ChallengePair, NotRecognised, PimUrl, PimUrlFault, authorize_url};
use connector::clock::Deadline;
use connector::connection::{
    AuditEvent, CallbackMode, Connection, Credentials, Leg, Origin, record_audit, update_and_wire, update_connection,
};
use connector::custody::{AkeneoSecrets, keep_typed};
use connector::page::{AkeneoForm, FieldView};
use connector::problem::Problem;
use connector::random;
use connector::secret::{ClientSecret, HandedOut, Sensitive};
use connector::service::Services;
use connector::web::{Form, Reply, Request, see_other};
use http::StatusCode;

use crate::journey::{Extras, render};
use crate::trip::send_off;
use crate::visitor::Visitor;

/// Longer client ids and secrets are not Akeneo's (facts/akeneo 5.2: at most 100 characters).
const LONGEST: usize = 255;

/// What a person typed, checked as far as that goes without the PIM.
struct Entry {
    pim: PimUrl,
    client_id: String,
    client_secret: ClientSecret,
}

/// POST /setup/akeneo.
pub(crate) async fn enter(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let (visitor, form) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Akeneo)?;
    let entry = match check(services, &visitor.connection, &form, deadline).await {
        Ok(entry) => entry,
        Err(akeneo_form) => {
            let extras = Extras {
                akeneo_form: Some(akeneo_form),
                ..Extras::default()
            };
            return Ok(render(services, &visitor, StatusCode::UNPROCESSABLE_ENTITY, extras));
        }
    };
    let credentials = Credentials {
        pim: entry.pim,
        client_id: entry.client_id,
        generation: random::identifier(&*services.random, 8),
        entered_at: services.clock.now(),
    };
    let pair = ChallengePair::generate(&*services.random, &entry.client_secret);
    let secrets = AkeneoSecrets {
        generation: credentials.generation.clone(),
        client_secret: entry.client_secret,
        code_identifier: pair.identifier,
        code_challenge: pair.challenge,
        token: None,
    };
    let id = &visitor.connection.id;
    keep_typed(services, id, &secrets).await?;
    let change = |connection: &mut Connection| {
        connection.akeneo.credentials = Some(credentials.clone());
        connection.akeneo.fault = None;
    };
    let own_callback = visitor.connection.terms.callback == CallbackMode::Service;
    let updated = if own_callback {
        update_connection(services, id, change).await?
    } else {
        update_and_wire(services, id, change).await?
    };
    record_audit(services, id, AuditEvent::CredentialsEntered).await?;
    let connection = updated.ok_or(Problem::SessionMissing)?;
    if own_callback {
        authorize(services, &connection, visitor.browser).await
    } else {
        Ok(see_other("/setup"))
    }
}

/// POST /setup/akeneo/authorize: once more with what is known.
pub(crate) async fn authorize_again(services: &Services, request: &Request) -> Result<Reply, Problem> {
    let (visitor, _) = Visitor::posting(services, request).await?;
    visitor.must_open(Leg::Akeneo)?;
    if visitor.connection.terms.callback == CallbackMode::Salesforce {
        return Ok(see_other("/setup"));
    }
    // The link may have been made anew, for another PIM, since the credentials were typed.
    let known = visitor.connection.akeneo.credentials.as_ref();
    if let Some((known, fault)) =
        known.and_then(|known| Some((known, other_than_pinned(&visitor.connection, &known.pim)?)))
    {
        let akeneo_form = AkeneoForm {
            base_url: FieldView {
                value: known.pim.to_string(),
                fault: Some(fault),
            },
            client_id: FieldView {
                value: known.client_id.clone(),
                fault: None,
            },
            open: true,
            ..AkeneoForm::default()
        };
        let extras = Extras {
            akeneo_form: Some(akeneo_form),
            ..Extras::default()
        };
        return Ok(render(services, &visitor, StatusCode::UNPROCESSABLE_ENTITY, extras));
    }
    authorize(services, &visitor.connection, visitor.browser).await
}

/// What to say of a PIM that Customer Success did not make this link for; nothing if it is the one, or any will do.
pub(crate) fn other_than_pinned(connection: &Connection, pim: &PimUrl) -> Option<String> {
    let pinned = connection
        .terms
        .pim_host
        .as_deref()
        .filter(|host| pim.host() != *host)?;
    Some(format!(
        "This link was made for {pinned}. Enter that PIM, or ask your Akeneo contact to approve another one."
    ))
}

/// Whether a person has to confirm that the PIM is at this host: nobody has vouched for it, neither Akeneo's domain, nor Customer Success
/// by the link, nor an operator by the configuration (facts/akeneo 8). It is called, and the secret is kept for it, only after that.
fn is_own_host(services: &Services, connection: &Connection, pim: &PimUrl) -> bool {
    let pinned = connection.terms.pim_host.as_deref() == Some(pim.host());
    !pim.is_akeneo_cloud() && !pinned && !services.config.permit.permits(&pim.endpoint("/"))
}

async fn authorize(services: &Services, connection: &Connection, browser: Option<HandedOut>) -> Result<Reply, Problem> {
    let credentials = connection
        .akeneo
        .credentials
        .clone()
        .ok_or(Problem::CredentialsMissing)?;
    let scopes = connection.scopes_to_request();
    let origin = Origin::Akeneo {
        credentials: credentials.clone(),
        scopes: scopes.clone(),
    };
    send_off(services, connection, browser, origin, |_, state| {
        authorize_url(&credentials.pim, &credentials.client_id, &scopes, state)
    })
    .await
}

/// Reads the form; on any fault the form comes back with a message at each field. The secret never comes back.
async fn check(
    services: &Services,
    connection: &Connection,
    form: &Form,
    deadline: Deadline,
) -> Result<Entry, AkeneoForm> {
    let typed_url = form.get("base_url");
    let client_id = form.get("client_id").trim().to_owned();
    let client_secret = ClientSecret::new(form.get("client_secret").trim());
    let pim = PimUrl::parse(typed_url, &services.config.permit);
    let mut url_fault = match &pim {
        Err(fault) => Some(fault.remedy()),
        Ok(pim) => other_than_pinned(connection, pim),
    };
    let own_host = pim.as_ref().ok().filter(|pim| is_own_host(services, connection, pim));
    let own_host = own_host.map(|pim| pim.host().to_owned());
    if own_host.as_deref().is_some_and(|host| form.get("own_host") != host) {
        url_fault = url_fault.or_else(|| {
            Some("This is not an address of Akeneo’s cloud. If your PIM really is there, confirm it below and enter the Client Secret again.".to_owned())
        });
    }
    let id_fault = text_fault(&client_id, "Client ID");
    let secret_fault = text_fault(client_secret.expose(), "Client Secret");
    if let (Ok(pim), None, None, None) = (&pim, &url_fault, &id_fault, &secret_fault) {
        url_fault = match akeneo::recognise(&services.outbound, pim, deadline).await {
            // It is there and busy; the person goes on, the exchange will tell.
            Ok(_) | Err(NotRecognised::Unavailable) => None,
            Err(fault) => Some(fault.remedy()),
        };
    }
    match (pim, &url_fault, &id_fault, &secret_fault) {
        (Ok(pim), None, None, None) => Ok(Entry {
            pim,
            client_id,
            client_secret,
        }),
        (pim, ..) => Err(AkeneoForm {
            base_url: FieldView {
                value: shown_again(typed_url, pim.as_ref().err()),
                fault: url_fault,
            },
            client_id: FieldView {
                value: client_id,
                fault: id_fault,
            },
            client_secret_fault: secret_fault,
            own_host,
            open: true,
        }),
    }
}

/// What was typed as the address, to be corrected. A password in it is a secret, and does not come back.
fn shown_again(typed: &str, fault: Option<&PimUrlFault>) -> String {
    match fault {
        _ if !typed.contains('@') => typed.to_owned(),
        Some(fault) => fault.suggestion().map(ToString::to_string).unwrap_or_default(),
        None => String::new(),
    }
}

fn text_fault(text: &str, name: &str) -> Option<String> {
    if text.is_empty() {
        Some(format!(
            "Enter the {name}. Akeneo shows it when the Custom App is created."
        ))
    } else if text.len() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Some(format!(
            "This is not a {name}: copy it from Akeneo once more, without anything before or after it."
        ))
    } else {
        None
    }
}
