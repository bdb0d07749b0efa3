//! The service as it is deployed, on the embedded store, filled with connections that work.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connector::clock::Timestamp;
use connector::config::Config;
use connector::connection::HealthState;
use connector::events::LocalBus;
use connector::secret::SecretDocument;
use connector::service::{Services, StartFault};
use connector::store::embedded::EmbeddedStore;
use connector::store::{Due, Expect, Key, Queue, Record, SecretName, Side, Stage};
use connector_local::clock::ForwardClock;
use connector_local::watched::watched;
use serde_json::{Value, json};

use crate::cast::Cast;
use crate::fault::BenchFault;
use crate::mould::Mould;
use crate::plan::{Place, Plan};
use crate::tally::Tally;
use crate::trouble::Trouble;

/// The name of the secret that holds the External Client App's.
const APP_SECRET: &str = "connector-setup/salesforce-app";

/// So long ago the journey was walked: a principal that was authorized within the last minute would be waited for.
const SINCE: Duration = Duration::from_secs(90);

/// What the sweep works with.
pub(crate) struct Service {
    pub(crate) services: Services,
    pub(crate) clock: ForwardClock,
    pub(crate) events: LocalBus,
    pub(crate) tally: Arc<Tally>,
}

/// Starts it, with every connection of the plan due now.
pub(crate) async fn start(folder: &Path, plan: &Plan, places: &[Place], mould: &Mould) -> Result<Service, BenchFault> {
    let store = Arc::new(EmbeddedStore::open(folder.join("connector.db"))?);
    let (client_id, client_secret) = &mould.app;
    let document = SecretDocument::new(json!({ "client_secret": client_secret }).to_string());
    store.give(APP_SECRET, &document).await?;
    let tally = Arc::new(Tally::default());
    let stores = watched((store.clone(), store), tally.clone());
    let mut services = Services::with_stores(config(plan, places, client_id)?, stores)?;
    let (clock, events) = (ForwardClock::default(), LocalBus::default());
    clock.advance(SINCE);
    services.clock = Arc::new(clock.clone());
    services.bus = Arc::new(events.clone());
    for place in places {
        put(&services, place, &Cast::of(place, plan, mould), mould).await?;
    }
    Ok(Service {
        services,
        clock,
        events,
        tally,
    })
}

fn config(plan: &Plan, places: &[Place], client_id: &str) -> Result<Config, BenchFault> {
    let pims = places.iter().map(|place| plan.pim(place.pim));
    let orgs = places.iter().map(|place| plan.org(place.number));
    let mut permit: Vec<String> = pims.chain(orgs).collect();
    permit.sort_unstable();
    permit.dedup();
    let login = plan.org(0);
    let pairs = [
        ("CONNECTOR_PUBLIC_URL", "http://127.0.0.1:8600".to_owned()),
        ("CONNECTOR_STORE", "embedded:given".to_owned()),
        ("CONNECTOR_SALESFORCE_CLIENT_ID", client_id.to_owned()),
        ("CONNECTOR_SALESFORCE_APP_SECRET", APP_SECRET.to_owned()),
        ("CONNECTOR_SALESFORCE_LOGIN_URL", login.clone()),
        ("CONNECTOR_SALESFORCE_TEST_LOGIN_URL", login),
        ("CONNECTOR_OUTBOUND_PERMIT", permit.join(",")),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    Ok(Config::from_pairs(pairs).map_err(StartFault::from)?)
}

async fn put(services: &Services, place: &Place, cast: &Cast, mould: &Mould) -> Result<(), BenchFault> {
    let mut connection: Value = cast.connection(mould)?;
    let at: Timestamp = services.clock.now();
    let queue = if place.trouble == Some(Trouble::NeverVerified) {
        connection["health"] = json!({ "state": HealthState::Unknown });
        Queue::Wiring
    } else {
        Queue::Health
    };
    let key = Key::new(format!("connection#{}", cast.id), "connection");
    let mut record = Record::new(key, &connection)?;
    record.due = Some(Due { queue, at });
    services.records.put(&record, Expect::Absent).await?;
    for (side, document) in [Side::Akeneo, Side::Salesforce].into_iter().zip(cast.secrets(mould)) {
        let name = SecretName::Connection {
            connection: cast.id.clone(),
            side,
        };
        services
            .secrets
            .write(&name, Stage::Current, &SecretDocument::new(document))
            .await?;
    }
    Ok(())
}
