//! One connection, made as people make it: the journey is walked once through the local stack, and what the stores and the simulators hold
//! afterwards is the mould of all others.
//!
//! It runs in a process of its own, so that nothing of it is counted as the sweep's.

use std::sync::Arc;
use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::{ConnectionId, HealthState, load_connection};
use connector::secret::{SecretDocument, Sensitive};
use connector::store::{SecretName, Side, Stage};
use connector_local::clock::ForwardClock;
use connector_local::stack::{Options, Stack};
use connector_local::walk::Walk;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::fault::BenchFault;

/// What is left of the journey. All of it is made up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Mould {
    /// The connection as stored.
    pub(crate) connection: Value,
    /// Its two secret documents.
    pub(crate) akeneo: String,
    pub(crate) salesforce: String,
    /// The simulators' states.
    pub(crate) pim: String,
    pub(crate) org: String,
    /// Origins, Custom App and token that are in all of these, and that each connection gets its own of.
    pub(crate) pim_origin: String,
    pub(crate) org_origin: String,
    pub(crate) client_id: String,
    pub(crate) token: String,
    /// The External Client App of the service.
    pub(crate) app: (String, String),
    /// The scopes of the grant.
    pub(crate) scopes: Vec<String>,
    /// The org's session.
    pub(crate) session: String,
}

/// Walks.
pub(crate) async fn walk() -> Result<Mould, BenchFault> {
    let folder = tempfile::tempdir()?;
    let options = Options {
        data: Some(folder.path().to_owned()),
        clock: Some(Arc::new(ForwardClock::default())),
        unattended: true,
        ..Options::default()
    };
    let stack = Stack::start(options).await?;
    let walked = journey(&stack).await;
    let origins = [stack.pim.url(), stack.org.url()].map(|url| url.origin().ascii_serialization());
    let app = stack.app();
    let snapshot = stack.pim.control().state();
    stack.stop().await;
    let (connection, [akeneo, salesforce]) = walked?;
    let token = snapshot
        .live_tokens
        .into_iter()
        .next()
        .ok_or(BenchFault::Mould("a token"))?;
    let session: Value = serde_json::from_str(&salesforce)?;
    let state = |name| std::fs::read_to_string(folder.path().join(name));
    let [pim_origin, org_origin] = origins;
    Ok(Mould {
        connection,
        akeneo,
        pim: state("pim.json")?,
        org: state("org.json")?,
        pim_origin,
        org_origin,
        client_id: token.app,
        token: token.value,
        app: (app.client_id, app.client_secret),
        scopes: token.scope.split(' ').map(str::to_owned).collect(),
        session: session["access_token"].as_str().unwrap_or_default().to_owned(),
        salesforce,
    })
}

type Walked = (Value, [String; 2]);

async fn journey(stack: &Stack) -> Result<Walked, BenchFault> {
    let services = &stack.services;
    let mut walk = Walk::new(&stack.url, stack.pim.url())?;
    let made = walk.invite(&json!({ "customer": "Mould" })).await?;
    let link: Option<Url> = made["link"].as_str().and_then(|link| link.parse().ok());
    walk.start(&link.ok_or(BenchFault::Mould("a link"))?).await?;
    let id = made["connection"].as_str().unwrap_or_default().to_owned();
    walk.connect_salesforce("production", "Allow").await?;
    let (client_id, secret) = walk.create_app(&id).await?;
    let wizard = walk.enter_akeneo(stack.pim.url().as_str(), &client_id, &secret).await?;
    walk.consent(wizard).await?;
    let minute = || Deadline::after(Duration::from_secs(60));
    salesforce_patch::wire_due(services, minute()).await?;
    walk.authorize_principal().await?;
    salesforce_patch::wire_due(services, minute()).await?;
    let id = ConnectionId::parse(&id).ok_or(BenchFault::Mould("an id"))?;
    let connection = load_connection(services, &id)
        .await?
        .ok_or(BenchFault::Mould("a connection"))?;
    if connection.health.state != HealthState::Healthy {
        return Err(BenchFault::Mould("a healthy connection"));
    }
    let secret = async |side| {
        let connection = id.to_string();
        let document = services
            .secrets
            .read(&SecretName::Connection { connection, side }, Stage::Current)
            .await?;
        let text = |document: SecretDocument| document.expose().to_owned();
        document.map(text).ok_or(BenchFault::Mould("its secrets"))
    };
    let secrets = [secret(Side::Akeneo).await?, secret(Side::Salesforce).await?];
    Ok((serde_json::to_value(&connection)?, secrets))
}
