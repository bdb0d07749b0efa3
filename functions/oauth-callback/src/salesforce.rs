//! Salesforce's callback: the code is exchanged, the grant kept, the org examined.

use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::{
    Attempt, AttemptFault, AuditEvent, Connection, ConnectionId, Lease, LeaseFault, LedgerError, Leg, OrgIdentity,
    OrgType, Origin, SalesforceFault, code_verifier, load_connection, record_audit, update_and_wire, update_connection,
};
use connector::custody::{OrgFault, SalesforceSecrets, open_session, put_salesforce, salesforce_app};
use connector::problem::Problem;
use connector::redirect::Redirect;
use connector::salesforce::OrgUrl;
use connector::salesforce::oauth::{App, CallbackFault, TokenAnswer, TokenEndpoint, TokenError, callback_fault};
use connector::secret::{AuthorizationCode, CodeVerifier, RefreshToken};
use connector::service::Services;
use connector::web::{Cookies, Reply, Request, see_other};
use connector::wiring::{Examined, examine};

/// How long the lease is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A code and what belongs to it.
struct Arrival {
    connection: Connection,
    login: OrgUrl,
    code: AuthorizationCode,
}

/// GET /salesforce/callback.
pub(crate) async fn callback(services: &Services, request: &Request, deadline: Deadline) -> Result<Reply, Problem> {
    let browser = Cookies::read(&request.headers)
        .browser
        .ok_or(Problem::AttemptNotValid)?;
    let (state, code) = match Redirect::read(&request.query) {
        Ok(Redirect::Granted(answer)) => (answer.state, Ok(answer.code)),
        Ok(Redirect::Refused(answer)) => {
            let fault = refusal(callback_fault(answer.error.for_matching()));
            (answer.state.ok_or(Problem::Salesforce(fault))?, Err(fault))
        }
        Err(_) => return Err(Problem::CallbackMalformed),
    };
    let belongs = |attempt: &Attempt| matches!(attempt.origin, Origin::Salesforce { .. });
    let attempt = match Attempt::claim(services, &state, Some(&browser), belongs).await {
        Ok(attempt) => attempt,
        // The other of two callbacks exchanges; this one shows the stored result.
        Err(AttemptFault::AlreadyClaimed) => return Ok(see_other("/setup")),
        Err(AttemptFault::NotValid) => return Err(Problem::AttemptNotValid),
        Err(AttemptFault::Ledger(error)) => return Err(error.into()),
    };
    let Origin::Salesforce { login } = attempt.origin else {
        return Err(Problem::AttemptNotValid);
    };
    let connection = load_connection(services, &attempt.connection)
        .await?
        .ok_or(Problem::AttemptNotValid)?;
    if connection.revoked_at.is_some() {
        return Err(Problem::AttemptNotValid);
    }
    let id = connection.id.clone();
    let outcome = match code {
        Err(fault) => Err(Problem::Salesforce(fault)),
        Ok(code) => {
            let verifier = code_verifier(&browser, &state);
            connect(
                services,
                Arrival {
                    connection,
                    login,
                    code,
                },
                verifier,
                deadline,
            )
            .await
        }
    };
    if let Err(Problem::Salesforce(fault)) = &outcome {
        note(services, &id, *fault).await?;
    }
    outcome.map(|()| see_other("/setup"))
}

/// Exchanges the code, keeps the grant, and looks whether the org can be wired. The code does not live long, so it is
/// exchanged before the lease is waited for; the grant is persisted before it is used.
async fn connect(
    services: &Services,
    arrival: Arrival,
    verifier: CodeVerifier,
    deadline: Deadline,
) -> Result<(), Problem> {
    let id = arrival.connection.id.clone();
    let app = salesforce_app(services).await.map_err(|fault| {
        tracing::error!(name: "salesforce.app", error = %fault);
        Problem::Salesforce(SalesforceFault::ClientRefused)
    })?;
    let endpoint = TokenEndpoint::new(&services.outbound, arrival.login.url().clone(), &app, deadline);
    let redirect_uri = services.config.absolute("/salesforce/callback");
    let exchanged = endpoint.exchange(&arrival.code, verifier, &redirect_uri).await;
    let answer = exchanged.map_err(|error| {
        tracing::info!(name: "salesforce.token.exchange", connection = %id, error = %error);
        Problem::Salesforce(token_fault(&error))
    })?;
    let known = arrival.connection.salesforce.org.as_ref();
    if known.is_some_and(|org| org.org_id != answer.org_id.as_str()) {
        give_back(services, &arrival.login, &app, answer.refresh_token.as_ref(), deadline).await;
        return Err(Problem::Salesforce(SalesforceFault::OtherOrg));
    }
    let refresh_token = answer
        .refresh_token
        .clone()
        .ok_or(Problem::Salesforce(SalesforceFault::ClientRefused))?;
    let lease = match Lease::wait(services, &id, deadline.within(PATIENCE)).await {
        Ok(lease) => lease,
        Err(fault) => {
            give_back(services, &arrival.login, &app, answer.refresh_token.as_ref(), deadline).await;
            return Err(busy(fault));
        }
    };
    let kept = keep(services, &arrival, &answer, refresh_token, &lease, deadline).await;
    lease.release(services).await;
    if let Err(Problem::Salesforce(SalesforceFault::WrongOrgType)) = &kept {
        give_back(services, &arrival.login, &app, answer.refresh_token.as_ref(), deadline).await;
    }
    kept
}

async fn keep(
    services: &Services,
    arrival: &Arrival,
    answer: &TokenAnswer,
    refresh_token: RefreshToken,
    lease: &Lease,
    deadline: Deadline,
) -> Result<(), Problem> {
    let id = &arrival.connection.id;
    let present = load_connection(services, id).await?.ok_or(Problem::AttemptNotValid)?;
    let generation = present.salesforce.org.as_ref().map_or(0, |org| org.token_generation) + 1;
    let access_token = answer.access_token.clone();
    put_salesforce(
        services,
        id,
        &SalesforceSecrets {
            generation,
            refresh_token,
            access_token,
        },
        lease,
    )
    .await?;
    let examined = look(services, answer, deadline).await;
    if let Err(fault) = &examined {
        // The grant is good and kept; what could not be read now is read by the next reconciliation.
        tracing::warn!(name: "salesforce.examine", connection = %id, error = %fault);
    }
    let examined = examined.ok();
    let expected = arrival.connection.terms.org_type;
    let found = examined.as_ref().map(Examined::org_type);
    if expected.is_some() && found.is_some() && found != expected {
        return Err(Problem::Salesforce(SalesforceFault::WrongOrgType));
    }
    remember(services, arrival, answer, examined, generation).await?;
    Ok(())
}

async fn look(services: &Services, answer: &TokenAnswer, deadline: Deadline) -> Result<Examined, OrgFault> {
    let opened = open_session(services, &answer.instance_url, answer.access_token.clone(), deadline).await?;
    let expected = services.config.package_namespace.as_deref();
    Ok(examine(&opened, &answer.user_id, expected, services.clock.now()).await?)
}

async fn remember(
    services: &Services,
    arrival: &Arrival,
    answer: &TokenAnswer,
    examined: Option<Examined>,
    token_generation: u64,
) -> Result<(), LedgerError> {
    let id = &arrival.connection.id;
    let test_login = arrival.login.same_origin(&services.config.salesforce_test_login);
    let org = OrgIdentity {
        org_id: answer.org_id.as_str().to_owned(),
        name: examined
            .as_ref()
            .map(|examined| examined.organization.name.clone())
            .unwrap_or_default(),
        user_id: answer.user_id.as_str().to_owned(),
        username: examined
            .as_ref()
            .map(|examined| examined.username.clone())
            .unwrap_or_default(),
        instance: answer.instance_url.clone(),
        login: arrival.login.clone(),
        org_type: examined.as_ref().map_or(OrgType::of(test_login), Examined::org_type),
        token_generation,
        connected_at: services.clock.now(),
    };
    update_and_wire(services, id, |connection| {
        connection.salesforce.org = Some(org.clone());
        connection.salesforce.readiness = examined.as_ref().map(|examined| examined.readiness.clone());
        connection.salesforce.fault = None;
        note_return(connection);
    })
    .await?;
    record_audit(services, id, AuditEvent::OrgConnected { org_id: org.org_id }).await?;
    Ok(())
}

async fn note(services: &Services, id: &ConnectionId, fault: SalesforceFault) -> Result<(), LedgerError> {
    update_connection(services, id, |connection| {
        // That the grant is lost stays true until a new one is there.
        if connection.salesforce.fault != Some(SalesforceFault::GrantLost) {
            connection.salesforce.fault = Some(fault);
        }
        note_return(connection);
    })
    .await?;
    record_audit(
        services,
        id,
        AuditEvent::Failed {
            leg: Leg::Salesforce,
            code: format!("{fault:?}"),
        },
    )
    .await?;
    Ok(())
}

fn note_return(connection: &mut Connection) {
    if let Some(note) = &mut connection.salesforce.attempt {
        note.returned = true;
    }
}

/// Revokes a grant that is not wanted. If that fails, nothing of ours uses it; it stays listed in the org.
async fn give_back(services: &Services, login: &OrgUrl, app: &App, token: Option<&RefreshToken>, deadline: Deadline) {
    let Some(token) = token else { return };
    let endpoint = TokenEndpoint::new(&services.outbound, login.url().clone(), app, deadline);
    if let Err(error) = endpoint.revoke_refresh(token).await {
        tracing::warn!(name: "salesforce.token.revoke", error = %error);
    }
}

fn busy(fault: LeaseFault) -> Problem {
    match fault {
        LeaseFault::Busy => Problem::Busy,
        LeaseFault::Ledger(error) => error.into(),
    }
}

fn refusal(fault: CallbackFault) -> SalesforceFault {
    match fault {
        CallbackFault::Denied => SalesforceFault::Denied,
        CallbackFault::AppNotInstalled | CallbackFault::AppBlocked => SalesforceFault::AppNotInstalled,
        CallbackFault::Misconfigured => SalesforceFault::ClientRefused,
        CallbackFault::ApprovalFailed | CallbackFault::Unavailable | CallbackFault::Other => {
            SalesforceFault::Unavailable
        }
    }
}

fn token_fault(error: &TokenError) -> SalesforceFault {
    match error {
        TokenError::AppNotInstalled | TokenError::NotAdminApproved | TokenError::UserNotApproved => {
            SalesforceFault::AppNotInstalled
        }
        TokenError::ExpiredCode | TokenError::VerifierMismatch | TokenError::InvalidGrant => SalesforceFault::CodeLost,
        TokenError::InactiveUser
        | TokenError::InactiveOrg
        | TokenError::IpRestricted
        | TokenError::AuthenticationFailure => SalesforceFault::UserBlocked,
        TokenError::InvalidClientId
        | TokenError::InvalidClient
        | TokenError::RedirectMismatch
        | TokenError::UnsupportedGrantType
        | TokenError::Refused => SalesforceFault::ClientRefused,
        TokenError::Malformed | TokenError::Signature | TokenError::Host(_) => SalesforceFault::Untrusted,
        TokenError::Retryable | TokenError::Transport(_) => SalesforceFault::Unavailable,
    }
}
