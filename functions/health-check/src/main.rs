//! The Lambda binary of `health-check`.

use connector::service::Services;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    connector::telemetry::start(false);
    let services = Services::from_environment().await?;
    run(service_fn(|event| health_check::handle(&services, event))).await
}
