//! The Lambda binary of `salesforce-patch`.

use connector::service::Services;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    connector::telemetry::start(false);
    let services = Services::from_environment().await?;
    run(service_fn(|event| salesforce_patch::handle(&services, event))).await
}
