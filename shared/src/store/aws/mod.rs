//! The stores on AWS: one DynamoDB table, and Secrets Manager; and the event bus, EventBridge.
//!
//! The only room of this crate that knows the AWS SDK. Nothing of the SDK's requests, answers or errors leaves it:
//! their `Debug` may show whole bodies.

mod bus;
mod fault;
mod item;
mod manager;
mod table;

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};

pub use self::{bus::EventBridge, manager::ManagerSecrets, table::DynamoRecords};
use crate::random::SystemRandom;

/// A TLS connection to a regional endpoint takes milliseconds; a second is an outage.
const CONNECT: Duration = Duration::from_secs(1);
/// One try. Long enough for a cold start's first TLS handshake.
const ATTEMPT: Duration = Duration::from_secs(3);
/// All tries of one operation, pauses included: an authorization code lives for 30 seconds, and these calls surround its exchange.
const OPERATION: Duration = Duration::from_secs(8);

/// Opens both stores. Region, endpoints and credentials come from the SDK's own environment.
///
/// Nothing is sent: a wrong table or prefix shows at the first use.
pub async fn open(table: &str, prefix: &str) -> (DynamoRecords, ManagerSecrets) {
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    with_config(&config, table, prefix)
}

/// Opens both stores with a configuration that the caller made.
///
/// The configuration's timeouts are replaced: by default the SDK has one for connecting only, and would wait for ever.
#[must_use]
pub fn with_config(config: &SdkConfig, table: &str, prefix: &str) -> (DynamoRecords, ManagerSecrets) {
    let config = impatient(config);
    let records = DynamoRecords::new(aws_sdk_dynamodb::Client::new(&config), table, Arc::new(SystemRandom));
    let secrets = ManagerSecrets::new(aws_sdk_secretsmanager::Client::new(&config), prefix);
    (records, secrets)
}

/// Opens the event bus of this name. Nothing is sent: a wrong name shows at the first use.
pub async fn open_bus(name: &str) -> EventBridge {
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    bus_with_config(&config, name)
}

/// Opens the event bus with a configuration that the caller made; its timeouts are replaced.
#[must_use]
pub fn bus_with_config(config: &SdkConfig, name: &str) -> EventBridge {
    EventBridge::new(aws_sdk_eventbridge::Client::new(&impatient(config)), name)
}

fn impatient(config: &SdkConfig) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    config.to_builder().timeout_config(timeouts).build()
}
