//! Akeneo's callback of one connection: ours is exchanged, the org's is relayed.

use connector::akeneo::{CodeExchange, ExchangeError, Grant, Scopes, authorize_url, exchange};
use connector::clock::Deadline;
use connector::connection::{
    AkeneoFault, Attempt, AttemptFault, AuditEvent, Connection, ConnectionId, Credentials, DepartureFault, Leg, Origin,
    Proven, depart, is_ours, load_connection, open_session, record_audit, update_and_wire, update_connection,
};
use connector::custody::{AkeneoSecrets, keep_proven, read_akeneo, replaces_token};
use connector::problem::Problem;
use connector::redirect::Redirect;
use connector::secret::{AuthorizationCode, HandedOut, Sensitive};
use connector::service::Services;
use connector::web::{Cookies, Reply, Request, see_other};

use crate::relay;

/// GET /akeneo/{connection}/callback.
pub(crate) async fn callback(
    services: &Services,
    request: &Request,
    connection: &str,
    deadline: Deadline,
) -> Result<Reply, Problem> {
    let id = ConnectionId::parse(connection).ok_or(Problem::AttemptNotValid)?;
    let answer = match Redirect::read(&request.query) {
        Ok(Redirect::Granted(answer)) => answer,
        Ok(Redirect::Refused(_)) => return Err(Problem::AkeneoRefused),
        Err(_) => return Err(Problem::CallbackMalformed),
    };
    let connection = load_connection(services, &id).await?.ok_or(Problem::AttemptNotValid)?;
    if connection.offboarding.is_some() && !is_ours(&answer.state) {
        return Err(Problem::RelayEnded);
    }
    if connection.revoked_at.is_some() {
        return Err(Problem::AttemptNotValid);
    }
    if !is_ours(&answer.state) {
        return relay::to_org(services, &connection, &answer).await;
    }
    let Cookies { browser, session } = Cookies::read(&request.headers);
    let belongs = |attempt: &Attempt| attempt.connection == id && matches!(attempt.origin, Origin::Akeneo { .. });
    let attempt = match Attempt::claim(services, &answer.state, browser.as_ref(), belongs).await {
        Ok(attempt) => attempt,
        // The other of two callbacks exchanges; this one shows the stored result.
        Err(AttemptFault::AlreadyClaimed) => return Ok(see_other("/setup")),
        Err(AttemptFault::NotValid) => return Err(Problem::AttemptNotValid),
        Err(AttemptFault::Ledger(error)) => return Err(error.into()),
    };
    let Origin::Akeneo { credentials, scopes } = attempt.origin.clone() else {
        return Err(Problem::AttemptNotValid);
    };
    let Some(secrets) = read_akeneo(services, &id, &credentials.generation, deadline).await? else {
        return fail(services, &id, &attempt, AkeneoFault::Superseded).await;
    };
    match trade(services, &credentials, &secrets, answer.code, deadline).await {
        Ok(grant) => {
            keep(services, &connection, &attempt, (credentials, scopes), secrets, grant).await?;
            goes_on(services, &id, session.as_ref()).await
        }
        Err(error) => {
            let fault = fault_of(&error);
            let way = match fault {
                AkeneoFault::CodeLost => once_more(services, &connection, &attempt, browser.as_ref()).await?,
                _ => None,
            };
            match way {
                Some(reply) => Ok(reply),
                None => fail(services, &id, &attempt, fault).await,
            }
        }
    }
}

/// A code that was lost or came too late is asked for again: the PIM knows the person and the app by now and asks nothing
/// (facts/akeneo 0). Once; then the page says what happened.
async fn once_more(
    services: &Services,
    connection: &Connection,
    attempt: &Attempt,
    browser: Option<&HandedOut>,
) -> Result<Option<Reply>, Problem> {
    let (Origin::Akeneo { credentials, scopes }, Some(browser)) = (&attempt.origin, browser) else {
        return Ok(None);
    };
    if attempt.again || !names(connection, credentials) {
        return Ok(None);
    }
    let state = match depart(services, connection, browser, attempt.origin.clone(), true).await {
        Ok(state) => state,
        Err(DepartureFault::TooMany) => return Ok(None),
        Err(fault) => return Err(fault.into()),
    };
    tracing::info!(name: "akeneo.authorize.again", connection = %connection.id);
    Ok(Some(see_other(
        authorize_url(&credentials.pim, &credentials.client_id, scopes, &state).expose(),
    )))
}

async fn trade(
    services: &Services,
    credentials: &Credentials,
    secrets: &AkeneoSecrets,
    code: AuthorizationCode,
    deadline: Deadline,
) -> Result<Grant, ExchangeError> {
    let request = CodeExchange {
        pim: &credentials.pim,
        client_id: &credentials.client_id,
        code,
        pair: &secrets.pair(),
    };
    exchange(&services.outbound, request, deadline).await
}

/// The token is persisted before anything says that it is there. The same write makes wiring due.
async fn keep(
    services: &Services,
    connection: &Connection,
    attempt: &Attempt,
    (credentials, requested): (Credentials, Scopes),
    secrets: AkeneoSecrets,
    grant: Grant,
) -> Result<(), Problem> {
    let id = &connection.id;
    let present = load_connection(services, id).await?;
    if present.is_none_or(|present| present.revoked_at.is_some()) {
        // Revoked while the PIM answered: no secret may come into being any more.
        return Err(Problem::AttemptNotValid);
    }
    if replaces_token(services, id, &grant.token).await? {
        // Salesforce still holds the former token. Noted first, so that a crash cannot hide it.
        let now = services.clock.now();
        update_connection(services, id, |connection| {
            connection.wiring.principal_stale_since = Some(now)
        })
        .await?;
    }
    keep_proven(
        services,
        id,
        &AkeneoSecrets {
            token: Some(grant.token),
            ..secrets
        },
    )
    .await?;
    let started_at = attempt.started_at;
    let proven = Proven {
        credentials,
        requested,
        granted: grant.scopes,
        at: services.clock.now(),
    };
    update_and_wire(services, id, |connection| {
        // A trip with former credentials says nothing about those that were typed since.
        if names(connection, &proven.credentials) {
            connection.akeneo.fault = None;
        }
        let entered_at = proven.credentials.entered_at;
        connection
            .akeneo
            .rotation_asked_at
            .take_if(|asked| *asked <= entered_at);
        connection.akeneo.proven = Some(proven.clone());
        if let Some(note) = &mut connection.akeneo.attempt {
            note.came_back(started_at, services.trace.as_ref());
        }
    })
    .await?;
    record_audit(services, id, AuditEvent::PimConnected).await?;
    Ok(())
}

/// Where a person goes on who has authorized the connection. Whoever began in the PIM has no setup open here (facts/akeneo 2), and is
/// told that it worked.
async fn goes_on(services: &Services, id: &ConnectionId, session: Option<&HandedOut>) -> Result<Reply, Problem> {
    let session = match session {
        Some(secret) => open_session(services, secret).await?,
        None => None,
    };
    if session.is_some_and(|(session, _)| session.connection == *id) {
        Ok(see_other("/setup"))
    } else {
        Err(Problem::ActivateDone)
    }
}

/// Whether these credentials are the ones that were typed last.
fn names(connection: &Connection, credentials: &Credentials) -> bool {
    connection
        .akeneo
        .credentials
        .as_ref()
        .is_some_and(|typed| typed.generation == credentials.generation)
}

/// The reason is stored, and the journey page says what it means and how to go on. A failure of credentials that were
/// replaced while the person was away is not stored: the newer ones are not at fault, and nothing has to be typed again.
async fn fail(services: &Services, id: &ConnectionId, attempt: &Attempt, fault: AkeneoFault) -> Result<Reply, Problem> {
    let started_at = attempt.started_at;
    let tried = |connection: &Connection| match &attempt.origin {
        Origin::Akeneo { credentials, .. } => names(connection, credentials),
        Origin::Salesforce { .. } => false,
    };
    update_connection(services, id, |connection| {
        if tried(connection) {
            connection.akeneo.fault = Some(fault);
        }
        if let Some(note) = &mut connection.akeneo.attempt {
            note.came_back(started_at, services.trace.as_ref());
        }
    })
    .await?;
    let code = format!("{fault:?}");
    tracing::info!(name: "akeneo.token.exchange", connection = %id, fault = code);
    record_audit(services, id, AuditEvent::Failed { leg: Leg::Akeneo, code }).await?;
    Ok(see_other("/setup"))
}

fn fault_of(error: &ExchangeError) -> AkeneoFault {
    match error {
        ExchangeError::InvalidClient => AkeneoFault::InvalidClient,
        ExchangeError::CodeNotValid | ExchangeError::CodeExpired | ExchangeError::AnswerLost => AkeneoFault::CodeLost,
        ExchangeError::NotAPim => AkeneoFault::NotAPim,
        ExchangeError::RateLimited { .. }
        | ExchangeError::Unavailable
        | ExchangeError::Unreachable(_)
        | ExchangeError::BadCertificate(_)
        | ExchangeError::NoAnswer(_) => AkeneoFault::Unavailable,
        _ => AkeneoFault::Refused,
    }
}
