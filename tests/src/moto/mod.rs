//! DynamoDB, its streams and Secrets Manager as the moto server plays them.
//!
//! The suites attach to the server that `CONNECTOR_TEST_AWS_ENDPOINT` names, or start one. Without either they fail: a suite
//! that skips itself proves nothing.

mod proxy;
mod server;
mod stream;

use std::{env, sync::OnceLock};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;

pub use self::{
    proxy::Proxy,
    server::Server,
    stream::{NewImage, StreamReader, stream_records},
};
use crate::Fault;

/// Names the server that the test command started.
pub const ENDPOINT_VARIABLE: &str = "CONNECTOR_TEST_AWS_ENDPOINT";

const HOW_TO_GET_IT: &str = "no moto server: start one and name it in CONNECTOR_TEST_AWS_ENDPOINT, for example \
    `moto_server -p 5555` and http://127.0.0.1:5555, or put moto_server on the PATH (pip install 'moto[server]')";

/// A moto server to talk to.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    /// The server, if it is ours: it ends with this value or with this process, whichever comes first.
    _server: Option<Server>,
}

impl Moto {
    /// The server that all tests of this process share; started or attached to at the first call.
    ///
    /// # Errors
    /// When there is none to attach to and none can be started. The message says how to get one.
    pub fn shared() -> Result<&'static Self, Fault> {
        static SHARED: OnceLock<Result<Moto, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::attach_or_start().map_err(|error| error.to_string()));
        shared.as_ref().map_err(|error| Fault::from(error.as_str()))
    }

    /// The server that [`ENDPOINT_VARIABLE`] names, or a new one.
    ///
    /// # Errors
    /// As [`Self::shared`].
    pub fn attach_or_start() -> Result<Self, Fault> {
        if let Some(endpoint) = env::var(ENDPOINT_VARIABLE).ok().filter(|endpoint| !endpoint.is_empty()) {
            return Ok(Self {
                endpoint,
                _server: None,
            });
        }
        let server = Server::start().map_err(|error| format!("{HOW_TO_GET_IT}: {error}"))?;
        Ok(Self {
            endpoint: format!("http://{}", server.address()),
            _server: Some(server),
        })
    }

    /// `http://host:port`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// An SDK configuration for this server.
    pub async fn config(&self) -> SdkConfig {
        config(&self.endpoint).await
    }
}

/// An SDK configuration for an endpoint that asks for no real credentials.
pub async fn config(endpoint: &str) -> SdkConfig {
    let region = env::var("AWS_REGION").unwrap_or_else(|_| "eu-central-1".to_owned());
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(Credentials::new("testing", "testing", None, None, "moto"))
        .endpoint_url(endpoint)
        .load()
        .await
}
