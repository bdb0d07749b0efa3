//! Salesforce's callback: the code is exchanged, the grant kept, the org examined.

use std::time::Duration;

use connector::clock::{Deadline, Timestamp};
use connector::connection::{
    Attempt, AttemptFault, AuditEvent, Connection, ConnectionId, Health, Lease, LeaseFault, LedgerError, Leg,
    OrgIdentity, OrgType, Origin, SalesforceFault, code_verifier, load_connection, record_audit, update_and_wire,
    update_connection,
};
use connector::custody::{
    ClientSecrets, OrgFault, SalesforceSecrets, open_session, put_salesforce, read_client, read_salesforce, read_self,
    salesforce_app,
};
use connector::problem::Problem;
use connector::redirect::Redirect;
use connector::salesforce::OrgUrl;
use connector::salesforce::oauth::{App, CallbackFault, TokenAnswer, TokenEndpoint, TokenError, callback_fault};
use connector::salesforce::record::Discovery;
use connector::secret::{AuthorizationCode, CodeVerifier, RefreshToken};
use connector::service::Services;
use connector::web::{Cookies, Reply, Request, see_other};
use connector::wiring::{Examined, examine, org_scopes};

use crate::other_org::{leave, moved_from, note_other_org};

/// How long the lease is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A code and what belongs to it.
pub(crate) struct Arrival {
    pub(crate) connection: Connection,
    pub(crate) login: OrgUrl,
    /// The entry of the customer's own app; ours if none.
    client: Option<String>,
    /// The other org that the person agreed to move to.
    move_to: Option<String>,
    /// When the person set off.
    started_at: Timestamp,
    code: AuthorizationCode,
}

/// The app that asked, and the secret that its grant is kept with.
struct Asker {
    app: App,
    own: Option<ClientSecrets>,
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
    let started_at = attempt.started_at;
    let Origin::Salesforce { login, client, move_to } = attempt.origin else {
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
                    client,
                    move_to,
                    started_at,
                    code,
                },
                verifier,
                deadline,
            )
            .await
        }
    };
    if let Err(Problem::Salesforce(fault)) = &outcome {
        note(services, &id, started_at, *fault).await?;
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
    let asker = asker(services, &arrival, deadline).await?;
    let app = &asker.app;
    let endpoint = TokenEndpoint::new(&services.outbound, arrival.login.url().clone(), app, deadline);
    let redirect_uri = services.config.absolute("/salesforce/callback");
    let exchanged = endpoint.exchange(&arrival.code, verifier, &redirect_uri).await;
    let answer = exchanged.map_err(|error| {
        tracing::info!(name: "salesforce.token.exchange", connection = %id, error = %error);
        Problem::Salesforce(token_fault(&error, asker.own.is_some()))
    })?;
    let known = arrival.connection.salesforce.org.as_ref();
    let other = known.is_some_and(|org| org.org_id != answer.org_id.as_str());
    if other && arrival.move_to.as_deref() != Some(answer.org_id.as_str()) {
        give_back(services, &arrival.login, app, answer.refresh_token.as_ref(), deadline).await;
        note_other_org(services, &arrival, &answer).await?;
        return Err(Problem::Salesforce(SalesforceFault::OtherOrg));
    }
    let refresh_token = answer
        .refresh_token
        .clone()
        .ok_or(Problem::Salesforce(SalesforceFault::ClientRefused))?;
    let lease = match Lease::wait(services, &id, deadline.within(PATIENCE)).await {
        Ok(lease) => lease,
        Err(fault) => {
            give_back(services, &arrival.login, app, answer.refresh_token.as_ref(), deadline).await;
            return Err(busy(fault));
        }
    };
    let kept = keep(
        services,
        &arrival,
        &answer,
        (refresh_token, asker.own),
        &lease,
        deadline,
    )
    .await;
    lease.release(services).await;
    if let Err(Problem::Salesforce(SalesforceFault::WrongOrgType) | Problem::AttemptNotValid) = &kept {
        give_back(services, &arrival.login, app, answer.refresh_token.as_ref(), deadline).await;
    }
    kept
}

/// The app that the attempt was made with. A later entry of the customer's may have replaced it.
async fn asker(services: &Services, arrival: &Arrival, deadline: Deadline) -> Result<Asker, Problem> {
    if let Some(generation) = &arrival.client {
        let own = read_client(services, &arrival.connection.id, generation, deadline).await?;
        let own = own.ok_or(Problem::Salesforce(SalesforceFault::CodeLost))?;
        let app = own.app();
        return Ok(Asker { app, own: Some(own) });
    }
    let app = salesforce_app(services).await.map_err(|fault| {
        tracing::error!(name: "salesforce.app", error = %fault);
        Problem::Salesforce(SalesforceFault::ClientRefused)
    })?;
    Ok(Asker { app, own: None })
}

async fn keep(
    services: &Services,
    arrival: &Arrival,
    answer: &TokenAnswer,
    (refresh_token, client): (RefreshToken, Option<ClientSecrets>),
    lease: &Lease,
    deadline: Deadline,
) -> Result<(), Problem> {
    let id = &arrival.connection.id;
    let present = load_connection(services, id).await?.ok_or(Problem::AttemptNotValid)?;
    if present.revoked_at.is_some() {
        // Revoked while the person was away: no secret may come into being any more.
        return Err(Problem::AttemptNotValid);
    }
    let generation = present.salesforce.org.as_ref().map_or(0, |org| org.token_generation) + 1;
    let access_token = answer.access_token.clone();
    // The app behind the picklist synchronisation belongs to its org, not to the grant.
    let same_org = present.self_callout.org_id.as_deref() == Some(answer.org_id.as_str());
    let self_callout = if same_org {
        read_self(services, &present, deadline).await?
    } else {
        None
    };
    let former = moved_from(&present, answer);
    let (mut examined, mut grant) = (None, None);
    if let Some(former) = former {
        // Only what the person agreed to may replace the org that works.
        examined = examine_arrival(services, arrival, answer, deadline).await?;
        grant = read_salesforce(services, id, former.token_generation, deadline).await?;
    }
    put_salesforce(
        services,
        id,
        &SalesforceSecrets {
            generation,
            refresh_token,
            access_token,
            self_callout,
            client,
        },
        lease,
    )
    .await?;
    if former.is_none() {
        examined = examine_arrival(services, arrival, answer, deadline).await?;
    }
    remember(services, arrival, answer, examined, generation).await?;
    if let Some(former) = former {
        leave(services, id, former, grant, answer.org_id.as_str(), deadline).await?;
    }
    Ok(())
}

/// Looks at the org. What could not be read now is read by the next reconciliation: the grant is good.
async fn examine_arrival(
    services: &Services,
    arrival: &Arrival,
    answer: &TokenAnswer,
    deadline: Deadline,
) -> Result<Option<Examined>, Problem> {
    let examined = look(services, answer, deadline).await;
    if let Err(fault) = &examined {
        tracing::warn!(name: "salesforce.examine", connection = %arrival.connection.id, error = %fault);
    }
    let examined = examined.ok();
    let expected = arrival.connection.terms.org_type;
    let found = examined.as_ref().and_then(Examined::org_type);
    if expected.is_some() && found.is_some() && found != expected {
        return Err(Problem::Salesforce(SalesforceFault::WrongOrgType));
    }
    Ok(examined)
}

async fn look(services: &Services, answer: &TokenAnswer, deadline: Deadline) -> Result<Examined, OrgFault> {
    let opened = open_session(services, &answer.instance_url, answer.access_token.clone(), deadline).await?;
    let expected = services.config.package_namespace.as_deref();
    let mut examined = examine(&opened, &answer.user_id, expected, services.clock.now()).await?;
    if let Discovery::Found(records) = &examined.records {
        // Known before a person can press “Authorize” for the PIM, so that one consent serves both sides. What cannot be read
        // now is read by the wiring.
        examined.org_scopes = org_scopes(&opened.org, records).await.unwrap_or_default();
    }
    Ok(examined)
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
            .and_then(|examined| Some(examined.organization.as_ref()?.name.clone()))
            // An org that does not say what it is called is known by its address.
            .unwrap_or_else(|| answer.instance_url.host().to_owned()),
        user_id: answer.user_id.as_str().to_owned(),
        username: examined
            .as_ref()
            .map(|examined| examined.username.clone())
            .unwrap_or_default(),
        instance: answer.instance_url.clone(),
        login: arrival.login.clone(),
        org_type: examined
            .as_ref()
            .and_then(Examined::org_type)
            .unwrap_or(OrgType::of(test_login)),
        token_generation,
        connected_at: services.clock.now(),
    };
    update_and_wire(services, id, |connection| {
        if moved_from(connection, answer).is_some() {
            connection.forget_org();
        }
        connection.salesforce.org = Some(org.clone());
        if connection.salesforce.manual.take().is_some() {
            // What was seen without the org says nothing about one that is connected.
            connection.health = Health::default();
        }
        connection.salesforce.other_org = None;
        connection.salesforce.readiness = examined.as_ref().map(|examined| examined.readiness.clone());
        if let Some(scopes) = examined.as_ref().and_then(|examined| examined.org_scopes.clone()) {
            connection.wiring.org_scopes = Some(scopes);
        }
        connection.salesforce.fault = None;
        connection.salesforce.given_back = None;
        note_return(services, connection, arrival.started_at);
    })
    .await?;
    record_audit(services, id, AuditEvent::OrgConnected { org_id: org.org_id }).await?;
    Ok(())
}

async fn note(
    services: &Services,
    id: &ConnectionId,
    started_at: Timestamp,
    fault: SalesforceFault,
) -> Result<(), LedgerError> {
    update_connection(services, id, |connection| {
        // That the grant is lost stays true until a new one is there.
        if connection.salesforce.fault != Some(SalesforceFault::GrantLost) {
            connection.salesforce.fault = Some(fault);
        }
        note_return(services, connection, started_at);
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

fn note_return(services: &Services, connection: &mut Connection, started_at: Timestamp) {
    if let Some(note) = &mut connection.salesforce.attempt {
        note.came_back(started_at, services.trace.as_ref());
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

fn token_fault(error: &TokenError, own_app: bool) -> SalesforceFault {
    match error {
        error if own_app && error.is_about_the_app() => SalesforceFault::OwnAppRefused,
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
        | TokenError::NoExecutionUser
        | TokenError::NotThisHost
        | TokenError::Refused => SalesforceFault::ClientRefused,
        TokenError::Malformed | TokenError::Signature | TokenError::Host(_) => SalesforceFault::Untrusted,
        TokenError::Retryable | TokenError::Transport(_) => SalesforceFault::Unavailable,
    }
}
