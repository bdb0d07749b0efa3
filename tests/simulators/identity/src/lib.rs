//! A simulated OpenID provider: discovery, the authorization code flow with PKCE for public clients, a login form, signed tokens.
//!
//! It follows OpenID Connect Core 1.0, OpenID Connect Discovery 1.0 and RFC 7636, and knows nothing of the service that is tested
//! with it. It listens on loopback only, lives in memory, accepts any password and makes any token that its control is asked for: a
//! tool for tests and demonstrations, never a provider.

mod authorization;
mod control;
mod key;
mod pages;
mod provider;
mod token;

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

pub use crate::control::Control;
pub use crate::provider::{Client, Settings, Signed};

/// How long [`Running::stop`] waits for answers that are under way.
const PATIENCE: Duration = Duration::from_secs(1);

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port on the loopback interface; 0 takes any free one.
    pub port: u16,
    /// The one registered client.
    pub client: Client,
    /// The knobs.
    pub settings: Settings,
}

/// A running provider. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    issuer: Url,
    control: Control,
    shutdown: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

/// Starts a provider on the loopback interface.
///
/// # Errors
/// The port cannot be bound, or no key can be made.
pub async fn start(options: Options) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let provider = provider::Provider::new(&issuer, options.client, options.settings)?;
    let (shutdown, asked_to_stop) = oneshot::channel();
    let server = axum::serve(listener, pages::router(provider.clone())).with_graceful_shutdown(async move {
        // A dropped sender means the same as a message.
        let _ = asked_to_stop.await;
    });
    Ok(Running {
        issuer: Url::parse(&issuer).map_err(io::Error::other)?,
        control: Control::new(provider),
        shutdown,
        server: tokio::spawn(server.into_future()),
    })
}

impl Running {
    /// `http://127.0.0.1:PORT/`. The issuer in tokens is the same without the slash at the end: [`Control::issuer`].
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.issuer
    }

    /// The control interface, in process.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops listening and waits a moment for answers that are under way.
    pub async fn stop(mut self) {
        // The receiver is gone only if the server ended already.
        let _ = self.shutdown.send(());
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}
