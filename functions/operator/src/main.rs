//! The Lambda binary of `operator`.

use connector::service::Services;
use connector::web::readable;
use lambda_http::lambda_runtime::run;
use lambda_http::{Adapter, Error, LambdaEvent, Service as _, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    connector::telemetry::start(false);
    let services = Services::from_environment().await?;
    let adapter = Adapter::from(service_fn(|event| operator::handle(&services, event)));
    let handler = |event: LambdaEvent<Value>| {
        let mut adapter = adapter.clone();
        async move {
            let request = serde_json::from_value(readable(event.payload))?;
            let answer = adapter.call(LambdaEvent::new(request, event.context)).await;
            answer.map_err(Error::from)
        }
    };
    run(service_fn(handler)).await
}
