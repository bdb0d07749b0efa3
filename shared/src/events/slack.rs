//! Slack: one line for people, through an incoming webhook. Its address is the permission to write, so it is kept as a secret.

use http::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::Event;
use super::outbox::DeliveryError;
use crate::clock::Deadline;
use crate::connection::Who;
use crate::outbound::{Body, Call};
use crate::secret::{SecretUrl, Sensitive};
use crate::service::Services;

/// The document behind `CONNECTOR_SLACK_SECRET`.
#[derive(Deserialize)]
struct Document {
    url: SecretUrl,
}

/// Sends an event to the channel.
pub(super) async fn send(
    services: &Services,
    secret: &str,
    event: &Event,
    deadline: Deadline,
) -> Result<(), DeliveryError> {
    let Document { url } = super::outbox::given(services, secret).await?;
    let url = Url::parse(url.expose()).map_err(|_| DeliveryError::Secret)?;
    let mut call = Call::new("events.slack", Method::POST, url);
    call.body = Body::Json(json!({ "text": line(event) }));
    super::outbox::post(services, &call, deadline).await
}

/// Who, what, and whose turn it is. The customer's name is somebody's input, so Slack's control characters are taken out of it.
fn line(event: &Event) -> String {
    let customer = escaped(&event.customer);
    let (connection, happened, what) = (&event.connection, event.kind.in_words(), escaped(&event.what));
    match event.whose_turn {
        Who::Nobody => format!("*{customer}* {happened} ({connection})."),
        Who::Service => format!("*{customer}* {happened} ({connection}). {what}"),
        who => format!(
            "*{customer}* {happened} ({connection}). It is the turn of {}: {what}",
            who.in_words()
        ),
    }
}

fn escaped(text: &str) -> String {
    let plain = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    plain.replace(['*', '\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_cannot_address_a_channel() {
        assert_eq!(escaped("<!channel> A & *B*"), "&lt;!channel&gt; A &amp;  B ");
    }
}
