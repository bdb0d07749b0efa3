//! What every function works with: configuration, clock, randomness, stores and the way out. Built once per process.

use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigFaults, StoreKind};
use crate::events::{Bus, LocalBus};
use crate::outbound::{Outbound, OutboundError};
use crate::random::{Random, SystemRandom};
use crate::store::{Records, Secrets, StoreError};
use crate::telemetry::causes;
use crate::trace::Trace;

/// The parts that a handler is given.
#[derive(Debug, Clone)]
pub struct Services {
    /// Configuration.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The table.
    pub records: Arc<dyn Records>,
    /// The secret store.
    pub secrets: Arc<dyn Secrets>,
    /// The event bus.
    pub bus: Arc<dyn Bus>,
    /// Calls to hosts outside.
    pub outbound: Outbound,
    /// The id of the work that they are used for at the moment; none between two pieces of work.
    pub trace: Option<Trace>,
}

/// Why a process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Something is wrong with the environment variables.
    #[error(transparent)]
    Config(#[from] ConfigFaults),
    /// The HTTP client cannot be built.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The embedded store cannot be opened.
    #[error("the embedded store cannot be opened")]
    Store(#[from] StoreError),
    /// `CONNECTOR_STORE=embedded:…` in a binary without it.
    #[error("CONNECTOR_STORE names the embedded store, which is not compiled into this binary; use `aws`")]
    NoEmbeddedStore,
}

impl Services {
    /// Builds everything from the environment. Opens no connection yet. Why it cannot is logged: what a process prints as it
    /// ends is not in the form that the runbooks look for.
    ///
    /// # Errors
    /// [`StartFault`].
    pub async fn from_environment() -> Result<Self, StartFault> {
        let started = match Config::from_environment() {
            Ok(config) => Self::from_config(config).await,
            Err(faults) => Err(faults.into()),
        };
        started.inspect_err(|fault| tracing::error!(name: "service.start", error = causes(fault)))
    }

    /// Builds everything from a configuration, on the system's clock and randomness.
    ///
    /// # Errors
    /// [`StartFault`].
    pub async fn from_config(config: Config) -> Result<Self, StartFault> {
        let stores = open_stores(&config).await?;
        let on_aws = config.store == StoreKind::Aws;
        let mut services = Self::with_stores(config, stores)?;
        if on_aws {
            services.bus = Arc::new(crate::store::aws::open_bus(&services.config.event_bus).await);
        }
        Ok(services)
    }

    /// Builds the rest around stores that are open already, with an event bus in memory.
    ///
    /// # Errors
    /// [`StartFault::Outbound`].
    pub fn with_stores(config: Config, (records, secrets): Stores) -> Result<Self, StartFault> {
        let outbound = Outbound::new(config.permit.clone())?;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        Ok(Self {
            config: Arc::new(config),
            clock,
            random,
            records,
            secrets,
            bus: Arc::new(LocalBus::default()),
            outbound,
            trace: None,
        })
    }
}

/// The table and the secret store.
pub type Stores = (Arc<dyn Records>, Arc<dyn Secrets>);

async fn open_stores(config: &Config) -> Result<Stores, StartFault> {
    match &config.store {
        StoreKind::Aws => {
            let (records, secrets) = crate::store::aws::open(&config.table, &config.secret_prefix).await;
            Ok((Arc::new(records), Arc::new(secrets)))
        }
        #[cfg(feature = "embedded")]
        StoreKind::Embedded(path) => {
            let store = Arc::new(crate::store::embedded::EmbeddedStore::open(path)?);
            Ok((store.clone(), store))
        }
        #[cfg(not(feature = "embedded"))]
        StoreKind::Embedded(_) => Err(StartFault::NoEmbeddedStore),
    }
}
