//! The Lambda binary of `setup-start`.

use connector::service::Services;
use lambda_http::{Error, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    connector::telemetry::start(false);
    let services = Services::from_environment().await?;
    run(service_fn(|event| setup_start::handle(&services, event))).await
}
