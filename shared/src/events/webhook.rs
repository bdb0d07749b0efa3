//! The webhook: one POST for each event, signed as Standard Webhooks says, so that any of its libraries can verify it.
//!
//! The receiver's address follows the rules for all outbound calls; it is never redirected.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Method};
use serde::Deserialize;
use sha2::Sha256;

use super::Event;
use super::outbox::DeliveryError;
use crate::clock::Deadline;
use crate::config::Webhook;
use crate::outbound::{Body, Call};
use crate::secret::{Sensitive, SigningSecret};
use crate::service::Services;

/// The document behind `CONNECTOR_WEBHOOK_SECRET`.
#[derive(Deserialize)]
struct Document {
    secret: SigningSecret,
}

/// Sends an event to the receiver. Its 2xx is what counts.
pub(super) async fn send(
    services: &Services,
    webhook: &Webhook,
    event: &Event,
    deadline: Deadline,
) -> Result<(), DeliveryError> {
    let Document { secret } = super::outbox::given(services, &webhook.secret).await?;
    let body = serde_json::to_string(event).map_err(|_| DeliveryError::Unsendable)?;
    let timestamp = services.clock.now().as_second();
    let signature = signature(&secret, &event.id, timestamp, &body).ok_or(DeliveryError::Secret)?;
    let mut call = Call::new("events.webhook", Method::POST, webhook.url.clone());
    for (name, value) in [
        ("webhook-id", event.id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        let value = HeaderValue::from_str(&value).map_err(|_| DeliveryError::Unsendable)?;
        call.headers.insert(name, value);
    }
    call.body = Body::Raw {
        content_type: "application/json".to_owned(),
        bytes: Bytes::from(body),
    };
    super::outbox::post(services, &call, deadline).await
}

/// `v1,` and base64(HMAC-SHA256(`id.timestamp.body`)) under the key that `whsec_…` holds in base64. `None` for a secret of another shape.
#[must_use]
pub fn signature(secret: &SigningSecret, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok().filter(|_| !key.is_empty())?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// printf '%s' 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}' |
    ///   openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | base64 -d | xxd -p) -binary | base64
    #[test]
    fn the_published_example_has_the_published_signature() {
        let check = |secret: &str, expect: Option<&str>| {
            let found = signature(
                &SigningSecret::new(secret),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
            );
            assert_eq!(found.as_deref(), expect, "{secret}");
        };
        check(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        );
        check("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", None);
        check("whsec_not base64", None);
        check("whsec_", None);
    }
}
