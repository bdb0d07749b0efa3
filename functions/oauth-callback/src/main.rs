//! The Lambda binary of `oauth-callback`.

use connector::service::Services;
use lambda_http::{Error, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    connector::telemetry::start(false);
    let services = Services::from_environment().await?;
    run(service_fn(|event| oauth_callback::handle(&services, event))).await
}
