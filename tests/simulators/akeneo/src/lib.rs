//! A simulated Akeneo PIM: the App OAuth endpoints, the REST API as far as a connector probes it, and pages that a person can click.
//!
//! It follows the facts of Akeneo (facts/akeneo 1–8, 10, 12) and nothing of the service that is tested with it, so that a
//! misunderstanding on one side cannot hide on the other. It listens on loopback only, lives in memory or in a file, accepts any password and
//! shows every secret at `/_simulator/state`: a tool for tests and demonstrations, never a PIM.

mod activation;
mod answer;
mod api;
mod authorization;
mod catalog;
mod clock;
mod control;
mod credential;
mod custom_app;
mod dataset;
mod exchange;
mod fault;
mod journal;
mod line;
mod multipart;
mod php;
mod pim;
mod scope;
mod session;
mod settings;
mod simulator;
mod snapshot;
mod state_file;
mod traffic;
mod web;

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use crate::state_file::{Keeper, StateFile};

pub use control::{Control, ControlError};
pub use credential::TokenFormat;
pub use custom_app::{Credentials, NewCustomApp, Violation};
pub use fault::{Fault, FaultKind};
pub use journal::RecordedRequest;
pub use settings::{CatalogWording, RetryAfterStyle, Settings, UnauthorizedStyle, UserAcls, UserDecision};
pub use snapshot::{
    CatalogEntry, CodeEntry, ConnectedAppEntry, ConsentCounts, CustomAppEntry, PendingEntry, SessionEntry, Snapshot,
    TokenEntry,
};
pub use traffic::Load;

/// How long [`Running::stop`] waits for answers that are under way.
const PATIENCE: Duration = Duration::from_secs(1);

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Loopback address to listen on, so that many PIMs can share a port; 127.0.0.1 by default.
    pub address: Option<Ipv4Addr>,
    /// Port at that address; 0 takes any free one.
    pub port: u16,
    /// What the PIM believes its address is (AKENEO_PIM_URL, sent as `pim_url`); its own address by default.
    pub public_url: Option<Url>,
    /// The knobs.
    pub settings: Settings,
    /// Where the PIM lives between two runs: read at the start if it exists, written soon after each change and at the stop. What it
    /// holds wins over `settings`.
    pub state: Option<PathBuf>,
    /// What a state file holds, to begin from it without keeping one. It wins over `settings`; an existing `state` wins over it.
    pub content: Option<Vec<u8>>,
}

/// A running PIM. It stops when this is dropped, without a last write of its state.
#[derive(Debug)]
pub struct Running {
    url: Url,
    control: Control,
    shutdown: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
    keeper: Option<Keeper>,
}

/// Starts a PIM on the loopback interface.
///
/// # Errors
/// The address is not a loopback address, the port cannot be bound, or the state cannot be read or written.
pub async fn start(options: Options) -> io::Result<Running> {
    let address = options.address.unwrap_or(Ipv4Addr::LOCALHOST);
    if !address.is_loopback() {
        return Err(io::Error::other("a simulated PIM listens on loopback only"));
    }
    let listener = TcpListener::bind((address, options.port)).await?;
    let url = Url::parse(&format!("http://{}/", listener.local_addr()?)).map_err(io::Error::other)?;
    let public_url = options.public_url.unwrap_or_else(|| url.clone());
    let file = options.state.map(StateFile::new);
    let kept = match file.as_ref().map(StateFile::read).transpose()?.flatten() {
        None => options.content.as_deref().map(state_file::read_content).transpose()?,
        kept => kept,
    };
    let world = kept.unwrap_or_else(|| simulator::World::new(options.settings));
    let simulator = simulator::Simulator::new(world, public_url.as_str());
    let keeper = file.map(|file| Keeper::start(file, &simulator)).transpose()?;
    let router = web::router(simulator.clone());
    let (shutdown, asked_to_stop) = oneshot::channel();
    let service = router.into_make_service_with_connect_info::<line::Line>();
    let server = axum::serve(line::Exchange(listener), service).with_graceful_shutdown(async move {
        // A dropped sender means the same as a message.
        let _ = asked_to_stop.await;
    });
    let server = tokio::spawn(server.into_future());
    Ok(Running {
        url,
        control: Control::new(simulator),
        shutdown,
        server,
        keeper,
    })
}

impl Running {
    /// `http://127.0.0.1:PORT/`, or at the address that was asked for.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The control interface, in process.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops listening, waits a moment for answers that are under way and writes the state file for the last time.
    pub async fn stop(mut self) {
        // The receiver is gone only if the server ended already.
        let _ = self.shutdown.send(());
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        if let Some(keeper) = self.keeper.take() {
            keeper.stop().await;
        }
    }
}
