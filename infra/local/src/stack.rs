//! Starting and stopping the stack.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connector::clock::Clock;
use connector::config::Config;
use connector::connection::{Lease, LedgerError, RollPlace, roll_page};
use connector::events::LocalBus;
use connector::secret::SecretDocument;
use connector::service::{Services, StartFault};
use connector::store::StoreError;
use connector::store::embedded::EmbeddedStore;
use salesforce_simulator::{OAuthClient, Preset};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::folder::{Folder, FolderFault, Ports, lasting_port};
use crate::outage::Outage;

/// Consumer key of the External Client App in the simulated org.
const CLIENT_ID: &str = "3MVG9.local-stack-consumer-key";
/// Its secret. It opens nothing but the simulator.
const CLIENT_SECRET: &str = "local-stack-consumer-secret";
/// The name of the secret that holds it.
const APP_SECRET: &str = "connector-setup/salesforce-app";
/// The console's client at the simulated identity provider.
const CONSOLE_CLIENT_ID: &str = "connector-console";
/// How long [`Stack::stop`] waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where everything lives between two runs, so that the next goes on where this one was; nowhere if not given.
    pub data: Option<PathBuf>,
    /// Port of the service; if 0, the one that the folder has kept, or any free one.
    pub port: u16,
    /// What the simulated org is like, unless the folder has one already.
    pub org: Preset,
    /// The service's clock; the operating system's if not given. The simulators have clocks of their own.
    pub clock: Option<Arc<dyn Clock>>,
    /// Whether nothing plays the table's stream and the schedules, so that what they start can be run by hand.
    pub unattended: bool,
    /// More origins, beside the simulators', that calls may go to.
    pub permit: Vec<String>,
    /// How often a connection's health is looked at; as deployed if not given.
    pub health_period: Option<Duration>,
    /// Whether there is a console, with a simulated identity provider to log in at.
    pub console: bool,
}

/// A running stack. Everything stops when it is dropped, but only [`Stack::stop`] lets what is under way finish.
#[derive(Debug)]
pub struct Stack {
    /// Where the service is.
    pub url: Url,
    /// The service's parts, for tests that look behind the pages.
    pub services: Services,
    /// The PIM.
    pub pim: akeneo_simulator::Running,
    /// The org.
    pub org: salesforce_simulator::Running,
    /// Where people log in to the console, if there is one.
    pub identity: Option<identity_simulator::Running>,
    /// Makes the stores fail.
    pub outage: Outage,
    /// The event bus: hears of everything that other systems are told.
    pub events: LocalBus,
    /// The port at which the service was before, if it is another one now: the Custom App's URLs no longer fit.
    pub moved_from: Option<u16>,
    tasks: JoinSet<()>,
    /// Dropped when the stack stops.
    running: watch::Sender<()>,
    passing: Option<tempfile::TempDir>,
}

/// Why the stack does not start.
#[derive(Debug, thiserror::Error)]
pub enum StackFault {
    /// A port is taken.
    #[error("port {port} of {whose} is taken: {remedy}")]
    PortTaken {
        /// Which one.
        port: u16,
        /// What would listen there.
        whose: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A simulator does not start, or a folder or a socket cannot be used.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The folder is not usable.
    #[error(transparent)]
    Folder(#[from] FolderFault),
    /// The configuration is refused.
    #[error(transparent)]
    Start(#[from] StartFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store has of connections cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Stack {
    /// Starts everything on loopback.
    ///
    /// # Errors
    /// [`StackFault`].
    pub async fn start(options: Options) -> Result<Self, StackFault> {
        let folder = options.data.clone().map(Folder::at);
        let kept = match &folder {
            Some(folder) => {
                folder.make()?;
                folder.ports()?
            }
            None => None,
        };
        let ports = places(options.port, kept, folder.is_some())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.service)).await;
        let listener = listener.map_err(taken(ports.service, "the service", CHOOSE))?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = |name| folder.as_ref().map(|folder| folder.file(name));
        let pim = akeneo_simulator::Options {
            port: ports.pim,
            state: state("pim.json"),
            ..Default::default()
        };
        let pim = akeneo_simulator::start(pim)
            .await
            .map_err(taken(ports.pim, "the simulated PIM", FREE))?;
        let client = app(&url);
        let (port, preset, state) = (ports.org, options.org, state("org.json"));
        let org = salesforce_simulator::Options {
            port,
            preset,
            client,
            state,
            ..Default::default()
        };
        let org = salesforce_simulator::start(org)
            .await
            .map_err(taken(ports.org, "the simulated org", FREE))?;
        let identity = if options.console {
            Some(identity(&url).await?)
        } else {
            None
        };
        let passing = if folder.is_none() {
            Some(tempfile::tempdir()?)
        } else {
            None
        };
        let data = options
            .data
            .or_else(|| passing.as_ref().map(|folder| folder.path().to_owned()))
            .unwrap_or_default();
        let outage = Outage::default();
        let mut services = services(
            &url,
            &pim,
            &org,
            &data.join("connector.db").to_string_lossy(),
            &options.permit,
            options.health_period,
            identity.as_ref(),
        )
        .await?;
        (services.records, services.secrets) = outage.before((services.records, services.secrets));
        let events = LocalBus::default();
        services.bus = Arc::new(events.clone());
        if let Some(clock) = options.clock {
            services.clock = clock;
        }
        if kept.is_some() {
            end_leases(&services).await?;
        }
        let (running, stopped) = watch::channel(());
        let mut asked_to_stop = stopped.clone();
        let server = axum::serve(listener, crate::front::router(services.clone())).with_graceful_shutdown(async move {
            // It ends when the sender is dropped; nothing is ever sent.
            let _ = asked_to_stop.changed().await;
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(name: "local.front", error = %error);
            }
        });
        if !options.unattended {
            crate::events::play(services.clone(), &mut tasks, &stopped);
        }
        if let (Some(folder), None) = (&folder, kept) {
            folder.keep_ports(ports)?;
        }
        let moved_from = kept
            .map(|kept| kept.service)
            .filter(|service| *service != ports.service);
        let url = Url::parse(&url).map_err(io::Error::other)?;
        Ok(Self {
            url,
            services,
            pim,
            org,
            identity,
            outage,
            events,
            moved_from,
            tasks,
            running,
            passing,
        })
    }

    /// The External Client App of the service, as an org knows it; for more orgs than one.
    #[must_use]
    pub fn app(&self) -> OAuthClient {
        app(self.url.as_str().trim_end_matches('/'))
    }

    /// Stops everything: what has begun may finish within two seconds, the simulators write their state, a passing folder goes away.
    pub async fn stop(self) {
        let Self {
            services,
            pim,
            org,
            identity,
            mut tasks,
            running,
            passing,
            ..
        } = self;
        drop(running);
        let finished = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, finished).await.is_err() {
            tasks.shutdown().await;
        }
        pim.stop().await;
        org.stop().await;
        if let Some(identity) = identity {
            identity.stop().await;
        }
        // The store closes its file before the folder goes.
        drop(services);
        if let Some(Err(error)) = passing.map(tempfile::TempDir::close) {
            tracing::warn!(name: "local.folder", error = %error);
        }
    }
}

fn app(service: &str) -> OAuthClient {
    OAuthClient {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![format!("{service}/salesforce/callback")],
        local: false,
    }
}

/// The identity provider of the console, with the console as its one client.
async fn identity(service: &str) -> io::Result<identity_simulator::Running> {
    let client = identity_simulator::Client {
        client_id: CONSOLE_CLIENT_ID.to_owned(),
        redirect_uris: vec![format!("{service}/console")],
    };
    let options = identity_simulator::Options {
        client,
        ..Default::default()
    };
    identity_simulator::start(options).await
}

/// Ends the leases that a killed stack has left. Where several processes share a store a lease has to run out, for minutes; here the
/// ports of the simulators, which this stack has by now, prove that nobody else works in the folder.
async fn end_leases(services: &Services) -> Result<(), StackFault> {
    const PAGE: u32 = 500;
    let mut place = Some(RollPlace::start());
    while let Some(here) = place {
        let page = roll_page(services, &here, PAGE).await?;
        for (connection, _) in page.connections {
            Lease::end(services, &connection.id).await?;
        }
        place = page.next;
    }
    connector::health::end_turn(services).await?;
    Ok(())
}

const CHOOSE: &str = "end what listens there (perhaps this demo, in another window), or choose another with --port";
const FREE: &str = "end what listens there (perhaps this demo, in another window), or begin anew with another folder";

fn taken(port: u16, whose: &'static str, remedy: &'static str) -> impl Fn(io::Error) -> StackFault {
    move |error| match error.kind() {
        io::ErrorKind::AddrInUse => StackFault::PortTaken { port, whose, remedy },
        _ => StackFault::Io(error),
    }
}

/// Where everything listens: where it was; at first at ports that stay free in between, if it is to come back.
fn places(service: u16, kept: Option<Ports>, lasts: bool) -> io::Result<Ports> {
    let free = || if lasts { lasting_port() } else { Ok(0) };
    let Ports {
        service: before,
        pim,
        org,
    } = match kept {
        Some(kept) => kept,
        None => Ports {
            service: if service == 0 { free()? } else { service },
            pim: free()?,
            org: free()?,
        },
    };
    Ok(Ports {
        service: if service == 0 { before } else { service },
        pim,
        org,
    })
}

async fn services(
    url: &str,
    pim: &akeneo_simulator::Running,
    org: &salesforce_simulator::Running,
    store: &str,
    permit: &[String],
    health_period: Option<Duration>,
    identity: Option<&identity_simulator::Running>,
) -> Result<Services, StackFault> {
    let origin = |url: &Url| url.origin().ascii_serialization();
    let permit = [&[origin(pim.url()), origin(org.url())], permit].concat().join(",");
    let health_period = health_period.map(|period| period.as_secs().to_string());
    let pairs = [
        ("CONNECTOR_PUBLIC_URL", url.to_owned()),
        ("CONNECTOR_STORE", format!("embedded:{store}")),
        ("CONNECTOR_SALESFORCE_CLIENT_ID", CLIENT_ID.to_owned()),
        ("CONNECTOR_SALESFORCE_APP_SECRET", APP_SECRET.to_owned()),
        ("CONNECTOR_SALESFORCE_LOGIN_URL", origin(org.url())),
        ("CONNECTOR_SALESFORCE_TEST_LOGIN_URL", origin(org.url())),
        ("CONNECTOR_OUTBOUND_PERMIT", permit),
        ("CONNECTOR_CAPABILITIES", org.control().made_from().known().to_owned()),
        (
            "CONNECTOR_PACKAGE_VERSION_ID",
            salesforce_simulator::Settings::default().package_version_id,
        ),
        ("CONNECTOR_HEALTH_PERIOD_SECONDS", health_period.unwrap_or_default()),
        (
            "CONNECTOR_CONSOLE_ISSUER",
            identity
                .map(|identity| identity.control().issuer().to_owned())
                .unwrap_or_default(),
        ),
        (
            "CONNECTOR_CONSOLE_CLIENT_ID",
            identity.map(|_| CONSOLE_CLIENT_ID.to_owned()).unwrap_or_default(),
        ),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    let config = Config::from_pairs(pairs).map_err(StartFault::from)?;
    let store = Arc::new(EmbeddedStore::open(store)?);
    let document = SecretDocument::new(format!(r#"{{"client_secret":"{CLIENT_SECRET}"}}"#));
    store.give(APP_SECRET, &document).await?;
    Ok(Services::with_stores(config, (store.clone(), store))?)
}
