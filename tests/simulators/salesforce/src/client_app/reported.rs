//! Apps as tests see them; secrets as SHA-256 only.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::org::Org;

/// All apps.
pub(crate) fn apps(org: &Org) -> Vec<Value> {
    let one = |app: &super::ClientApp| {
        json!({
            "developer_name": app.developer_name, "label": app.label, "description": app.description, "consumer_key": app.consumer_key,
            "consumer_secret_sha256": hex::encode(Sha256::digest(&app.consumer_secret)), "callback_url": app.callback_url,
            "scopes": app.scopes, "flow_in_settings": app.flow_in_settings, "flow_in_policy": app.flow_in_policy, "run_as": app.run_as,
        })
    };
    org.client_apps.iter().map(one).collect()
}
