//! The legacy records in the control's report. Secrets appear only as SHA-256; access tokens as they are, so that a test can prove which
//! token Salesforce uses.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::PluginRecord;
use crate::org::Org;

/// Auth. Providers.
pub(crate) fn providers(org: &Org) -> Vec<Value> {
    let one = |provider: &super::AuthProvider| {
        let metadata = &provider.metadata;
        json!({
            "id": provider.header.id, "developer_name": provider.header.developer_name, "provider_type": metadata.provider_type,
            "friendly_name": metadata.friendly_name, "plugin": metadata.plugin, "record": metadata.custom_metadata_type_record,
        })
    };
    org.auth_providers.iter().map(one).collect()
}

/// Records with the plugin's settings.
pub(crate) fn records(org: &Org) -> Vec<Value> {
    org.plugin_records.iter().map(record).collect()
}

fn record(record: &PluginRecord) -> Value {
    let values: Map<String, Value> = record
        .values
        .iter()
        .map(|(name, value)| {
            let secret = name.to_ascii_lowercase().contains("secret");
            let shown = if secret {
                hex::encode(Sha256::digest(value))
            } else {
                value.clone()
            };
            (name.clone(), Value::from(shown))
        })
        .collect();
    json!({ "full_name": record.full_name(), "label": record.label, "values": values })
}

/// Tokens of classic Named Credentials.
pub(crate) fn tokens(org: &Org) -> Vec<Value> {
    let one = |(id, token): (&String, &crate::org::external_credential::StoredToken)| json!({ "named_credential": id, "access_token": token.access_token, "scope": token.scope });
    org.legacy_tokens.iter().map(one).collect()
}
