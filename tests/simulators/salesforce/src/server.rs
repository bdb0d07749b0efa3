//! The server: routes, the journal-and-faults layer, start and stop.
//!
//! Listens on loopback only. Faults act outside of everything that imitates Salesforce, as a network would.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::browser::{client_apps, install, login, setup, single_access};
use crate::clock::Clock;
use crate::control::Control;
use crate::fault::{self, FaultKind};
use crate::hop::{callback, start};
use crate::journal::JournalEntry;
use crate::legacy;
use crate::oauth::authorize::found;
use crate::oauth::{OauthState, authorize, identity, token};
use crate::refusal::Refusal;
use crate::state_file::{self, Keeper, StateFile};
use crate::wire::{Wire, WireListener};
use crate::world::{Kept, Shared, Simulator, World};
use crate::{Options, api, control};

/// The largest request body; a Metadata deploy is at most 39 MB (facts/salesforce 11).
pub(crate) const BODY_LIMIT: usize = 40 * 1024 * 1024;
/// How long `stop` waits for requests under way.
const PATIENCE: Duration = Duration::from_millis(500);

/// A running simulator. Dropping it stops the server too, without waiting and without a last write of its state.
#[derive(Debug)]
pub struct Running {
    url: Url,
    sim: Shared,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    keeper: Option<Keeper>,
}

/// Starts a simulator on loopback.
///
/// # Errors
/// The address is not a loopback address, the port cannot be bound, or the state cannot be read or written.
pub async fn start(options: Options) -> std::io::Result<Running> {
    let address = options.address.unwrap_or(Ipv4Addr::LOCALHOST);
    if !address.is_loopback() {
        return Err(std::io::Error::other("a simulated org listens on loopback only"));
    }
    let listener = TcpListener::bind((address, options.port)).await?;
    let url = Url::parse(&format!("http://{}/", listener.local_addr()?)).map_err(std::io::Error::other)?;
    let file = options.state.clone().map(StateFile::new);
    let kept = match file.as_ref().map(StateFile::read).transpose()?.flatten() {
        None => options.content.as_deref().map(state_file::read_content).transpose()?,
        kept => kept,
    };
    let (clock, world) = match kept {
        Some(kept) => go_on(kept, options),
        None => begin(options),
    };
    let sim: Shared = Arc::new(Simulator::new(clock, url.clone(), world));
    let keeper = file.map(|file| Keeper::start(file, &sim)).transpose()?;
    let service = router(&sim).into_make_service_with_connect_info::<Wire>();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(WireListener(listener), service).with_graceful_shutdown(async {
        // A dropped sender means the same as a sent word.
        let _either_way = stopped.await;
    });
    let task = tokio::spawn(async move {
        // axum's server ends without an error.
        let _never_fails = server.await;
    });
    Ok(Running {
        url,
        sim,
        stop: Some(stop),
        task,
        keeper,
    })
}

fn begin(options: Options) -> (Clock, World) {
    let clock = Clock::default();
    let mut oauth = OauthState::default();
    oauth.register(options.client);
    let world = World::new(options.preset, options.settings, oauth, clock.now());
    (clock, world)
}

fn go_on(kept: Kept<World>, options: Options) -> (Clock, World) {
    let mut world = kept.world;
    world.oauth.register(options.client);
    (Clock::ahead(kept.clock_offset_ms), world)
}

impl Running {
    /// `http://127.0.0.1:PORT/`, or at the address that was asked for: the login host and the instance in one.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The handle with which tests arrange and inspect the org.
    #[must_use]
    pub fn control(&self) -> Control {
        Control {
            sim: Arc::clone(&self.sim),
        }
    }

    /// Stops listening, ends connections and writes the state file for the last time.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _already_gone = stop.send(());
        }
        if timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
        if let Some(keeper) = self.keeper.take() {
            keeper.stop().await;
        }
    }
}

fn router(sim: &Shared) -> Router {
    Router::new()
        .merge(control::http::router())
        .route("/services/oauth2/authorize", get(authorize::authorize))
        .route(
            "/setup/secur/RemoteAccessAuthorizationPage.apexp",
            post(authorize::decide),
        )
        .route("/services/oauth2/token", post(token::token))
        .route("/services/oauth2/revoke", get(identity::revoke).post(identity::revoke))
        .route("/services/oauth2/introspect", post(identity::introspect))
        .route("/services/oauth2/userinfo", get(identity::userinfo))
        .route(
            "/services/oauth2/singleaccess",
            get(single_access::hand_out).post(single_access::hand_out),
        )
        .route("/secur/frontdoor.jsp", get(single_access::enter))
        .route("/id/{org}/{user}", get(identity::identity))
        .route("/login", get(login::show).post(login::submit))
        .route("/secur/logout.jsp", get(login::logout))
        .route("/", get(setup::home))
        .route("/lightning/setup/NamedCredential/home", get(setup::credentials))
        .route("/lightning/setup/NamedCredential/callouts", post(setup::callouts))
        .route(
            "/lightning/setup/NamedCredential/authenticate",
            post(setup::authenticate),
        )
        .route(
            "/lightning/setup/ManageExternalClientApplication/home",
            get(client_apps::home),
        )
        .route(
            "/lightning/setup/ManageExternalClientApplication/save",
            post(client_apps::save),
        )
        .route("/lightning/{*page}", get(setup::home))
        .route(
            "/packaging/installPackage.apexp",
            get(install::show).post(install::submit),
        )
        .route("/services/auth/external-credential/{id}", get(start::open))
        .route("/services/auth/xds/{org}/{provider}", get(legacy::hop::xds))
        .route("/services/auth/oauth/{provider}", get(legacy::hop::kickoff))
        .route("/services/data", get(api::describe::versions))
        .route("/services/data/", get(api::describe::versions))
        .nest("/services/data/{version}", api::router(sim))
        .fallback(elsewhere)
        .layer(from_fn_with_state(Arc::clone(sim), record_and_disturb))
        .with_state(Arc::clone(sim))
}

/// Callback URLs are configurable, so they cannot be routes.
async fn elsewhere(State(sim): State<Shared>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let known = callback::addressed(&sim, &sim.world(), uri.path()).is_some();
    let provider = legacy::hop::addressed(&sim.world(), uri.path());
    let query = uri.query().unwrap_or_default();
    match provider {
        _ if method != Method::GET => Refusal::not_found().into_response(),
        _ if known => callback::arrive(&sim, uri.path(), query, &headers).await,
        Some(provider) => legacy::hop::arrive(&sim, &provider, query, &headers).await,
        // A Named Credential's own page, where the kick-off of the legacy path ends.
        None if uri.path().starts_with("/0XA") => found("/lightning/setup/NamedCredential/home"),
        None => Refusal::not_found().into_response(),
    }
}

/// Notes every request and lets ordered faults happen to it.
async fn record_and_disturb(
    State(sim): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    wire.flow();
    if request.uri().path().starts_with("/_simulator/") {
        return next.run(request).await;
    }
    let _under_way = sim.traffic.enter();
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (sequence, fault) = {
        let mut guard = sim.world();
        let world: &mut World = &mut guard;
        let sequence = world.journal.open(JournalEntry {
            sequence: 0,
            at_ms: sim.clock.now(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            content_type: parts
                .headers
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            status: None,
        });
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        (sequence, fault::take(&mut world.faults, parts.method.as_str(), target))
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    let response = match &fault {
        None => next.run(request).await,
        Some(fault) => match fault.kind {
            FaultKind::Status | FaultKind::Oversized => fault.answer(&sim.world().settings),
            FaultKind::ResetBefore => {
                wire.cut();
                return StatusCode::NO_CONTENT.into_response();
            }
            FaultKind::ResetAfter => {
                let _unheard = next.run(request).await;
                wire.cut();
                return StatusCode::NO_CONTENT.into_response();
            }
            FaultKind::Delay => {
                sleep(Duration::from_millis(fault.delay_ms.unwrap_or(1000))).await;
                next.run(request).await
            }
            FaultKind::Drip => {
                let response = next.run(request).await;
                wire.drip(fault.size.unwrap_or(1), fault.delay_ms.unwrap_or(100));
                response
            }
        },
    };
    sim.world().journal.close(sequence, response.status().as_u16());
    response
}
