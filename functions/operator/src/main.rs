//! The Lambda binary of `operator`.

use connector::service::Services;
use lambda_http::{Error, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    connector::telemetry::start(false);
    let services = Services::from_environment().await?;
    run(service_fn(|event| operator::handle(&services, event))).await
}
