//! The questions that only a write answers, in the order in which they are asked: the one that a later one builds on comes first.

use crate::apex::anonymous_apex;
use crate::legacy_token::{legacy_token, package_code};
use crate::named_credential::{self, callout_status, endpoint};
use crate::org::CallFault;
use crate::own_provider::own_provider;
use crate::provider::{self, provider_patch, provider_put, token_url};
use crate::question::Probing;
use crate::relay::relay;

/// Name and purpose of every write.
pub const WRITES: [(&str, &str); 9] = [
    (
        "callout-status",
        "Tooling PATCH that switches callouts of the packaged Named Credential over and back",
    ),
    (
        "endpoint",
        "Tooling PATCH that gives the packaged Named Credential another path on the same host and back",
    ),
    (
        "provider-put",
        "Connect PUT of the packaged identity provider with the values that it has",
    ),
    (
        "provider-patch",
        "Tooling PATCH of the packaged identity provider with the values that it has",
    ),
    (
        "token-url",
        "Tooling PATCH that adds a query to the Token URL of the packaged identity provider and takes it away",
    ),
    (
        "own-provider",
        "makes an identity provider Connector_Probe with made-up credentials and deletes it",
    ),
    (
        "relay",
        "makes Connector_Probe_Relay, plays a browser that authorizes it without a PIM, and deletes it",
    ),
    (
        "legacy-token",
        "deploys a classic Named Credential Connector_Probe_Legacy with a token, calls out through it, deletes it",
    ),
    (
        "anonymous-apex",
        "anonymous Apex that reads one channel of the PIM through the packaged Named Credential",
    ),
];

/// Asks them all, each with consent. Every question is put back before the next is asked.
pub(crate) async fn ask_by_writing(probing: &mut Probing<'_>) -> Result<(), CallFault> {
    match probing.records.named_credential.clone() {
        Some(id) => {
            callout_status(probing, &id).await?;
            endpoint(probing, &id).await?;
        }
        None => named_credential::absent(probing),
    }
    match probing.records.provider.clone() {
        Some(id) => {
            provider_put(probing, &id).await?;
            provider_patch(probing, &id).await?;
            token_url(probing, &id).await?;
        }
        None => provider::absent(probing),
    }
    own_provider(probing).await?;
    relay(probing).await?;
    legacy_token(probing).await?;
    package_code(probing);
    anonymous_apex(probing).await
}
